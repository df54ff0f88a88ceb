import TestSupport
import Testing

@testable import Gateway

@Suite("What may come from one address", .serialized, .timeLimit(.minutes(1)))
struct AddressLimitTests {
  private func server(_ configure: (inout ServerConfiguration) -> Void) throws -> TestServer {
    try TestServer {
      $0.addresses.exempt = []
      configure(&$0)
    }
  }

  /// Waits until the server has noticed that clients have gone.
  private func wait(for connections: Int, at server: TestServer) throws {
    try until("there are \(connections) connections") {
      (try? server.statistics()).map { $0.httpConnections + $0.websockets == connections } ?? false
    }
  }

  @Test func oneAddressHasSoManyConnectionsAndOthersHaveTheirs() throws {
    let server = try server { $0.addresses.connections = 2 }
    let first = try TestSocket(port: server.port)
    let second = try TestWebSocket(port: server.port)
    #expect(try first.get("/a").status == 200)
    let refused = try TestSocket(port: server.port).readResponse()
    #expect(refused.status == 429 && refused.headers["retry-after"] == "10")
    #expect(try TestSocket(port: server.port, source: "127.0.0.2").get("/a").status == 200)
    // A websocket counts until it is closed, as what it was before does.
    second.socket.close()
    try wait(for: 1, at: server)
    let third = try TestWebSocket(port: server.port)
    #expect(try TestSocket(port: server.port).readResponse().status == 429)
    first.close()
    try wait(for: 1, at: server)
    #expect(try TestSocket(port: server.port).get("/a").status == 200)
    try third.send(.binary, [1])
    #expect(try third.readMessage().payload == [1])
    #expect(try server.statistics().refusals[.addressConnections] == 2)
  }

  @Test func newConnectionsOfOneAddressHaveARate() throws {
    let server = try server { $0.addresses.connectionsPerSecond = 1 }
    for _ in 0..<10 { #expect(try TestSocket(port: server.port).get("/a").status == 200) }
    #expect(try TestSocket(port: server.port).readResponse().status == 429)
    #expect(try TestSocket(port: server.port, source: "127.0.0.2").get("/a").status == 200)
    // After a second there is room for one again.
    try until("there is room") { (try? TestSocket(port: server.port).get("/a").status) == 200 }
  }

  @Test func requestsOfOneAddressHaveARate() throws {
    let server = try server { $0.addresses.requestsPerSecond = 1 }
    let client = try TestSocket(port: server.port)
    for _ in 0..<10 { #expect(try client.get("/a").status == 200) }
    #expect(try client.get("/a").status == 429)
    #expect(try client.get("/echo", headers: TestWebSocket.handshakeHeaders).status == 429)
    #expect(try TestSocket(port: server.port, source: "127.0.0.2").get("/a").status == 200)
  }

  @Test func theServersOwnMachineHasNoLimits() throws {
    let server = try TestServer {
      $0.addresses.connections = 1
      $0.addresses.connectionsPerSecond = 0.1
      $0.addresses.requestsPerSecond = 0.1
    }
    let clients = try (0..<5).map { _ in try TestSocket(port: server.port) }
    for client in clients { #expect(try client.get("/a").status == 200) }
  }

  private func proxied(_ address: String) -> [String] { ["X-Forwarded-For: \(address)", "X-Forwarded-Proto: https"] }

  /// Behind a proxy it is the clients that are counted, and not the proxy, however many connections it has.
  @Test func behindAProxyItIsTheClientsThatAreCounted() throws {
    let server = try server {
      $0.proxies.proxies = AddressRange.loopback
      $0.addresses.connections = 1
      $0.addresses.connectionsPerSecond = 1
      $0.addresses.requestsPerSecond = 2
    }
    let one = try TestWebSocket(port: server.port, headers: proxied("203.0.113.1"))
    _ = try TestWebSocket(port: server.port, headers: proxied("203.0.113.2"))
    let refused = try TestSocket(port: server.port).get(
      "/echo", headers: TestWebSocket.handshakeHeaders + proxied("203.0.113.1"))
    #expect(refused.status == 429)
    one.socket.close()
    try server.log.wait(for: .closed(1006), count: 2)
    _ = try TestWebSocket(port: server.port, headers: proxied("203.0.113.1"))
    let proxy = try TestSocket(port: server.port)
    for _ in 0..<20 { #expect(try proxy.get("/a", headers: proxied("203.0.113.4")).status == 200) }
    #expect(try proxy.get("/a", headers: proxied("203.0.113.4")).status == 429)
    #expect(try proxy.get("/a", headers: proxied("203.0.113.5")).status == 200)
  }

  @Test func aClientIsKnownByWhatATrustedProxySaysAndBySocketElse() throws {
    let trusting = try server { $0.proxies.proxies = AddressRange.loopback }
    let client = try TestSocket(port: trusting.port)
    #expect(try client.get("/whoami", headers: proxied("203.0.113.1")).text == "203.0.113.1 true")
    #expect(try client.get("/whoami", headers: ["X-Forwarded-For: 203.0.113.2"]).text == "203.0.113.2 false")
    let doubting = try server { _ in }
    let answer = try TestSocket(port: doubting.port).get("/whoami", headers: proxied("203.0.113.1")).text
    #expect(answer.hasPrefix("127.0.0.1:") && answer.hasSuffix(" true"))
  }

  /// Who is known of stays no longer than it matters.
  @Test func addressesAreForgotten() throws {
    var limits = AddressLimits()
    limits.exempt = []
    let book = AddressBook(limits, ProxyTrust())
    for number in 0..<1000 {
      let address = NetworkAddress(high: 0, low: 0xFFFF_0000_0000 | UInt64(number))
      #expect(book.admits(socket: address, now: 20_000))
      if number > 0 { book.left(socket: address) }
    }
    book.tick(now: 20_000)
    #expect(book.count == 1000)
    book.tick(now: 40_000)
    #expect(book.count == 1, "only of the first something is open")
  }
}
