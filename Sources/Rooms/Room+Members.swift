import YCRDT
import YProtocol

extension Room {
  struct Member {
    let isReadOnly: Bool
    /// What it sent before the document was there, in order.
    var early: [Message] = []
    var earlyBytes = 0
    /// What the member was sent as a whole, when it last was. What came later may have been dropped while it lagged.
    var synced = StateVector()
    var isLagging = false
    /// The last append that holds something of this member.
    var lastAppendIndex = 0
    var wasToldReadOnly = false
  }

  var isServing: Bool { phase == .serving }

  mutating func join(_ id: MemberID, isReadOnly: Bool) {
    guard !isDraining else { return effects.append(.close(id, .restarting)) }
    members[id] = Member(isReadOnly: isReadOnly || name.version != nil)
    emptySince = nil
    if isServing { greet(id) } else { loadIfNeeded() }
  }

  mutating func leave(_ id: MemberID) {
    guard members.removeValue(forKey: id) != nil else { return }
    waitingAcknowledgements.removeAll { $0.member == id }
    if let removal = awareness.removeClients(of: id) { tellEverybody(removal) }
    if members.isEmpty { emptySince = now }
  }

  mutating func received(_ message: Message, from id: MemberID) {
    guard let member = members[id] else { return }
    guard isServing else { return keepForLater(message, from: id) }
    switch message {
    case .update(let update), .syncStep2(let update): receivedUpdate(update, from: id, member)
    case .syncStep1(let stateVector): answer(stateVector, of: id)
    case .awareness(let update): receivedAwareness(update, from: id)
    case .queryAwareness: sendAwareness(to: id)
    case .syncStatus(let payload): acknowledge(payload, to: id, member)
    case .permissionDenied, .unknown: break
    }
  }

  private mutating func keepForLater(_ message: Message, from id: MemberID) {
    guard var member = members[id] else { return }
    member.early.append(message)
    member.earlyBytes += message.payloadBytes
    members[id] = member
    if member.earlyBytes > configuration.maximumEarlyBytes {
      dismiss(id, .tryAgainLater("more than \(configuration.maximumEarlyBytes) bytes before the document was loaded"))
    }
  }

  /// Begins to serve everybody who waits, in the order of their ids so that a run can be repeated.
  mutating func startServing() {
    phase = .serving
    lastToldEverybody = now
    for id in members.keys.sorted() {
      greet(id)
      guard let early = members[id]?.early else { continue }
      members[id]?.early = []
      members[id]?.earlyBytes = 0
      for message in early { received(message, from: id) }
    }
  }

  /// Step 1 asks for what the member has and the server lacks: edits made offline, or never acknowledged.
  private mutating func greet(_ id: MemberID) {
    if members[id]?.isReadOnly == false {
      effects.append(.send(id, .syncStep1(doc.stateVector.encoded())))
    }
    sendAwareness(to: id)
  }

  private mutating func answer(_ stateVector: [UInt8], of id: MemberID) {
    do {
      let known = try StateVector(decoding: stateVector)
      effects.append(.send(id, .syncStep2(doc.encodeStateAsUpdate(since: known))))
      if members[id]?.isLagging == false { members[id]?.synced = doc.stateVector }
    } catch {
      dismiss(id, .rejected("unreadable state vector: \(error)"))
    }
  }

  private mutating func sendAwareness(to id: MemberID) {
    if let everybody = awareness.encoded() { effects.append(.send(id, .awareness(everybody))) }
  }

  private mutating func receivedAwareness(_ update: [UInt8], from id: MemberID) {
    do {
      let change = try awareness.apply(update, from: id, now: now)
      // Back to the sender as well: its client takes silence of 30 s for a broken connection.
      if let news = change.broadcast { tellEverybody(news) }
      if let reply = change.reply { effects.append(.send(id, .awareness(reply))) }
    } catch {
      dismiss(id, .rejected("\(error)"))
    }
  }

  /// From here on, or from a moment ago, the member misses what is broadcast.
  mutating func lagging(_ id: MemberID) {
    members[id]?.isLagging = true
  }

  /// Sends all that the member may have missed, in place: no gap, and no new connection.
  mutating func caughtUp(_ id: MemberID) {
    guard let member = members[id], member.isLagging else { return }
    members[id]?.isLagging = false
    members[id]?.synced = doc.stateVector
    statistics.resyncs += 1
    effects.append(.send(id, .syncStep2(doc.encodeStateAsUpdate(since: member.synced))))
    sendAwareness(to: id)
  }

  mutating func dismiss(_ id: MemberID, _ reason: CloseReason) {
    effects.append(.close(id, reason))
    leave(id)
  }
}

extension Message {
  /// The bytes that this message carries.
  var payloadBytes: Int {
    switch self {
    case .syncStep1(let bytes), .syncStep2(let bytes), .update(let bytes), .awareness(let bytes),
      .syncStatus(let bytes):
      bytes.count
    case .permissionDenied, .queryAwareness, .unknown: 1
    }
  }
}
