/// Who is in a room and what they show of themselves (name, cursor): a small map from client to JSON state that is
/// passed on and never stored. Each client counts its changes in a clock, and the highest clock wins.
///
/// This is the server's copy. It announces nothing of its own; it remembers through which member each client was
/// announced, so that a client goes when its member does. Times are milliseconds of any steady clock.
public struct Awareness: Codable, Sendable {
  /// What one room keeps at most.
  public struct Limits: Codable, Sendable {
    /// Clients that are present in the room, and entries of one update.
    public var maximumClients: Int
    /// Clients that are present through one member. Browser tabs of one user relay each other.
    public var maximumClientsPerMember: Int
    /// UTF-8 bytes of one state.
    public var maximumStateBytes: Int
    /// UTF-8 bytes of all states of the room.
    public var maximumBytes: Int

    /// Limits that no honest room meets.
    public init(
      maximumClients: Int = 4096, maximumClientsPerMember: Int = 64,
      maximumStateBytes: Int = 64 << 10, maximumBytes: Int = 8 << 20
    ) {
      self.maximumClients = maximumClients
      self.maximumClientsPerMember = maximumClientsPerMember
      self.maximumStateBytes = maximumStateBytes
      self.maximumBytes = maximumBytes
    }
  }

  /// What an update changed.
  public struct Change: Hashable, Sendable {
    /// Clients that were never here before.
    public var added: [UInt64] = []
    /// Clients whose state was renewed, equal or not, and clients that came back.
    public var updated: [UInt64] = []
    /// Clients that left.
    public var removed: [UInt64] = []
    /// Clients whose news found no room under the limits.
    public var refused: [UInt64] = []
    /// Clients that are told to announce themselves anew: see `reply`.
    public var outdated: [UInt64] = []
    /// What members are to be told because another server believes that their client is gone, by member. Such a client announces
    /// itself anew, too.
    public var disputes: [UInt64: [UInt8]] = [:]
    /// What every member is to be told: the part of the update that was news. Nil if nothing was.
    public var broadcast: [UInt8]?
    /// What the sender alone is to be told: clients that it believes present at a clock with which they were removed.
    /// A client that finds itself among them raises its clock and announces itself anew, so that somebody who
    /// reconnects at once is seen at once.
    public var reply: [UInt8]?
  }

  /// A client that is not heard of for this long (milliseconds) is gone. Clients renew their state every 15 s.
  public static let timeout: Int64 = 30_000

  private struct Presence: Codable {
    var clock: UInt64
    var state: String?
    var member: UInt64
    /// Whether `member` is another server.
    var isElsewhere = false
    var lastHeard: Int64
  }

  /// Who says something.
  public enum Speaker: Hashable, Sendable {
    case member
    /// Another server, of its members.
    case server
  }

  private let limits: Limits
  private var presences: [UInt64: Presence] = [:]
  /// How many presences have a state, in all and by member, and the bytes of the states.
  private var presentCount = 0
  private var presentThrough: [UInt64: Int] = [:]
  private var stateBytes = 0

  /// Nobody is here.
  public init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// The clients that are present, ascending.
  public var clients: [UInt64] { presences.filter { $0.value.state != nil }.keys.sorted() }

  /// Whether nobody is present.
  public var isEmpty: Bool { presentCount == 0 }

  /// The JSON state of a client that is present.
  public subscript(client: UInt64) -> String? { presences[client]?.state }

  /// The clients that are present through members of this server, ascending.
  public var clientsHere: [UInt64] {
    presences.filter { $0.value.state != nil && !$0.value.isElsewhere }.keys.sorted()
  }

  /// Whether a client is, or was last, here through another server.
  public func isElsewhere(_ client: UInt64) -> Bool { presences[client]?.isElsewhere ?? false }

  /// The clients that are present through a member, ascending.
  public func clients(of member: UInt64) -> [UInt64] {
    presences.filter { $0.value.state != nil && $0.value.member == member }.keys.sorted()
  }

  /// The clock of a client, also of one that left a while ago.
  public func clock(of client: UInt64) -> UInt64? { presences[client]?.clock }

  /// Takes in what a member says. A wrong update throws and changes nothing.
  ///
  /// An entry is news if its clock is higher than the known one (0 for an unknown client). A removal at the known
  /// clock is news only from the member through which the client is here: members that merely lost sight of somebody
  /// say so too, and whether somebody is gone is decided here.
  ///
  /// What it says of clients that `isForeign` names is refused: they are here through somebody else.
  public mutating func apply(
    _ update: [UInt8], from member: UInt64, as speaker: Speaker = .member, now: Int64,
    refusing isForeign: (UInt64) -> Bool = { _ in false }
  ) throws(ProtocolError) -> Change {
    let decoded = try AwarenessUpdate(decoding: update, limits: limits)
    var change = Change()
    var news: [AwarenessUpdate.Entry] = []
    var disputed: [UInt64: [(client: UInt64, clock: UInt64, state: String?)]] = [:]
    for entry in decoded.entries {
      guard !isForeign(entry.client) else {
        change.refused.append(entry.client)
        continue
      }
      let known = presences[entry.client]
      guard isNews(entry, known: known, from: member) else {
        guard let known else { continue }
        if entry.state != nil, known.state == nil {
          change.outdated.append(entry.client)
        } else if isDispute(entry, known, speaker) {
          disputed[known.member, default: []].append((client: entry.client, clock: entry.clock, state: nil))
        }
        continue
      }
      guard hasRoom(for: entry, known: known, from: member, speaker) else {
        change.refused.append(entry.client)
        continue
      }
      store(entry, from: member, speaker, now: now)
      switch (known, entry.state) {
      case (nil, nil): continue
      case (nil, .some): change.added.append(entry.client)
      case (.some, .some): change.updated.append(entry.client)
      case (.some, nil): change.removed.append(entry.client)
      }
      news.append(entry)
    }
    if !news.isEmpty {
      let isWhole = news.count == decoded.entries.count && decoded.isExact
      change.broadcast = isWhole ? update : AwarenessUpdate.encode(news, from: update)
    }
    if !change.outdated.isEmpty { change.reply = encoded(change.outdated) }
    change.disputes = disputed.mapValues(AwarenessUpdate.encode)
    return change
  }

