import TestSupport
import Testing

@testable import Gateway

@Suite("Addresses, and whom proxies speak for")
struct AddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"), ("[::1]", "::1"),
    ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
  ])
  func addressesAreReadAndWritten(text: String, canonical: String) throws {
    #expect(try #require(NetworkAddress(text)).description == canonical)
  }

  @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4:80", "1.2.3.4.5", "::g", "[1.2.3.4", "01.2.3.4", "1.2.3.4 "])
  func whatIsNoAddressIsNone(text: String) {
    #expect(NetworkAddress(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.1", "192.0.2.1", true),
    ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false),
    ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false), ("2001:db8::/33", "2001:db8:7fff::", true),
    ("2001:db8::/33", "2001:db8:8000::", false), ("192.0.2.128/25", "192.0.2.127", false), ("::1/128", "::1", true),
  ])
  func aNetworkHasTheAddressesThatBeginAlike(range: String, address: String, isIn: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(try #require(NetworkAddress(address))) == isIn)
  }

  @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/", "/8", "10.0.0.0/8/8", "a/8", ""])
  func whatIsNoNetworkIsNone(text: String) {
    #expect(AddressRange(text) == nil)
  }

  @Test func limitsCountACustomerOfIPv6() throws {
    let (one, other) = (try #require(NetworkAddress("2001:db8::1")), try #require(NetworkAddress("2001:db8::2:1")))
    #expect(one.customer == other.customer && one != other)
    #expect(one.customer != NetworkAddress("2001:db8:0:1::1")?.customer)
  }

  private struct Case: CustomStringConvertible, Sendable {
    let socket: String
    let headers: [String]
    let sender: String
    var isPrivate = false
    var header = ProxyTrust.Header.xForwardedFor

    var description: String { "\(socket) \(headers)" }
  }

  /// 192.0.2.0/24 are proxies, everybody else is not.
  private static let cases = [
    // Nobody is believed but the proxies.
    Case(socket: "203.0.113.1", headers: ["x-forwarded-for: 198.51.100.1"], sender: "203.0.113.1:7"),
    Case(socket: "203.0.113.1", headers: ["x-forwarded-proto: https"], sender: "203.0.113.1:7"),
    Case(socket: "127.0.0.1", headers: ["x-forwarded-for: 198.51.100.1"], sender: "127.0.0.1:7", isPrivate: true),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 198.51.100.1"], sender: "198.51.100.1"),
    Case(
      socket: "192.0.2.1", headers: ["x-forwarded-for: 198.51.100.1", "x-forwarded-proto: https"],
      sender: "198.51.100.1", isPrivate: true),
    Case(
      socket: "192.0.2.1", headers: ["x-forwarded-for: 198.51.100.1", "x-forwarded-proto: https, http"],
      sender: "198.51.100.1"),
    // What the client itself put in front is not believed.
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 127.0.0.1, 198.51.100.1"], sender: "198.51.100.1"),
    Case(
      socket: "192.0.2.1", headers: ["x-forwarded-for: 127.0.0.1", "x-forwarded-for: 198.51.100.1"],
      sender: "198.51.100.1"),
    // A comma is one, also behind what makes one character with it.
    Case(
      socket: "192.0.2.1", headers: ["x-forwarded-for: 127.0.0.1\u{600}, 198.51.100.1"], sender: "198.51.100.1"),
    // Proxies behind each other.
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 10.0.0.1, 198.51.100.1,192.0.2.9"], sender: "198.51.100.1"),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 192.0.2.8, 192.0.2.9"], sender: "192.0.2.8"),
    // What cannot be read names nobody.
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 127.0.0.1, nonsense"], sender: "192.0.2.1"),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: "], sender: "192.0.2.1"),
    Case(socket: "192.0.2.1", headers: [], sender: "192.0.2.1"),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 198.51.100.1:4711"], sender: "198.51.100.1"),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: [2001:db8::1]:4711"], sender: "2001:db8::1"),
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 2001:db8::1"], sender: "2001:db8::1"),
    // An address from elsewhere is none of this machine, whatever the proxy says.
    Case(socket: "192.0.2.1", headers: ["x-forwarded-for: 127.0.0.1"], sender: "127.0.0.1"),
    // The other header is the client's.
    Case(socket: "192.0.2.1", headers: ["forwarded: for=198.51.100.1;proto=https"], sender: "192.0.2.1"),
    Case(
      socket: "192.0.2.1", headers: ["forwarded: for=127.0.0.1, For=\"[2001:db8::1]:80\";proto=https;by=192.0.2.1"],
      sender: "2001:db8::1", isPrivate: true, header: .forwarded),
    Case(
      socket: "192.0.2.1", headers: ["forwarded: for=198.51.100.1;proto=http", "x-forwarded-proto: https"],
      sender: "198.51.100.1", header: .forwarded),
    Case(
      socket: "192.0.2.1", headers: ["forwarded: for=_hidden, for=192.0.2.7;proto=https"], sender: "192.0.2.7",
      isPrivate: true, header: .forwarded),
    Case(
      socket: "192.0.2.1", headers: ["x-forwarded-for: 198.51.100.1", "x-forwarded-proto: https"], sender: "192.0.2.1",
      header: .forwarded),
  ]

  @Test(arguments: cases) private func aProxyThatIsTrustedIsBelieved(example: Case) throws {
    var trust = ProxyTrust()
    trust.proxies = [try #require(AddressRange("192.0.2.0/24"))]
    trust.header = example.header
    let socket = Peer(socket: try #require(NetworkAddress(example.socket)), port: 7)
    var parser = HTTPRequestParser(limits: .init(headBytes: 4096, headerCount: 20, bodyBytes: 0), peer: socket)
    let text = (["GET / HTTP/1.1", "Host: x"] + example.headers).joined(separator: "\r\n") + "\r\n\r\n"
    Array(text.utf8).withUnsafeBytes { parser.append($0) }
    guard case .request(let message) = try parser.next() else { return #expect(Bool(false), "no request") }
    let sender = trust.sender(of: message.request, from: socket)
    #expect(sender.description == example.sender)
    #expect(sender.isPrivate == example.isPrivate)
  }

  /// Over any time no more comes than the rate allows and what may come at once; and who keeps to the rate is never refused.
  @Test(arguments: 0..<50) func aBudgetAllowsItsRateAndABurst(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rate = Double(Int.random(in: 1...100, using: &random))
    var (budget, now) = (RateBudget(perSecond: rate, now: 0), Milliseconds(0))
    var taken = 0
    for _ in 0..<2000 {
      now += Milliseconds.random(in: 0...30, using: &random)
      if budget.take(perSecond: rate, now: now) { taken += 1 }
      #expect(Double(taken) <= rate * (RateBudget.burst + Double(now) / 1000) + 0.001, "seed \(seed)")
    }
    #expect(taken >= min(2000, Int(rate * RateBudget.burst)), "seed \(seed)")
    var steady = RateBudget(perSecond: rate, now: 0)
    let refused = (0..<1000).filter { !steady.take(perSecond: rate, now: Milliseconds(Double($0) * 1000 / rate)) }
    #expect(refused.isEmpty, "seed \(seed)")
  }
}
