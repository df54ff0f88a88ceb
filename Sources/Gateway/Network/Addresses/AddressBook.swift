/// What comes from each address, and whether it may be more. Confined to the loop's thread.
///
/// A connection counts for its socket's address; one of a trusted proxy does not count, but each websocket over it does,
/// for the client's address.
final class AddressBook {
  private struct Entry {
    var connections = 0
    var arrivals: RateBudget
    var requests: RateBudget
    var refusedTokens: RateBudget
  }

  let limits: AddressLimits
  let trust: ProxyTrust
  private var entries: [NetworkAddress: Entry] = [:]
  /// For whom each websocket counts.
  private var websockets: [ConnectionID: NetworkAddress] = [:]
  private var forgottenAt: Milliseconds = 0

  init(_ limits: AddressLimits, _ trust: ProxyTrust) {
    (self.limits, self.trust) = (limits, trust)
  }

  /// How many addresses something is known of.
  var count: Int { entries.count }

  /// Whom something of an address counts for; nil where nothing of it is counted.
  private func counted(_ address: NetworkAddress) -> NetworkAddress? {
    limits.exempt.contains { $0.contains(address) } ? nil : address.customer
  }

  // MARK: Connections

  /// Whether a socket may be opened. It then counts until `left`.
  func admits(socket address: NetworkAddress, now: Milliseconds) -> Bool {
    trust.isTrusted(address) || enter(address, now: now)
  }

  /// A socket was closed, and has not become a websocket.
  func left(socket address: NetworkAddress) {
    if !trust.isTrusted(address) { leave(address) }
  }

  /// Whether a websocket may be opened over a connection, which from then on counts for its client.
  func admits(websocket id: ConnectionID, of peer: Peer, over socket: Peer, now: Milliseconds) -> Bool {
    if trust.isTrusted(socket.address) {
      guard enter(peer.address, now: now) else { return false }
    }
    websockets[id] = peer.address
    return true
  }

  /// A websocket was closed, or could not be opened.
  func left(websocket id: ConnectionID) {
    if let address = websockets.removeValue(forKey: id) { leave(address) }
  }

  private func enter(_ address: NetworkAddress, now: Milliseconds) -> Bool {
    guard let key = counted(address) else { return true }
    return change(key, now) { entry in
      guard limits.connections == 0 || entry.connections < limits.connections,
        entry.arrivals.take(perSecond: limits.connectionsPerSecond, now: now)
      else { return false }
      entry.connections += 1
      return true
    }
  }

  private func leave(_ address: NetworkAddress) {
    guard let key = counted(address) else { return }
    entries[key]?.connections -= 1
  }

  // MARK: Requests and tokens

  func admitsRequest(of peer: Peer, now: Milliseconds) -> Bool {
    guard let key = counted(peer.address) else { return true }
    return change(key, now) { $0.requests.take(perSecond: limits.requestsPerSecond, now: now) }
  }

  /// Whether a token is looked at: not where too many of the address were no good.
  func admitsToken(of peer: Peer, now: Milliseconds) -> Bool {
    guard let key = counted(peer.address) else { return true }
    return change(key, now) { $0.refusedTokens.hasRoom(perSecond: limits.refusedTokensPerSecond, now: now) }
  }

  /// A token was no good.
  func refusedToken(of peer: Peer, now: Milliseconds) {
    guard let key = counted(peer.address) else { return }
    _ = change(key, now) { $0.refusedTokens.take(perSecond: limits.refusedTokensPerSecond, now: now) }
  }

  private func change(_ key: NetworkAddress, _ now: Milliseconds, _ body: (inout Entry) -> Bool) -> Bool {
    var entry =
      entries[key]
      ?? Entry(
        arrivals: RateBudget(perSecond: limits.connectionsPerSecond, now: now),
        requests: RateBudget(perSecond: limits.requestsPerSecond, now: now),
        refusedTokens: RateBudget(perSecond: limits.refusedTokensPerSecond, now: now))
    let result = body(&entry)
    entries[key] = entry
    return result
  }

  /// Forgets addresses of which nothing is open and that could do all at once again, which is so after a burst's time. O(addresses)
  /// every few seconds, so that there are never more than come and stay in between.
  func tick(now: Milliseconds) {
    guard now - forgottenAt >= Milliseconds(RateBudget.burst * 1000) else { return }
    forgottenAt = now
    entries = entries.filter { _, entry in
      var entry = entry
      return entry.connections > 0 || !entry.arrivals.isFull(perSecond: limits.connectionsPerSecond, now: now)
        || !entry.requests.isFull(perSecond: limits.requestsPerSecond, now: now)
        || !entry.refusedTokens.isFull(perSecond: limits.refusedTokensPerSecond, now: now)
    }
  }
}
