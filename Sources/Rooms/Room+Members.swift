import Workflow
import YCRDT
import YProtocol

extension Room {
  struct Member: Codable {
    var isReadOnly: Bool
    /// Who it is, where that is known.
    var actor: Actor?
    /// What it sent before it was its turn, in order.
    var early: [Message] = []
    var earlyBytes = 0
    /// Whether nothing that it edited offline is missing any more: it has answered step 1, or edits what we know.
    var isInStep = false
    var joined: Milliseconds
    /// Whether it was sent the document, and since then everything that changed.
    var hasDocument = false
    /// While the member lags: what it surely has. Without it, it has nothing.
    var lag: Lag?
    /// The last append that holds something of this member.
    var lastAppendIndex = 0
    var wasToldReadOnly = false
    /// Whether it asked for events.
    var wantsEvents = false
    /// The client under which it first showed itself.
    var client: ClientID?
    /// Who it was when that was last looked up.
    var author: Author?
    /// Where what it has comes from, as far as that is known.
    var origin = Lineage.Origin.kin
    /// Its step 1, to which it gets no answer before its origin is known.
    var heldStep1: [UInt8]?
    /// The client whose edits it sends, once those were looked at.
    var vetted: ClientID?
    /// The client ids that it has, or had before somebody took them over.
    var held: [ClientID] = []
    var lastHeard: Milliseconds = 0
    /// An edit in another name waits, with all behind it.
    var detention: Detention?
    /// The document was full for an edit of it.
    var isTurnedDown = false
  }

  struct Lag: Codable {
    var known = StateVector()
    /// The last acknowledgement that could not be sent.
    var acknowledgement: [UInt8]?
  }

  var isServing: Bool { phase == .serving }

  mutating func join(_ id: MemberID, isReadOnly: Bool, _ actor: Actor?) {
    guard !isDraining else { return effects.append(.close(id, .restarting)) }
    members[id] = Member(isReadOnly: isReadOnly || name.version != nil, actor: actor, joined: now)
    emptySince = nil
    if isServing { greet(id) } else { loadIfNeeded() }
  }

  mutating func leave(_ id: MemberID) {
    guard let member = members.removeValue(forKey: id) else { return }
    letGo(of: member.held, id)
    strangerLeft(id)
    waitingAcknowledgements.removeAll { $0.member == id }
    noteShown(awareness.clients(of: id))
    if let removal = awareness.removeClients(of: id) { tellEverybody(removal) }
    if members.isEmpty { emptySince = now }
  }

  /// A member may write from now on, or may not. It is told, and who may is asked for what it has: what it wrote as a reader, too.
  mutating func permit(_ id: MemberID, writing: Bool) {
    guard let member = members[id], name.version == nil, member.isReadOnly == writing else { return }
    members[id]?.isReadOnly = !writing
    members[id]?.wasToldReadOnly = false
    strangers[id]?.isReadOnly = !writing
    guard isServing else { return }
    if writing {
      members[id]?.isInStep = false
      members[id]?.joined = now
      effects.append(.send(id, .syncStep1(doc.stateVector.encoded())))
    } else {
      effects.append(.send(id, .permissionDenied(reason: readOnlyReason)))
    }
  }

  mutating func received(_ message: Message, from id: MemberID) {
    heard(from: id)
    guard let member = members[id] else { return }
    guard isServing else { return keepForLater(message, from: id) }
    guard strangers[id] == nil else { return receivedFromStranger(message, id) }
    if member.detention != nil, message.isInOrder { return keepForLater(message, from: id) }
    switch message {
    case .update(let update):
      if member.heldStep1 != nil { return keepForLater(message, from: id) }
      if turnsAway(update, from: id, member) || detains(update, message, from: id, member) { return }
      if !member.isInStep, !member.isReadOnly {
        if comesTooEarly(update, from: member) { return keepForLater(message, from: id) }
        members[id]?.isInStep = UpdateHead(update) != nil
      }
      receivedUpdate(update, from: id, member)
    case .syncStep2(let update):
      if turnsAway(update, from: id, member) || detains(update, message, from: id, member) { return }
      receivedUpdate(update, from: id, member)
      members[id]?.isInStep = true
      answerHeldStep1(of: id)
      takeUpEarlyMessages(of: id)
    case .syncStep1(let stateVector): asked(stateVector, by: id)
    case .awareness(let update): receivedAwareness(update, from: id)
    case .queryAwareness: sendAwareness(to: id)
    case .syncStatus(let payload):
      if !member.early.isEmpty { return keepForLater(message, from: id) }
      acknowledge(payload, to: id, member)
    case .event: subscribe(id)
    case .permissionDenied, .unknown: break
    }
  }

  /// Whether an edit builds on others that were made offline and are on their way, in the answer to step 1. Of such an edit
  /// the engine would carry out the deletions and leave the rest pending: a value that was replaced would be gone for a
  /// while, and for good if the connection breaks.
  private func comesTooEarly(_ update: [UInt8], from member: Member) -> Bool {
    guard member.early.isEmpty else { return true }
    return UpdateHead(update).map { $0.clock > doc.stateVector[$0.client] } ?? false
  }

