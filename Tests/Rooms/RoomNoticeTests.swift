import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What members are told is told once, and conflicts close at the right time.
extension RoomConflictTests {
  private static let id = ConflictRecord.ID(reconciliation: 5, place: 1)

  private func open(_ fixture: inout RoomFixture) throws -> [ConflictRecord] {
    guard case .reply(_, .conflicts(let open))? = fixture.send(.request(99, .conflicts)).first else { return [] }
    return open.map(\.record)
  }

  private func closures(_ effects: [Room.Effect]) -> [ConflictClosure] {
    effects.compactMap { if case .closeConflicts(let closures) = $0 { closures } else { nil } }.flatMap(\.self)
  }

  private func record(
    _ number: Int64, _ kind: ReconciliationRecord.Kind = .reconcile, updateBytes: Int = 9
  ) -> ReconciliationRecord {
    ReconciliationRecord(
      number: number, kind: kind, provenance: .unknown, lockVersion: 4,
      changes: [ContentChange(unit: ["workflow", "name"], before: "a", after: "b")], conflicts: 0,
      updateBytes: updateBytes, recordedAt: "2026-11-21T12:00:00Z")
  }

  @Test func whatARoomCommittedItselfIsNotToldAgainFromTheLog() throws {
    var (fixture, _, _) = try conflict()
    let open = try open(&fixture)
    #expect(fixture.send(.logGrew(to: 4)) == [.readLog(after: 3)])
    var tail = fixture.tail([], lastSequence: 4)
    tail.reconciliations = [record(5)]
    tail.openConflicts = open
    #expect(try events(fixture.send(.logRead(tail)), to: 2).isEmpty)
  }

  @Test func whatWasThereWhenTheDocumentWasReadIsNoNews() throws {
    var fixture = RoomFixture()
    var stored = fixture.stored
    stored.lastReconciliation = 5
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.loaded(stored))
    #expect(try events(fixture.send(.message(1, .event(""))), to: 1).map { $0["number"] } == [5])
    _ = fixture.send(.logGrew(to: 2))
    var tail = fixture.tail([], lastSequence: 2)
    tail.reconciliations = [record(5), record(6)]
    #expect(try events(fixture.send(.logRead(tail)), to: 1).map { $0["number"] } == [6])
  }

  @Test func aConflictThatAnotherNodeDecidedIsToldOfOnce() throws {
    var (fixture, _, _) = try conflict()
    _ = fixture.send(.logGrew(to: 5))
    var tail = fixture.tail([], lastSequence: 5)
    tail.reconciliations = [record(6), record(7, .resolve)]
    let heard = try events(fixture.send(.logRead(tail)), to: 2)
    #expect(heard.map { $0["number"] } == [6, 7])
    #expect(heard.map { $0["decided_conflicts"] } == [[], ["5-1"]])
  }

  @Test func noConflictClosesWhileItIsBeingDecided() throws {
    var (fixture, merged, member) = try conflict()
    guard case .update(let merge)? = merged.broadcasts.first else { return #expect(Bool(false)) }
    try member.apply(merge)
    _ = fixture.send(.request(2, .resolve(try open(&fixture), .live, .system)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    let update = try fixture.update(of: member) { try member.map("workflow").set("name", "Mine") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 2, sequence: 4))
    #expect(closures(fixture.send(.tick)).isEmpty)
    _ = fixture.send(.committed(CommitResult(lastSequence: 5, revision: 31, lockVersion: 4, number: 6)))
    #expect(closures(fixture.send(.tick)).isEmpty, "it is decided")
  }

  /// Nobody waits for what closes conflicts: it may never have been stored.
  @Test func aConflictWithoutAPointClosesWhenTheDocumentIsOpened() throws {
    var fixture = RoomFixture()
    var stored = fixture.stored
    stored.openConflicts = [
      ConflictRecord(
        id: Self.id,
        conflict: Conflict(
          kind: .editEdit, unit: ["workflow", "name"], base: "Old", live: "Sync patients", database: "Theirs",
          winner: .database),
        provenance: .unknown, recordedAt: "")
    ]
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.loaded(stored))
    #expect(closures(fixture.send(.tick)) == [ConflictClosure(id: Self.id, reason: "live value written")])
  }

  @Test func whoLaggedHearsHowThingsAreNow() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    _ = fixture.send(.message(1, .event("")))
    for member in [1, 2] as [MemberID] { _ = fixture.send(.lagging(member)) }
    #expect(fixture.send(.message(2, .event(""))) == [])
    for member in [1, 2] as [MemberID] {
      let heard = try events(fixture.send(.caughtUp(member)), to: member)
      #expect(heard.map { $0["type"] } == ["state"])
    }
  }

  /// What was chosen in a text is what later choices in it start from.
  @Test func aChoiceInATextSaysWhatWasChosen() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.array("jobs")[0].map?["body"]?.text?.insert("mine ", at: 0) }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    fixture.changeRows { $0.jobs[0].body = "theirs " + $0.jobs[0].body }
    _ = fixture.send(.rowsChanged)
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.first?.conflicts.map(\.unit.last) == ["body"])
    _ = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4, number: 5)))
    _ = fixture.send(.request(2, .resolve(try open(&fixture), .live, .system)))
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.kind == .resolve([Self.id], outcome: "live", texts: [Self.id: "mine get('/patients')"]))
  }
}
