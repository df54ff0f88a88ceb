/// Which proxies are believed when they say for whom they speak, and where they say it.
public struct ProxyTrust: Hashable, Sendable {
  /// The header that the proxies write. Clients may send the other one as well, and nobody takes it out: so only one is read.
  public enum Header: String, CaseIterable, Sendable {
    /// `X-Forwarded-For` with `X-Forwarded-Proto`.
    case xForwardedFor = "x-forwarded-for"
    /// `Forwarded` (RFC 7239).
    case forwarded
  }

  /// The proxies' addresses. What others say about whom they speak for is ignored.
  public var proxies: [AddressRange] = []
  public var header = Header.xForwardedFor

  /// Believes nobody.
  public init() {}

  func isTrusted(_ address: NetworkAddress) -> Bool {
    proxies.contains { $0.contains(address) }
  }

  /// Who has sent a request: of the chain that the header names the last one that is no trusted proxy.
  func sender(of request: HTTPRequest, from socket: Peer) -> Peer {
    guard isTrusted(socket.address) else { return socket }
    let hops = hops(of: request)
    var sender = Peer(forwarded: socket.address, isEncrypted: isEncrypted(hops.last, request))
    for hop in hops.reversed() {
      // What cannot be read was written by nobody who is trusted, or by a proxy that hides it.
      guard let address = hop.address else { break }
      sender = Peer(forwarded: address, isEncrypted: isEncrypted(hop, request))
      if !isTrusted(address) { break }
    }
    return sender
  }

  private struct Hop {
    let address: NetworkAddress?
    let scheme: String?
  }

  /// From the client on.
  private func hops(of request: HTTPRequest) -> [Hop] {
    switch header {
    case .xForwardedFor:
      request.tokens(of: "x-forwarded-for").map { Hop(address: Self.address($0), scheme: nil) }
    case .forwarded: request.tokens(of: "forwarded").map(Self.hop)
    }
  }

  /// How the client's request came to the outermost proxy, as far as the innermost says it.
  private func isEncrypted(_ hop: Hop?, _ request: HTTPRequest) -> Bool {
    switch header {
    case .xForwardedFor: request.tokens(of: "x-forwarded-proto").last == "https"
    case .forwarded: hop?.scheme == "https"
    }
  }

  /// An element of `Forwarded`: `for=192.0.2.1;proto=https`, in lower case already.
  private static func hop(_ element: String) -> Hop {
    var values: [Substring: String] = [:]
    for pair in element.split(separator: ";") {
      guard let sign = pair.firstIndex(of: "=") else { continue }
      let name = pair[..<sign].filter { $0 != " " && $0 != "\t" }
      values[Substring(name)] = pair[pair.index(after: sign)...].filter { !"\" \t".contains($0) }
    }
    return Hop(address: values["for"].flatMap(address), scheme: values["proto"])
  }

  /// An address that may have a port: "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80".
  private static func address(_ text: String) -> NetworkAddress? {
    if let address = NetworkAddress(text) { return address }
    guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return nil }
    let host = text[..<colon]
    guard !host.contains(":") || host.hasPrefix("[") else { return nil }
    return NetworkAddress(host)
  }
}
