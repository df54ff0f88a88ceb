import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Conflicts that an import left in the transaction that wrote the rows, in a room that is open meanwhile.
@Suite struct RoomMergeRecordTests {
  private let conflict = Conflict(
    kind: .editEdit, unit: ["workflow", "name"], base: "Base", live: "Sync patients", database: "Theirs",
    winner: .database)

  private func record(_ number: Int64, _ kind: ReconciliationRecord.Kind, conflicts: Int = 0) -> ReconciliationRecord {
    ReconciliationRecord(
      number: number, kind: kind, provenance: Provenance(.git, commit: "abc"), lockVersion: 4, changes: [],
      conflicts: conflicts, updateBytes: 9, recordedAt: "2026-11-21T12:00:00Z", revision: 31)
  }

  private func open(_ conflict: Conflict) -> ConflictRecord {
    ConflictRecord(
      id: ConflictRecord.ID(reconciliation: 1, place: 1), conflict: conflict,
      provenance: Provenance(.git, commit: "abc"), recordedAt: "2026-11-21T12:00:00Z", recordedBy: .merge, revision: 31)
  }

  private func events(_ effects: [Room.Effect], to member: MemberID) throws -> [JSONValue] {
    try effects.messages(to: member).compactMap { message in
      guard case .event(let text) = message else { return nil }
      return try JSONValue(parsing: Array(text.utf8))
    }
  }

  private func closures(_ effects: [Room.Effect]) -> [ConflictClosure] {
    effects.compactMap { if case .closeConflicts(let closures) = $0 { closures } else { nil } }.flatMap(\.self)
  }

  /// The room merges the rows that the import wrote, and finds that there is a record before its own.
  @Test func membersHearOfThemBesideTheReconcileThatFollows() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .event("")))
    fixture.changeRows { $0.name = "Theirs" }
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.knownReconciliation == 0 && commit.conflicts.isEmpty)
    let effects = fixture.send(
      .committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4, number: 2, followsUnknown: true)))
    #expect(effects.contains(.readLog(after: 2)) && effects.broadcasts.count == 1)
    #expect(try events(effects, to: 1).isEmpty)
    var tail = fixture.tail([], lastSequence: 2, base: commit.base, serverClock: commit.serverClock)
    tail.base.revision = 31
    tail.reconciliations = [record(1, .merge, conflicts: 1), record(2, .reconcile)]
    tail.openConflicts = [open(conflict)]
    let told = try events(fixture.send(.logRead(tail)), to: 1)
    #expect(told.map { $0["type"] } == ["merged", "reconciled"])
    let new = try #require(told.first?["new_conflicts"]?.array?.first)
    #expect(new["id"] == "1-1" && new["standing"] == "database" && new["recorded_by"] == "merge")
    #expect(closures(fixture.send(.tick)).isEmpty)
    guard case .reply(7, .conflicts(let standing))? = fixture.send(.request(7, .conflicts)).first else {
      return #expect(Bool(false))
    }
    #expect(standing.map(\.record.id) == [ConflictRecord.ID(reconciliation: 1, place: 1)])
  }

  /// Somebody else's entry in the log makes the room look there first: the document does not have yet what came of the merge.
  @Test func theyAreToldOfWhenTheDocumentHasWhatCameOfThem() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .event("")))
    _ = fixture.send(.replaced)
    var tail = fixture.tail([], lastSequence: 1)
    tail.reconciliations = [record(1, .merge, conflicts: 1)]
    tail.openConflicts = [open(conflict)]
    let effects = fixture.send(.logRead(tail))
    #expect(try events(effects, to: 1).isEmpty && effects.contains(.readRows))
    fixture.changeRows { $0.name = "Theirs" }
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(closures(fixture.send(.tick)).isEmpty)
    _ = fixture.send(
      .committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4, number: 2, followsUnknown: true)))
    tail.base = commit.base
    tail.base.revision = 31
    tail.lastSequence = 2
    tail.serverClock = commit.serverClock
    tail.reconciliations.append(record(2, .reconcile))
    #expect(try events(fixture.send(.logRead(tail)), to: 1).map { $0["type"] } == ["merged", "reconciled"])
  }

  /// Until the rows are merged the document shows what they had before, which is nobody's choice.
  @Test func nothingIsClosedBeforeTheRowsAreMerged() throws {
    var fixture = RoomFixture(configuration: RoomConfiguration())
    _ = fixture.send(.join(1, isReadOnly: false))
    var stored = fixture.stored
    stored.currentRevision = 31
    stored.lastReconciliation = 1
    stored.openConflicts = [open(conflict)]
    #expect(fixture.send(.loaded(stored)).contains(.readRows))
    _ = fixture.send(.storeFailed)
    fixture.now += fixture.room.configuration.openReconcileTimeout
    // Served as it is, since the store does not answer.
    for _ in 0..<3 { #expect(closures(fixture.send(.tick)).isEmpty) }
  }

  /// What the file had deleted and the rows had changed is still in the rows: nobody has decided about it by that.
  @Test func whatAMergeKeptInTheRowsWaitsForADecision() throws {
    for (kind, count) in [(ReconciliationRecord.Kind.merge, 0), (.reconcile, 1)] {
      var fixture = RoomFixture(configuration: RoomConfiguration())
      _ = fixture.send(.join(1, isReadOnly: false))
      var stored = fixture.stored
      var record = open(
        Conflict(
          kind: .editDelete, unit: ["jobs", RoomFixture.jobID], base: ["name": "Get"], live: ["name": "Fetch"],
          database: nil, winner: .kept))
      record.revision = 30
      record.recordedBy = kind
      stored.openConflicts = [record]
      _ = fixture.send(.loaded(stored))
      #expect(closures(fixture.send(.tick)).count == count)
    }
  }

  /// Choosing what the rows had is an edit like any other, that nobody has saved yet.
  @Test func choosingWhatTheRowsHadIsAnEdit() throws {
    var fixture = RoomFixture.serving(members: [1])
    fixture.changeRows { $0.name = "Theirs" }
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.rowsRead(fixture.rows))
    _ = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4, number: 2)))
    _ = fixture.send(.request(7, .resolve([open(conflict)], .live, Actor(type: "user"))))
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.base.content.name == "Theirs")
    _ = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4, number: 3)))
    guard case .reply(8, .live(let live))? = fixture.send(.request(8, .read)).first else { return #expect(Bool(false)) }
    #expect(live.content.name == "Sync patients" && live.isDirty)
  }
}
