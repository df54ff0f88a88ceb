import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What members hear of merges and conflicts, and what becomes of a choice.
@Suite struct RoomConflictTests {
  /// A room in which member 1 has renamed the workflow, unsaved, and an import has renamed it, too. Member 2 has asked for
  /// events.
  func conflict() throws -> (fixture: RoomFixture, effects: [Room.Effect], member: Doc) {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Mine") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.message(2, .event("")))
    fixture.changeRows { $0.name = "Theirs" }
    fixture.rows.provenance = Provenance(.importing, actor: Actor(type: "user", id: "7", name: "Ada"), commit: "c0ffee")
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.provenance == fixture.rows.provenance)
    #expect(commit.changes == [ContentChange(unit: ["workflow", "name"], before: "Sync patients", after: "Theirs")])
    let effects = fixture.send(
      .committed(
        CommitResult(lastSequence: 3, revision: 31, lockVersion: 4, number: 5, recordedAt: "2026-11-21T12:00:00Z")))
    return (fixture, effects, doc)
  }

  func events(_ effects: [Room.Effect], to member: MemberID) throws -> [JSONValue] {
    try effects.messages(to: member).compactMap { message in
      guard case .event(let text) = message else { return nil }
      return try JSONValue(parsing: Array(text.utf8))
    }
  }

  @Test func whoAsksForEventsFirstHearsHowThingsAre() throws {
    var fixture = RoomFixture.serving(members: [1])
    let event = try #require(try events(fixture.send(.message(1, .event(""))), to: 1).first)
    #expect(event["type"] == "state")
    #expect(event["dirty"] == false)
    #expect(event["lock_version"] == 3)
    #expect(event["workflow"]?["name"] == "Sync patients")
    #expect(event["conflicts"] == [])
  }

  @Test func aReconcileIsOneNoticeForThoseWhoAsked() throws {
    let (_, effects, _) = try conflict()
    #expect(try events(effects, to: 1).isEmpty)
    let heard = try events(effects, to: 2)
    #expect(heard.count == 1)
    let event = try #require(heard.first)
    #expect(event["type"] == "reconciled")
    #expect(event["source"] == "import")
    #expect(event["actor"]?["name"] == "Ada")
    #expect(event["commit"] == "c0ffee")
    #expect(event["number"] == 5)
    #expect(event["lock_version"] == 4)
    #expect(event["changes"] == [["unit": ["workflow", "name"], "kind": "changed"]])
    #expect(event["conflicts"] == 1)
    #expect(event["workflow"]?["name"] == "Theirs")
    let conflict = try #require(event["new_conflicts"]?.array?.first)
    #expect(conflict["id"] == "5-1")
    #expect(conflict["standing"] == "database")
    #expect(conflict["live"] == "Mine")
    #expect(conflict["editors"] == [77])
  }

  /// The rows were touched, and say what they said.
  @Test func aReconcileThatChangedNothingIsNoNews() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .event("")))
    fixture.rows.revision += 1
    _ = fixture.send(.rowsChanged)
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 1, revision: 31, lockVersion: 3, number: 1)))
    #expect(try events(effects, to: 1).isEmpty)
  }

  @Test func aChoiceIsOneCommitOneUpdateAndOneEvent() throws {
    var (fixture, _, member) = try conflict()
    guard case .reply(1, .conflicts(let open))? = fixture.send(.request(1, .conflicts)).first else {
      return #expect(Bool(false))
    }
    let actor = Actor(type: "user", name: "Grace")
    #expect(fixture.send(.request(2, .resolve(open.map(\.record), .live, actor))) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.kind == .resolve([ConflictRecord.ID(reconciliation: 5, place: 1)], outcome: "live"))
    #expect(commit.provenance == Provenance(.resolve, actor: actor))
    let effects = fixture.send(.committed(CommitResult(lastSequence: 4, revision: 31, lockVersion: 4, number: 6)))
    #expect(effects.contains(.reply(2, .resolved([]))))
    guard case .update(let update)? = effects.broadcasts.first else { return #expect(Bool(false)) }
    try member.apply(update)
    #expect(member.map("workflow")["name"]?.value == "Mine")
    let event = try #require(try events(effects, to: 2).first)
    #expect(event["type"] == "resolved")
    #expect(event["decided_conflicts"] == ["5-1"])
    #expect(event["dirty"] == true)
  }

  @Test func aConflictWithoutAPointClosesOnceThatIsStored() throws {
    var (fixture, merged, member) = try conflict()
    guard case .update(let merge)? = merged.broadcasts.first else { return #expect(Bool(false)) }
    try member.apply(merge)
    func closures(_ effects: [Room.Effect]) -> [ConflictClosure] {
      effects.compactMap { if case .closeConflicts(let closures) = $0 { closures } else { nil } }.flatMap(\.self)
    }
    #expect(closures(fixture.send(.tick)).isEmpty)
    let update = try fixture.update(of: member) { try member.map("workflow").set("name", "Mine") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(closures(fixture.send(.tick)).isEmpty, "the edit may still be lost")
    _ = fixture.send(.appended(through: 2, sequence: 4))
    let effects = fixture.send(.tick)
    let id = ConflictRecord.ID(reconciliation: 5, place: 1)
    #expect(closures(effects) == [ConflictClosure(id: id, reason: "live value written")])
    let event = try #require(try events(effects, to: 2).first)
    #expect(event["type"] == "conflicts_closed")
    #expect(event["open_conflicts"] == 0)
    #expect(fixture.send(.request(9, .conflicts)) == [.reply(9, .conflicts([]))])
  }

  @Test func membersHearOfWhatAnotherNodeMerged() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .event("")))
    #expect(fixture.send(.logGrew(to: 2)) == [.readLog(after: 1)])
    var tail = fixture.tail([], lastSequence: 2)
    let record = ReconciliationRecord(
      number: 1, kind: .reconcile, provenance: Provenance(.git, commit: "abc"), lockVersion: 4,
      changes: [ContentChange(unit: ["workflow", "name"], before: "a", after: "b")], conflicts: 0,
      updateBytes: 9, recordedAt: "2026-11-21T12:00:00Z")
    tail.reconciliations = [record]
    let heard = try events(fixture.send(.logRead(tail)), to: 1)
    #expect(heard.map { $0["type"] } == ["reconciled"])
    #expect(heard.first?["commit"] == "abc")
    _ = fixture.send(.logGrew(to: 3))
    #expect(try events(fixture.send(.logRead(tail)), to: 1).isEmpty, "each once")
  }

  @Test func aMergeOfAnotherNodeThatChangedNothingIsNoNews() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .event("")))
    #expect(fixture.send(.logGrew(to: 2)) == [.readLog(after: 1)])
    var tail = fixture.tail([], lastSequence: 2)
    tail.reconciliations = [(1, 0), (2, 5)].map { number, bytes in
      ReconciliationRecord(
        number: number, kind: .reconcile, provenance: .unknown, lockVersion: 4, changes: [], conflicts: 0,
        updateBytes: bytes, recordedAt: "2026-11-21T12:00:00Z")
    }
    #expect(try events(fixture.send(.logRead(tail)), to: 1).map { $0["number"] } == [2])
  }
}
