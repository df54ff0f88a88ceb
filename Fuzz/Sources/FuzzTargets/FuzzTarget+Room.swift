import Workflow
import YCRDT
import YProtocol

@testable import Rooms

extension FuzzTarget {
  static func runRoom(_ bytes: [UInt8]) throws(Finding) {
    var story = try RoomStory(bytes, hasStranger: false)
    try story.play()
  }

  static func runStrangers(_ bytes: [UInt8]) throws(Finding) {
    var story = try RoomStory(bytes, hasStranger: true)
    try story.play()
  }
}

/// A room whose members send what they like, and whose store answers late or not at all.
private struct RoomStory {
  private var choices: Choices
  private var room: Room
  private var now: Rooms.Milliseconds = 1_000_000
  private var rows: WorkflowRows
  private let stored: StoredDocument
  /// The entries of the log behind the first one.
  private var log: [[UInt8]] = []
  /// What the store is about to say.
  private var answers: [Room.Event] = []
  private let clients: [Doc]
  /// The last client has the document as it was before it was made anew.
  private let hasStranger: Bool
  private var isOver = false

  private static let earlierRoot: ClientID = 4242

  init(_ bytes: [UInt8], hasStranger: Bool) throws(Finding) {
    choices = Choices(bytes)
    self.hasStranger = hasStranger
    let content = WorkflowContent.fuzzed
    let name = DocumentName(workflowID: content.id)
    var configuration = RoomConfiguration()
    (configuration.showsElsewhere, configuration.maximumPendingBytes) = (true, 4096)
    (configuration.maximumEarlyBytes, configuration.maximumIncompleteBytes) = (1024, 1024)
    (configuration.checkpointUpdates, configuration.maximumClients) = (8, 16)
    room = Room(name: name, configuration: configuration)
    rows = WorkflowRows(content: content, projectID: "p", lockVersion: 3, revision: 30)
    let seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows)
    var earlierRoots: Set<ClientID> = []
    if hasStranger, choices.bool() { earlierRoots = [Self.earlierRoot] }
    stored = StoredDocument(
      name: name, epoch: 1, serverClientID: seed.clientID, checkpoint: nil, updates: [seed.update], lastSequence: 1,
      base: Base(content: content, ids: seed.ids, revision: 30, lockVersion: 3), serverClock: seed.clock,
      currentRevision: 30, earlierRoots: earlierRoots)
    let earlier = Doc(clientID: Self.earlierRoot)
    WorkflowDocument.populate(earlier, from: rows)
    clients = try (1...3).map { (number) throws(Finding) in
      let doc = Doc(clientID: 1000 + ClientID(number))
      let first = hasStranger && number == 3 ? earlier.encodeStateAsUpdate() : seed.update
      _ = try accepted("the first update of a document") { try doc.apply(first) }
      return doc
    }
  }

  mutating func play() throws(Finding) {
    send(.join(1, isReadOnly: false))
    while !choices.isEmpty, !isOver { try step() }
    guard !isOver else { return }
    try goOnElsewhere()
    for _ in 0..<3 { answer() }
    room.doc.checkIntegrity()
    try checkNothingIsDoubled()
  }

  private func checkNothingIsDoubled() throws(Finding) {
    let jobs = room.doc.array(WorkflowDocument.jobsRoot).elements.compactMap { $0.map?["id"]?.value?.string }
    try require(Set(jobs).count == jobs.count, "a job is there twice: \(jobs)")
    try require(
      !stored.lineage.earlierRoots.contains { room.doc.stateVector[$0] > 0 }, "an earlier document has been merged")
  }

  private mutating func step() throws(Finding) {
    let number = choices.below(clients.count)
    let member = MemberID(number + 1)
    switch choices.below(hasStranger ? 20 : 16) {
    case 0, 1: send(.join(member, isReadOnly: choices.below(4) == 0))
    case 2: send(.leave(member))
    case 3, 4, 5: if let message = try? Message(decoding: bytes()) { send(.message(member, message)) }
    case 6, 7, 8: edit(clients[number], member)
    case 9: pass(choices.pick([100, 1_000, 6_000, 30_000]))
    case 10, 11: answer()
    case 12: fail()
    case 13: send(choices.bool() ? .lagging(member) : .caughtUp(member))
    case 16, 17: send(.message(member, .syncStep1(clients[number].stateVector.encoded())))
    case 18: send(.message(member, .syncStep2(clients[number].encodeStateAsUpdate())))
    case 19: send(.message(member, .event("")))
    case 14:
      send(.request(RequestID(number), choices.pick([.read, .save(.member), .reset(.member), .conflicts, .open])))
    default: hint(member)
    }
    if choices.below(8) == 0 { room.doc.checkIntegrity() }
  }

  /// Some of the bytes.
  private mutating func bytes() -> [UInt8] {
    (0..<choices.below(64)).map { _ in UInt8(choices.below(256)) }
  }

  /// Has a client edit, and send that or half of it.
  private mutating func edit(_ doc: Doc, _ member: MemberID) {
    let before = doc.stateVector
    ChosenEdits().edit(doc, &choices)
    guard choices.below(8) > 0 else { return }
    let update = doc.encodeStateAsUpdate(since: before)
    send(.message(member, choices.below(4) == 0 ? .syncStep2(update) : .update(update)))
    if choices.bool() { send(.message(member, .syncStatus([1]))) }
  }

  private mutating func pass(_ time: Rooms.Milliseconds) {
    now += time
    send(.tick)
  }

  private mutating func hint(_ member: MemberID) {
    switch choices.below(8) {
    case 0:
      rows.content.name += "!"
      rows.revision += 1
      send(.rowsChanged)
    case 1: send(.logGrew(to: Int64(choices.below(64))))
    case 2: send(.shownElsewhere(bytes(), by: 77))
    case 3: send(.nodeGone(77))
    case 4: send(.askedWhoIsThere)
    case 5: send(.permit(member, writing: choices.bool()))
    case 6: send(.replaced)
    default: send(.drain)
    }
  }

  // MARK: The store

  private mutating func send(_ event: Room.Event) {
    guard !isOver else { return }
    var effects: [Room.Effect] = []
    room.handle(event, now: now, effects: &effects)
    for effect in effects { take(effect) }
  }

  private mutating func take(_ effect: Room.Effect) {
    switch effect {
    case .load: answers.append(.loaded(stored))
    case .append(let update, let index, _):
      log.append(update)
      answers.append(.appended(through: index, sequence: Int64(log.count + 1)))
    case .readLog(let sequence):
      let known = max(0, min(log.count, Int(sequence) - 1))
      answers.append(
        .logRead(
          LogTail(
            updates: Array(log[known...]), lastSequence: Int64(log.count + 1), base: stored.base,
            serverClock: stored.serverClock)))
    case .readRows: answers.append(.rowsRead(rows))
    case .commit: answers.append(.commitRefused(.stale))
    case .keepBranch(let member, let draft): answers.append(kept(draft, of: member))
    case .wantsToShow: answers.append(.mayShow)
    case .unload: isOver = true
    case .send, .broadcast, .close, .setAside, .reply, .checkpoint, .closeConflicts, .show, .askWhoIsThere, .askAgain:
      break
    }
  }

  private mutating func kept(_ draft: BranchDraft, of member: MemberID) -> Room.Event {
    guard hasStranger else { return .branchNotKept(member) }
    let record = BranchRecord(
      number: draft.branch ?? Int64(log.count) + 1, content: rows.content, base: nil, recordedAt: "", updatedAt: "")
    return switch choices.below(8) {
    case 0, 1: .branchKept(member, .kept(record, isNew: draft.branch == nil))
    case 2: .branchKept(member, .redundant(.equal))
    case 3: .branchKept(member, .incomplete)
    case 4: .branchKept(member, .outdated)
    case 5: .branchKept(member, .refused("there is no room"))
    default: .branchNotKept(member)
    }
  }

  private mutating func answer() {
    guard !answers.isEmpty else { return }
    send(answers.removeFirst())
  }

  private mutating func fail() {
    guard !answers.isEmpty else { return }
    switch answers.removeFirst() {
    case .loaded: send(.loadFailed(choices.bool() ? .unavailable : .notFound("there is none")))
    case .appended: send(.appendRefused("there is no space"))
    case .logRead, .rowsRead, .commitRefused: send(choices.bool() ? .storeFailed : .storeRefused("not now"))
    case let answer: send(answer)
    }
  }

  /// A room that is made of what is kept of this one does what this one does.
  private mutating func goOnElsewhere() throws(Finding) {
    let frame = RoomKeyframe(room)
    try require(frame.isConsistent, "what is kept of a room contradicts itself")
    var other = try accepted("what is kept of a room") { try Room(frame, configuration: room.configuration) }
    var (effects, others): ([Room.Effect], [Room.Effect]) = ([], [])
    now += 1_000
    room.handle(.tick, now: now, effects: &effects)
    other.handle(.tick, now: now, effects: &others)
    try require(effects == others, "a room that goes on elsewhere does \(others), not \(effects)")
    try require(room.cheapDigest == other.cheapDigest, "a room that goes on elsewhere is another one")
    for effect in effects { take(effect) }
  }
}