  /// Removes the clients that are here through a member that left.
  /// - Returns: what everybody else is to be told, nil if there was none.
  public mutating func removeClients(of member: UInt64) -> [UInt8]? {
    remove { $1.member == member }
  }

  /// Removes some clients.
  /// - Returns: what everybody is to be told, nil if none was present.
  public mutating func removeClients(_ clients: Set<UInt64>) -> [UInt8]? {
    remove { client, _ in clients.contains(client) }
  }

  /// Removes the clients that have not been heard of for `timeout`. Linear in the number of clients.
  /// - Returns: what everybody is to be told, nil if there was none.
  public mutating func removeSilentClients(now: Int64) -> [UInt8]? {
    remove { now - $1.lastHeard >= Self.timeout }
  }

  /// What a new member is to be told: everybody who is present. Nil if nobody is.
  public func encoded() -> [UInt8]? {
    isEmpty ? nil : encoded(clients)
  }

  /// What is known of some clients. Those that were never heard of are left out.
  public func encoded(_ clients: [UInt64]) -> [UInt8] {
    AwarenessUpdate.encode(
      clients.compactMap { client in
        presences[client].map { (client: client, clock: $0.clock, state: $0.state) }
      })
  }
}

extension Awareness {
  private func isNews(_ entry: AwarenessUpdate.Entry, known: Presence?, from member: UInt64) -> Bool {
    guard let known else { return entry.clock > 0 }
    if entry.clock == known.clock {
      return entry.state == nil && known.state != nil && known.member == member
    }
    return entry.clock > known.clock
  }

  private func hasRoom(
    for entry: AwarenessUpdate.Entry, known: Presence?, from member: UInt64, _ speaker: Speaker
  ) -> Bool {
    guard let state = entry.state else { return true }
    let released = known?.state?.utf8.count ?? 0
    guard stateBytes - released + state.utf8.count <= limits.maximumBytes else { return false }
    if known?.state != nil, known?.member == member { return true }
    if known?.state == nil, presentCount >= limits.maximumClients { return false }
    return speaker == .server || presentThrough[member, default: 0] < limits.maximumClientsPerMember
  }

  /// Whether another server takes somebody for gone who is here.
  private func isDispute(_ entry: AwarenessUpdate.Entry, _ known: Presence, _ speaker: Speaker) -> Bool {
    speaker == .server && entry.state == nil && known.state != nil && !known.isElsewhere && entry.clock == known.clock
  }

  private mutating func store(_ entry: AwarenessUpdate.Entry, from member: UInt64, _ speaker: Speaker, now: Int64) {
    count(presences[entry.client], -1)
    let presence = Presence(
      clock: entry.clock, state: entry.state, member: member, isElsewhere: speaker == .server, lastHeard: now)
    presences[entry.client] = presence
    count(presence, 1)
    if presences.count >= 2 * limits.maximumClients { forgetRemovedClients() }
  }

  private mutating func count(_ presence: Presence?, _ sign: Int) {
    guard let presence, let state = presence.state else { return }
    presentCount += sign
    stateBytes += sign * state.utf8.count
    let through = presentThrough[presence.member, default: 0] + sign
    presentThrough[presence.member] = through == 0 ? nil : through
  }

  /// The clock stays: the removal is told with the clock under which the client was present, so that the client only
  /// has to count on to be seen again.
  private mutating func remove(where isGone: (UInt64, Presence) -> Bool) -> [UInt8]? {
    let gone = presences.filter { $0.value.state != nil && isGone($0.key, $0.value) }.keys.sorted()
    guard !gone.isEmpty else { return nil }
    for client in gone {
      count(presences[client], -1)
      presences[client]?.state = nil
    }
    return encoded(gone)
  }

  /// Clocks of clients that left are kept to recognise late news of them, but not for ever: this drops the older half.
  private mutating func forgetRemovedClients() {
    let removed = presences.filter { $0.value.state == nil }.sorted {
      ($0.value.lastHeard, $0.key) < ($1.value.lastHeard, $1.key)
    }
    for (client, _) in removed.prefix((removed.count + 1) / 2) { presences[client] = nil }
  }
}
