import Workflow
import YCRDT
import YProtocol

/// Members whose document belongs to another history of this one: it was open while the history was replaced.
///
/// Merged, their content would be there twice. So they get nothing of this document and add nothing to it; what they have, and
/// go on writing, is kept as a branch. Their connection stays: a client that is closed comes back at once.
extension Room {
  struct Stranger: Hashable, Codable {
    /// What it sent and is not kept yet, in order.
    var updates: [[UInt8]] = []
    /// What it sent before, where that needed no branch: what comes later builds on it.
    var context: [[UInt8]] = []
    /// The bytes of both.
    var bytes = 0
    /// How many of these are on their way to the store.
    var underWay = 0
    /// Whether it has sent all that it has.
    var isWhole = false
    /// How often what it sent was incomplete.
    var gaps = 0
    /// The branch that holds what it sent before.
    var branch: Int64?
    /// What became of what it sent, once it was told.
    var told: BranchOutcome?
    /// Acknowledgements that wait for its updates to be kept.
    var acknowledgements: [[UInt8]] = []
    var isReadOnly: Bool
    var hasLeft = false
  }

  // MARK: Telling them from members

  /// Decides whom a member belongs to by its state vector. False where it is not to be answered: not yet, or never.
  mutating func admits(_ id: MemberID, with state: StateVector, _ encoded: [UInt8]) -> Bool {
    guard let lineage else { return true }
    let origin = lineage.origin(of: state)
    members[id]?.origin = origin
    switch origin {
    case .kin: return true
    case .foreign:
      setAside(id)
      return false
    case .unknown:
      // What it answers to our step 1 tells. Until then it gets nothing: it could not be taken back.
      members[id]?.heldStep1 = encoded
      // Who may only read was not asked yet for what he has, because nobody takes it.
      if members[id]?.isReadOnly == true { effects.append(.send(id, .syncStep1(doc.stateVector.encoded()))) }
      return false
    }
  }

  /// Whether an update would bring in another document. A member that sends one is set aside with it.
  mutating func turnsAway(_ update: [UInt8], from id: MemberID, _ member: Member) -> Bool {
    guard let lineage else { return false }
    let head = UpdateHead(update)
    // Nearly always a member edits under the one id that it had before.
    if let head, head.isAlone, head.client == member.vetted { return false }
    if lineage.isForeign(update, to: doc, from: member.origin) {
      setAside(id, with: update)
      return true
    }
    if let head, head.isAlone { members[id]?.vetted = head.client }
    return false
  }

  /// Answers the step 1 of a member that turned out to be none of another history.
  mutating func answerHeldStep1(of id: MemberID) {
    guard let held = members[id]?.heldStep1 else { return }
    members[id]?.heldStep1 = nil
    members[id]?.origin = .kin
    answer(held, of: id)
  }

  private mutating func setAside(_ id: MemberID, with update: [UInt8]? = nil) {
    guard let member = members[id] else { return }
    statistics.strangers += 1
    members[id]?.early = []
    members[id]?.earlyBytes = 0
    members[id]?.heldStep1 = nil
    noteShown(awareness.clients(of: id))
    if let removal = awareness.removeClients(of: id) { tellEverybody(removal) }
    effects.append(.setAside(id))
    strangers[id] = Stranger(isReadOnly: member.isReadOnly)
    guard !member.isReadOnly else { return tell(id, .redundant(.unchanged)) }
    // Everything that it has: what it sends otherwise is what this document lacks, which may leave out something.
    effects.append(.send(id, .syncStep1(StateVector().encoded())))
    if let update { take(update, from: id) }
    for message in member.early { receivedFromStranger(message, id) }
  }

  // MARK: What they send

