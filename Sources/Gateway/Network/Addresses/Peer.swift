/// Who is at the other end: the client itself, also where a proxy that is trusted stands between.
struct Peer: Hashable, Sendable, CustomStringConvertible {
  let address: NetworkAddress
  /// Of the client's socket; nil where only a proxy knows it.
  var port: UInt16?
  /// Whether nobody between the client and this machine can read along: it came over TLS, or comes from this machine.
  let isPrivate: Bool

  /// Whoever has opened the socket.
  init(socket address: NetworkAddress, port: UInt16) {
    (self.address, self.port, isPrivate) = (address, port, address.isLoopback)
  }

  /// Whom a proxy speaks for.
  init(forwarded address: NetworkAddress, isEncrypted: Bool) {
    (self.address, port, isPrivate) = (address, nil, isEncrypted)
  }

  /// "192.0.2.1:50000", "[2001:db8::1]:50000"; without the port where that is not known.
  var description: String {
    guard let port else { return "\(address)" }
    return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
