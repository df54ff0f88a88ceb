/// What may come from one address (of IPv6: from one network of 64 bits). 0 means that there is no limit.
public struct AddressLimits: Hashable, Sendable {
  /// Open connections, websockets included.
  public var connections = 1024
  /// New connections per second. Of this and the next two ten seconds' worth may come at once.
  public var connectionsPerSecond = 50.0
  /// Requests per second, handshakes of websockets included.
  public var requestsPerSecond = 500.0
  /// Tokens per second that are no good.
  public var refusedTokensPerSecond = 10.0
  /// Addresses that none of this is for.
  public var exempt = AddressRange.loopback

  /// The defaults.
  public init() {}
}