  mutating func receivedFromStranger(_ message: Message, _ id: MemberID) {
    guard let stranger = strangers[id] else { return }
    switch message {
    case .syncStep2(let update):
      guard !stranger.isReadOnly else { return }
      strangers[id]?.isWhole = true
      take(update, from: id)
      keep(id)
    case .update(let update): if !stranger.isReadOnly { take(update, from: id) }
    case .syncStatus(let payload): acknowledge(payload, toStranger: id)
    case .event:
      members[id]?.wantsEvents = true
      if let told = stranger.told { sendLineageEvent(told, to: id) }
    case .syncStep1, .awareness, .queryAwareness, .permissionDenied, .unknown: break
    }
  }

  private mutating func take(_ update: [UInt8], from id: MemberID) {
    guard let stranger = strangers[id], !stranger.isRefused else { return }
    // Neither structs nor deletions.
    guard update != [0, 0] else { return }
    guard stranger.bytes + update.count <= configuration.maximumEarlyBytes else {
      return dismiss(id, .tryAgainLater("more than \(configuration.maximumEarlyBytes) bytes wait to be kept"))
    }
    guard strangers.values.reduce(update.count, { $0 + $1.bytes }) <= configuration.maximumPendingBytes else {
      return dismiss(id, .tryAgainLater("too much of clients of earlier histories waits to be kept"))
    }
    strangers[id]?.updates.append(update)
    strangers[id]?.bytes += update.count
  }

  private mutating func acknowledge(_ payload: [UInt8], toStranger id: MemberID) {
    guard let stranger = strangers[id], !stranger.isReadOnly, !stranger.isRefused else { return }
    if stranger.told != nil, stranger.updates.isEmpty {
      effects.append(.send(id, .syncStatus(payload)))
    } else if stranger.acknowledgements.count < Self.maximumAcknowledgements {
      strangers[id]?.acknowledgements.append(payload)
    }
  }

  private static let maximumAcknowledgements = 256

  // MARK: Keeping it

  /// Has what waits of every stranger kept. Comes with every tick, so that who goes on typing does not make a transaction of
  /// each letter.
  mutating func keepWhatStrangersWrote() {
    for id in strangers.keys.sorted() { keep(id) }
  }

  private mutating func keep(_ id: MemberID) {
    guard let stranger = strangers[id], stranger.underWay == 0, !stranger.updates.isEmpty, isServing else { return }
    guard stranger.isWhole || stranger.hasLeft else { return }
    strangers[id]?.underWay = stranger.updates.count
    effects.append(
      .keepBranch(
        id,
        BranchDraft(
          document: name, incarnation: lineage?.incarnation ?? 0, updates: stranger.context + stranger.updates,
          branch: stranger.branch, live: try? WorkflowDocument.extract(doc))))
  }

  mutating func branchKept(_ id: MemberID, _ outcome: BranchOutcome) {
    guard var stranger = strangers[id], stranger.underWay > 0 else { return }
    if outcome == .outdated {
      strangers[id]?.underWay = 0
      return documentReplaced()
    }
    if outcome == .incomplete, !stranger.hasLeft, stranger.gaps < Self.maximumGaps {
      // Together with all that it has it will not be.
      stranger.gaps += 1
      stranger.underWay = 0
      stranger.isWhole = false
      strangers[id] = stranger
      effects.append(.send(id, .syncStep1(StateVector().encoded())))
      return
    }
    stranger.finish(outcome)
    strangers[id] = stranger
    if stranger.hasLeft { return forgetStrangerIfDone(id) }
    tell(id, outcome == .incomplete ? .refused("what it builds on is missing") : outcome)
  }

  private static let maximumGaps = 3

  /// The store could not keep it now. With the next tick it is tried again.
  mutating func branchNotKept(_ id: MemberID) {
    strangers[id]?.underWay = 0
  }

  mutating func strangerLeft(_ id: MemberID) {
    guard strangers[id] != nil else { return }
    strangers[id]?.hasLeft = true
    strangers[id]?.acknowledgements = []
    keep(id)
    forgetStrangerIfDone(id)
  }

