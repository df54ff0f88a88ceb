import Rooms
import Workflow
import YProtocol

/// One server of a simulation: its room, its queue to the store, and the links of its members.
final class SimulatedNode {
  private let store: SimulatedStore
  private let fault: PlantedFault?
  private var room: Room
  private var effects: [Room.Effect] = []
  /// What the writer thread has not done yet, and the readers, and the answers that are on their way back.
  private var writes: [Room.Effect] = []
  private var reads: [Room.Effect] = []
  private var answers: [Room.Event] = []
  private(set) var links: [MemberID: Link] = [:]
  /// How often what was asked of the room came about.
  private(set) var saves = 0
  private(set) var resets = 0
  /// Saves that were refused because the document was invalid.
  private(set) var refusals = 0
  private var past = RoomStatistics()
  private var lastRequest: RequestID = 0
  /// Counts crashes, so that members know that their link is gone.
  private(set) var incarnation = 0
  /// What a room did that no room may do.
  private(set) var failures: [String] = []
  var now: Rooms.Milliseconds = 0
  /// What the room's recorder may keep; without it there is none.
  private let budget: RecordBudget?
  private var recorder: RoomRecorder?
  /// Gets the record of each room when the room ends.
  var onRecord: (KeptRecord) -> Void = { _ in }

  /// Both directions between a member and this node, in order.
  final class Link {
    var toServer: [Message] = []
    var toMember: [Message] = []
    var isOpen = true
    /// Nothing more is queued for the member until it has read most of what is.
    var isLagging = false
  }

  /// Messages that are queued for a member.
  private static let (softLimit, lowWater) = (3, 0)

  init(store: SimulatedStore, fault: PlantedFault?, records: RecorderLimits?) {
    self.store = store
    self.fault = fault
    room = Room(name: store.contents.name, configuration: Self.configuration)
    budget = records.map(RecordBudget.init)
    recorder = budget.map { RoomRecorder(room, budget: $0) }
  }

  /// Small numbers, so that everything happens often.
  private static var configuration: RoomConfiguration {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = 7
    configuration.unloadGrace = 3_000
    configuration.openReconcileTimeout = 1_000_000
    return configuration
  }

  var statistics: RoomStatistics {
    var total = past
    total += room.statistics
    return total
  }

  // MARK: From outside

  func connect(_ member: MemberID) -> Link {
    let link = Link()
    links[member] = link
    handle(.join(member, isReadOnly: false))
    return link
  }

  func disconnect(_ member: MemberID) {
    guard let link = links.removeValue(forKey: member) else { return }
    link.isOpen = false
    handle(.leave(member))
  }

  func rowsChanged() { handle(.rowsChanged) }

  func logGrew() { handle(.logGrew(to: store.contents.document?.lastSequence ?? 0)) }

  func request(_ request: Room.Request) {
    lastRequest += 1
    handle(.request(lastRequest, request))
  }

  func tick() { handle(.tick) }

  /// The process dies: everything in memory is gone, and of what it asked the store for some was done.
  func crash() {
    renewRoom()
    writes = []
    reads = []
    answers = []
    incarnation += 1
  }

  private func renewRoom() {
    for link in links.values { link.isOpen = false }
    links = [:]
    past += room.statistics
    handOverRecord()
    room = Room(name: store.contents.name, configuration: Self.configuration)
    recorder = budget.map { RoomRecorder(room, budget: $0) }
  }

  /// The bytes that the recorder keeps now.
  var recordedBytes: Int { budget?.usedBytes ?? 0 }

  func handOverRecord() {
    guard recorder != nil else { return }
    if let record = recorder?.record(of: room, exportedAt: "2026-11-22T10:00:00Z") { onRecord(record) }
    recorder?.close()
    recorder = nil
  }

  // MARK: Steps that the scheduler chooses from

  var hasWrites: Bool { !writes.isEmpty }
  var hasReads: Bool { !reads.isEmpty }
  var hasAnswers: Bool { !answers.isEmpty }

