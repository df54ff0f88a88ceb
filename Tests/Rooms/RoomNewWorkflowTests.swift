import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// A workflow that was never saved has a document and no rows.
@Suite struct RoomNewWorkflowTests {
  private static let project = "00000000-0000-4000-8000-00000000000f"

  /// A room that serves a new workflow whose document has one job, all stored.
  private func new() throws -> (fixture: RoomFixture, member: Doc) {
    var fixture = RoomFixture()
    fixture.rows.content.jobs = []
    let seed = WorkflowDocument.seed(name: fixture.room.name, epoch: 1, rows: fixture.rows)
    var stored = fixture.stored
    stored.updates = [seed.update]
    stored.serverClientID = seed.clientID
    stored.serverClock = seed.clock
    stored.lineage = Lineage(epoch: 1, root: seed.clientID)
    stored.base = Base(content: fixture.rows.content, ids: seed.ids, revision: Base.noRows, lockVersion: 0)
    stored.currentRevision = nil
    stored.newInProject = Self.project
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.loaded(stored))
    let member = Doc(clientID: 77)
    try member.apply(seed.update)
    let update = try fixture.update(of: member) {
      try WorkflowDocument.append(Job(id: RoomFixture.jobID, name: "Fetch", body: "get()"), to: member)
    }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    return (fixture, member)
  }

  @Test func theFirstSaveMakesTheRows() throws {
    var (fixture, member) = try new()
    guard case .reply(2, .live(let live))? = fixture.send(.request(2, .read)).first else { return #expect(Bool(false)) }
    #expect(live.isDirty && live.lockVersion == 0)
    #expect(fixture.send(.request(3, .save(.system))) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(nil)).commits.first)
    guard case .save(let rows) = commit.kind else { return #expect(Bool(false)) }
    #expect(rows.revision == Base.noRows && rows.lockVersion == 1 && rows.projectID == Self.project)
    #expect(rows.content.jobs.map(\.name) == ["Fetch"] && rows.content.id == RoomFixture.workflowID)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 1)))
    for case .update(let update) in effects.broadcasts { try member.apply(update) }
    #expect(WorkflowDocument.lockVersion(of: member) == 1)
    guard case .reply(3, .saved(let saved))? = effects.first(where: { if case .reply = $0 { true } else { false } })
    else { return #expect(Bool(false)) }
    #expect(saved.lockVersion == 1 && saved.revision == 31)
    // From here on it is a workflow like any other: without rows it is deleted.
    #expect(fixture.send(.request(4, .save(.system))).contains(.readRows))
    #expect(fixture.send(.rowsRead(nil)).commits.first?.kind == .reconcile)
    _ = fixture.send(.committed(CommitResult(lastSequence: 4, revision: Base.noRows, lockVersion: 1)))
    #expect(fixture.send(.rowsRead(nil)).contains(.reply(4, .deleted)))
  }

  @Test func oneThatMayNotBeActiveIsSavedSwitchedOff() throws {
    var (fixture, member) = try new()
    let update = try fixture.update(of: member) {
      try WorkflowDocument.append(Trigger(id: RoomSaveTests.secondJobID, type: "webhook", enabled: true), to: member)
    }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 2, sequence: 3))
    _ = fixture.send(.request(3, .save(.system)))
    _ = fixture.send(.rowsRead(nil))
    #expect(fixture.send(.commitRefused(.limited("full"))) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(nil)).commits.first)
    guard case .save(let rows) = commit.kind else { return #expect(Bool(false)) }
    #expect(rows.content.triggers.map(\.enabled) == [false])
    let effects = fixture.send(.committed(CommitResult(lastSequence: 4, revision: 31, lockVersion: 1)))
    for case .update(let update) in effects.broadcasts { try member.apply(update) }
    #expect(try WorkflowDocument.extract(member).triggers.map(\.enabled) == [false])
  }

  @Test func aNewWorkflowThatNobodyTouchedIsSavedAsWell() throws {
    var (fixture, member) = try new()
    let update = try fixture.update(of: member) { try member.array("jobs").remove(at: 0) }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 2, sequence: 3))
    _ = fixture.send(.request(3, .save(.system)))
    #expect(fixture.send(.rowsRead(nil)).commits.first?.kind.isSave == true)
  }

  @Test func thereIsNothingToGoBackTo() throws {
    var (fixture, _) = try new()
    _ = fixture.send(.request(3, .reset(.system)))
    #expect(fixture.send(.rowsRead(nil)) == [.reply(3, .neverSaved)])
  }

  @Test func itIsUnsavedFromTheStart() throws {
    var (fixture, _) = try new()
    guard case .send(1, .event(let text))? = fixture.send(.message(1, .event(""))).first else {
      return #expect(Bool(false))
    }
    let event = try JSONValue(parsing: Array(text.utf8))
    #expect(event["workflow"]?["jobs"] == [] && event["dirty"] == true && event["lock_version"] == 0)
  }

  @Test func whatIsWrongIsSaidInTheDocument() throws {
    var (fixture, member) = try new()
    let update = try fixture.update(of: member) { try member.array("jobs")[0].map?.set("name", "") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 2, sequence: 3))
    _ = fixture.send(.request(3, .save(.system)))
    #expect(fixture.send(.rowsRead(nil)) == [.readLog(after: 3)])
    var tail = fixture.tail([], lastSequence: 3)
    tail.base.content.jobs = []
    tail.base.revision = Base.noRows
    tail.newInProject = Self.project
    _ = fixture.send(.logRead(tail))
    let commit = try #require(fixture.send(.rowsRead(nil)).commits.first)
    #expect(commit.kind == .report && commit.base.revision == Base.noRows)
  }

  /// An import with the same id, or another node that saved it.
  @Test func rowsThatAppearAreMerged() throws {
    var (fixture, _) = try new()
    fixture.changeRows { $0.concurrency = 3 }
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.kind == .reconcile)
    _ = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4)))
    _ = fixture.send(.request(3, .save(.system)))
    guard case .save(let rows)? = fixture.send(.rowsRead(fixture.rows)).commits.first?.kind else {
      return #expect(Bool(false))
    }
    #expect(rows.revision == 31 && rows.content.concurrency == 3 && rows.content.jobs.count == 1)
  }
}