  private mutating func forgetStrangerIfDone(_ id: MemberID) {
    guard let stranger = strangers[id], stranger.hasLeft, stranger.updates.isEmpty else { return }
    strangers[id] = nil
  }

  /// Whether something of a stranger is not kept yet.
  var hasUnkeptBranches: Bool { strangers.values.contains { $0.underWay > 0 || $0.hasLeft } }

  // MARK: Telling them

  /// Tells a stranger what became of what it has, once that is certain, and members of a new branch.
  private mutating func tell(_ id: MemberID, _ outcome: BranchOutcome) {
    guard let stranger = strangers[id] else { return }
    let isNews = stranger.told?.kind != outcome.kind
    strangers[id]?.told = outcome
    if isNews {
      effects.append(.send(id, .permissionDenied(reason: outcome.advice)))
      if members[id]?.wantsEvents == true { sendLineageEvent(outcome, to: id) }
    }
    if case .refused = outcome {
      strangers[id]?.acknowledgements = []
      strangers[id]?.updates = []
      strangers[id]?.context = []
      strangers[id]?.bytes = 0
    } else if strangers[id]?.updates.isEmpty == true {
      for payload in stranger.acknowledgements { effects.append(.send(id, .syncStatus(payload))) }
      strangers[id]?.acknowledgements = []
    }
    if case .kept(let record, isNew: true) = outcome { tellSubscribers(ofBranch: record) }
  }

  private mutating func sendLineageEvent(_ outcome: BranchOutcome, to id: MemberID) {
    var event: [String: JSONValue] = ["type": "lineage", "message": .string(outcome.advice), "branch": .null]
    event["outcome"] = .string(String(outcome.kind.prefix { $0 != " " }))
    if case .kept(let record, _) = outcome { event["branch"] = record.summary }
    effects.append(.send(id, .event(JSONValue.object(event).text)))
  }

  private mutating func tellSubscribers(ofBranch record: BranchRecord) {
    let message = Message.event(JSONValue.object(["type": "branch", "branch": record.summary]).text)
    for id in members.keys.sorted() where isSubscriber(id) { effects.append(.send(id, message)) }
  }

  /// Strangers hear nothing of what goes to everybody, and take silence for a broken connection as well.
  mutating func keepStrangersAlive() {
    guard now - lastToldStrangers >= configuration.keepAliveInterval else { return }
    lastToldStrangers = now
    for id in strangers.keys.sorted() where strangers[id]?.hasLeft == false {
      effects.append(.send(id, .awareness(awareness.encoded([]))))
    }
  }
}

extension Room.Stranger {
  /// What was on its way needs no more care.
  fileprivate mutating func finish(_ outcome: BranchOutcome) {
    context += updates.prefix(underWay)
    updates.removeFirst(underWay)
    (underWay, gaps) = (0, 0)
    if case .kept(let record, _) = outcome {
      branch = record.number
      context = []
    }
    bytes = (context + updates).reduce(0) { $0 + $1.count }
  }

  /// Whether it was told that nothing more of it is kept.
  fileprivate var isRefused: Bool { if case .refused = told { true } else { false } }
}

extension BranchOutcome {
  /// As the event has it.
  fileprivate var kind: String {
    switch self {
    case .redundant: "reset"
    case .kept(let record, _): "recovered \(record.number)"
    case .refused, .incomplete, .outdated: "refused"
    }
  }

  /// What people should know, and do.
  fileprivate var advice: String {
    switch self {
    case .redundant:
      "this document was made anew; nothing in this copy is missing there. Load the page again to go on"
    case .kept(let record, _):
      "this document was made anew; what was written in this copy is kept as branch \(record.number), from which it can be "
        + "merged. Load the page again to go on"
    case .refused(let why):
      "this document was made anew, and what is written in this copy cannot be kept: \(why). Copy what you need and "
        + "load the page again"
    case .incomplete, .outdated: "this document was made anew"
    }
  }
}