  mutating func keepForLater(_ message: Message, from id: MemberID) {
    guard var member = members[id] else { return }
    member.early.append(message)
    member.earlyBytes += message.payloadBytes
    members[id] = member
    if member.earlyBytes > configuration.maximumEarlyBytes {
      dismiss(id, .tryAgainLater("more than \(configuration.maximumEarlyBytes) bytes before they can be taken in"))
    }
  }

  /// Begins to serve everybody who waits, in the order of their ids so that a run can be repeated.
  mutating func startServing() {
    phase = .serving
    lastToldEverybody = now
    askElsewhere()
    for id in members.keys.sorted() {
      greet(id)
      takeUpEarlyMessages(of: id)
    }
  }

  mutating func takeUpEarlyMessages(of id: MemberID) {
    guard let early = members[id]?.early, !early.isEmpty else { return }
    members[id]?.early = []
    members[id]?.earlyBytes = 0
    for message in early { received(message, from: id) }
  }

  /// Who does not answer step 1 has nothing to say to it.
  mutating func stopWaitingForAnswers() {
    guard isServing else { return }
    for id in members.keys.sorted() {
      guard let member = members[id], !member.early.isEmpty, member.heldStep1 == nil,
        now - member.joined >= configuration.answerTimeout, member.detention == nil
      else { continue }
      members[id]?.isInStep = true
      takeUpEarlyMessages(of: id)
    }
  }

  /// Step 1 asks for what the member has and the server lacks: edits made offline, or never acknowledged.
  private mutating func greet(_ id: MemberID) {
    if members[id]?.isReadOnly == false {
      effects.append(.send(id, .syncStep1(doc.stateVector.encoded())))
    }
    sendAwareness(to: id)
  }

  private mutating func asked(_ stateVector: [UInt8], by id: MemberID) {
    guard !isOutOfProportion(stateVector) else {
      return dismiss(id, .rejected("its state vector has more than \(2 * configuration.maximumClients) clients"))
    }
    do {
      let known = try StateVector(decoding: stateVector)
      if admits(id, with: known, stateVector) { answer(stateVector, of: id) }
    } catch {
      dismiss(id, .rejected("unreadable state vector: \(error)"))
    }
  }

  mutating func answer(_ stateVector: [UInt8], of id: MemberID) {
    do {
      let known = try StateVector(decoding: stateVector)
      if members[id]?.lag != nil {
        members[id]?.lag?.known = known
        return
      }
      effects.append(.send(id, .syncStep2(state(since: known))))
      members[id]?.hasDocument = true
    } catch {
      dismiss(id, .rejected("unreadable state vector: \(error)"))
    }
  }

  /// What a member lacks. Those who join with nothing, and before anything changes, get one and the same array.
  private mutating func state(since known: StateVector) -> [UInt8] {
    guard known.isEmpty else { return doc.encodeStateAsUpdate(since: known) }
    if let wholeState { return wholeState }
    let state = doc.encodeStateAsUpdate()
    wholeState = state
    return state
  }

  private mutating func sendAwareness(to id: MemberID) {
    if let everybody = awareness.encoded() { effects.append(.send(id, .awareness(everybody))) }
  }

  private mutating func receivedAwareness(_ update: [UInt8], from id: MemberID) {
    do {
      let change = try awareness.apply(update, from: id, now: now, refusing: foreignClients(to: id))
      introduce(id, as: change.added + change.updated + change.outdated)
      noteShown(change.added + change.updated + change.removed)
      // Back to the sender as well: its client takes silence of 30 s for a broken connection.
      if let news = change.broadcast { tellEverybody(news) }
      if let reply = change.reply { effects.append(.send(id, .awareness(reply))) }
    } catch {
      dismiss(id, .rejected("\(error)"))
    }
  }

  /// From here on nothing reaches the member. All it was sent before does.
  mutating func lagging(_ id: MemberID) {
    guard let member = members[id], member.lag == nil else { return }
    members[id]?.lag = Lag(known: member.hasDocument ? doc.stateVector : StateVector())
  }

  /// Sends all that the member has missed, in place: no gap, and no new connection.
  mutating func caughtUp(_ id: MemberID) {
    guard let lag = members[id]?.lag else { return }
    members[id]?.lag = nil
    // Who is not to have the document lacks nothing.
    guard strangers[id] == nil, members[id]?.heldStep1 == nil else { return }
    members[id]?.hasDocument = true
    statistics.resyncs += 1
    effects.append(.send(id, .syncStep2(state(since: lag.known))))
    sendAwareness(to: id)
    if let payload = lag.acknowledgement { effects.append(.send(id, .syncStatus(payload))) }
    if members[id]?.wantsEvents == true { subscribe(id) }
  }

  mutating func dismiss(_ id: MemberID, _ reason: CloseReason) {
    effects.append(.close(id, reason))
    leave(id)
  }
}

extension Message {
  /// Whether it says something about what was sent before it.
  var isInOrder: Bool {
    switch self {
    case .update, .syncStep2, .syncStatus: true
    case .syncStep1, .awareness, .queryAwareness, .permissionDenied, .event, .unknown: false
    }
  }

  /// The bytes that this message carries.
  var payloadBytes: Int {
    switch self {
    case .syncStep1(let bytes), .syncStep2(let bytes), .update(let bytes), .awareness(let bytes),
      .syncStatus(let bytes):
      bytes.count
    case .permissionDenied, .queryAwareness, .event, .unknown: 1
    }
  }
}
