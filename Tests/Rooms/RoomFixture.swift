import Rooms
import Workflow
import YCRDT
import YProtocol

/// A room under test with a clock, what it wanted done since the last look, and a small workflow in its store.
struct RoomFixture {
  static let workflowID = "00000000-0000-4000-8000-000000000001"
  static let jobID = "00000000-0000-4000-8000-0000000000a1"

  var room: Room
  var now: Rooms.Milliseconds = 1_000_000
  var rows: WorkflowRows
  let seed: DocumentSeed

  init(configuration: RoomConfiguration = RoomConfiguration(), version: Int? = nil) {
    let name = DocumentName(workflowID: Self.workflowID, version: version)
    room = Room(name: name, configuration: configuration)
    rows = WorkflowRows(
      content: WorkflowContent(
        id: Self.workflowID, name: "Sync patients", jobs: [Job(id: Self.jobID, name: "Fetch", body: "get('/patients')")]
      ),
      projectID: "00000000-0000-4000-8000-00000000000f", lockVersion: 3, revision: 30)
    seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows)
  }

  /// The document as the store has it after its seed.
  var stored: StoredDocument {
    StoredDocument(
      name: room.name, epoch: 1, serverClientID: seed.clientID, checkpoint: nil, updates: [seed.update],
      lastSequence: 1,
      base: Base(content: rows.content, ids: seed.ids, revision: rows.revision, lockVersion: rows.lockVersion),
      serverClock: seed.clock, currentRevision: rows.revision)
  }

  /// What a client knows that has the document as it began.
  var seedVector: StateVector {
    var known = StateVector()
    known[seed.clientID] = seed.clock
    return known
  }

  /// The log behind what the fixture's document began with.
  func tail(_ updates: [[UInt8]], lastSequence: Int64, base: Base? = nil, serverClock: UInt64? = nil) -> LogTail {
    LogTail(
      updates: updates, lastSequence: lastSequence, base: base ?? stored.base, serverClock: serverClock ?? seed.clock)
  }

  mutating func send(_ event: Room.Event) -> [Room.Effect] {
    var effects: [Room.Effect] = []
    room.handle(event, now: now, effects: &effects)
    return effects
  }

  /// A room that serves its document, with the given members.
  static func serving(
    members: [MemberID] = [], configuration: RoomConfiguration = RoomConfiguration()
  ) -> RoomFixture {
    var fixture = RoomFixture(configuration: configuration)
    _ = fixture.send(.join(members.first ?? 99, isReadOnly: false))
    _ = fixture.send(.loaded(fixture.stored))
    for member in members.dropFirst() { _ = fixture.send(.join(member, isReadOnly: false)) }
    return fixture
  }

  /// A client's document in step with the store.
  func replica(clientID: ClientID) throws -> Doc {
    let doc = Doc(clientID: clientID)
    try doc.apply(seed.update)
    return doc
  }

  /// What `edit` writes to the client's document, as an update.
  func update(of doc: Doc, _ edit: () throws -> Void) throws -> [UInt8] {
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    try doc.transact { try edit() }
    subscription.cancel()
    return update
  }

  /// The rows after somebody wrote to the database.
  mutating func changeRows(_ change: (inout WorkflowContent) -> Void) {
    change(&rows.content)
    rows.lockVersion += 1
    rows.revision += 1
  }
}

extension [Room.Effect] {
  var commits: [ServerCommit] {
    compactMap { if case .commit(let commit) = $0 { commit } else { nil } }
  }

  var broadcasts: [Message] {
    compactMap { if case .broadcast(let message, _) = $0 { message } else { nil } }
  }

  func messages(to member: MemberID) -> [Message] {
    compactMap { if case .send(member, let message) = $0 { message } else { nil } }
  }
}