  /// The store does the oldest write. `answerIsLost`: the connection breaks before the answer arrives.
  func performWrite(answerIsLost: Bool) {
    guard !writes.isEmpty, !store.isAway else { return refuseCommits() }
    let effect = writes.removeFirst()
    switch effect {
    case .append(let update, let index, _):
      let sequence = store.contents.append(update)
      // An append whose answer was lost is made again.
      if answerIsLost {
        writes.insert(effect, at: 0)
      } else {
        answers.append(.appended(through: index, sequence: sequence))
      }
    case .commit(let commit):
      let result = store.commit(commit)
      if answerIsLost {
        answers.append(.storeFailed)
      } else {
        answers.append(result.map(Room.Event.committed) ?? .commitRefused(.stale))
      }
    case .checkpoint(let state, let sequence): store.contents.checkpoint(state, through: sequence)
    default: break
    }
  }

  /// While the store is away appends wait; everything else fails.
  private func refuseCommits() {
    for case .commit in writes { answers.append(.storeFailed) }
    writes.removeAll { if case .commit = $0 { true } else { false } }
  }

  func performRead() {
    guard !reads.isEmpty else { return }
    switch reads.removeFirst() {
    case .load: answers.append(store.isAway ? .loadFailed(.unavailable) : .loaded(store.contents.open()))
    case .readRows: answers.append(store.isAway ? .storeFailed : .rowsRead(store.contents.rows))
    case .readLog(let sequence):
      answers.append(
        store.isAway ? .storeFailed : store.contents.readLog(after: sequence).map(Room.Event.logRead) ?? .storeFailed)
    default: break
    }
  }

  func deliverAnswer() {
    guard !answers.isEmpty else { return }
    handle(answers.removeFirst())
  }

  func receive(from member: MemberID) {
    guard let link = links[member], !link.toServer.isEmpty else { return }
    handle(.message(member, link.toServer.removeFirst()))
  }

  /// A member has read something.
  func drained(_ member: MemberID) {
    guard let link = links[member], link.isLagging, link.toMember.count <= Self.lowWater else { return }
    link.isLagging = false
    if fault != .forgetsWhoLagged { handle(.caughtUp(member)) }
  }

  // MARK: The shell

  private func handle(_ event: Room.Event) {
    room.handle(event, now: now, effects: &effects)
    var list: [Room.Effect] = []
    swap(&list, &effects)
    recorder?.record(event, at: now, list, room)
    check(event, list)
    for effect in list { perform(effect) }
    for (member, link) in links.sorted(by: { $0.key < $1.key })
    where !link.isLagging && link.toMember.count > Self.softLimit {
      link.isLagging = true
      handle(.lagging(member))
    }
  }

  /// A reconcile, a save or a reset is one update frame, and an edit goes to all but its author as one.
  private func check(_ event: Room.Event, _ effects: [Room.Effect]) {
    let updates = effects.count { if case .broadcast(.update, _) = $0 { true } else { false } }
    switch event {
    case .committed, .message:
      if updates > 1 { failures.append("one change was \(updates) update frames") }
    default: break
    }
  }

  private func perform(_ effect: Room.Effect) {
    switch effect {
    case .send(let member, let message): queue(message, for: member)
    case .broadcast(let message, let sender):
      for member in links.keys where member != sender { queue(message, for: member) }
    case .close(let member, let reason):
      if case .rejected(let why) = reason { failures.append("a member was rejected: \(why)") }
      links.removeValue(forKey: member)?.isOpen = false
    case .reply(_, .saved): saves += 1
    case .reply(_, .reset): resets += 1
    case .reply(_, .invalid): refusals += 1
    case .reply(_, .unreadable(let why)): failures.append("the document cannot be read: \(why)")
    case .reply: break
    case .append(_, let index, _):
      writes.append(effect)
      if fault == .acknowledgesTooEarly { answers.append(.appended(through: index, sequence: 0)) }
    case .commit(let commit):
      writes.append(effect)
      if fault == .broadcastsBeforeCommit, !commit.update.isEmpty {
        for member in links.keys { queue(.update(commit.update), for: member) }
      }
    case .checkpoint: writes.append(effect)
    case .closeConflicts, .wantsToShow, .show, .askWhoIsThere: break
    case .setAside, .keepBranch: failures.append("a member was taken for one of another history")
    case .load, .readLog, .readRows: reads.append(effect)
    case .unload: renewRoom()
    case .askAgain(let id, let request): handle(.request(id, request))
    }
  }

  private func queue(_ message: Message, for member: MemberID) {
    guard let link = links[member], !link.isLagging else { return }
    link.toMember.append(message)
  }
}
