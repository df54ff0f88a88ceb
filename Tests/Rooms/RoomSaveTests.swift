import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

@Suite struct RoomSaveTests {
  static let edgeID = "00000000-0000-4000-8000-0000000000e1"
  static let secondJobID = "00000000-0000-4000-8000-0000000000a2"

  /// What a save of the fixture's document would write, nil where there is nothing to write.
  private func saved(by fixture: inout RoomFixture) throws -> WorkflowContent? {
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    let effects = fixture.send(.rowsRead(fixture.rows))
    guard let commit = effects.commits.first else { return nil }
    guard case .save(let rows) = commit.kind else { return nil }
    #expect(rows.lockVersion == fixture.rows.lockVersion + 1)
    return rows.content
  }

  private func fixture(_ edit: (Doc) throws -> Void) throws -> RoomFixture {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try edit(doc) }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    return fixture
  }

  @Test func withoutAChangeTheVersionStays() throws {
    var fixture = RoomFixture.serving(members: [1])
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.reply(9, .saved(fixture.rows))])
  }

  @Test func theOrderOfTheRowsIsNoChange() throws {
    var fixture = try fixture {
      try WorkflowDocument.append(Job(id: Self.secondJobID, name: "Load", body: "fn()"), to: $0)
    }
    fixture.rows.content = try #require(try saved(by: &fixture))
    fixture.rows.lockVersion += 1
    fixture.rows.revision += 1
    _ = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4)))
    fixture.rows.content.jobs.reverse()
    #expect(try saved(by: &fixture) == nil)
  }

  @Test func anEdgeGoesWithItsJob() throws {
    var fixture = try fixture {
      try WorkflowDocument.append(
        Edge(id: Self.edgeID, sourceJobID: RoomFixture.jobID, targetJobID: Self.secondJobID), to: $0)
      try $0.map("positions").set(Self.secondJobID, ["x": 1, "y": 2])
      try $0.map("positions").set(RoomFixture.jobID, ["x": 3, "y": 4])
    }
    let content = try #require(try saved(by: &fixture))
    #expect(content.edges.isEmpty)
    #expect(content.positions?.keys.sorted() == [RoomFixture.jobID])
  }

  @Test func editsBetweenForkAndCommitOfASaveStayUnsaved() throws {
    var fixture = try fixture { try $0.map("workflow").set("name", "First") }
    #expect(try saved(by: &fixture)?.name == "First")
    let late = try fixture.replica(clientID: 78)
    let update = try fixture.update(of: late) { try late.map("positions").set(RoomFixture.jobID, ["x": 1, "y": 1]) }
    _ = fixture.send(.message(1, .update(update)))
    let effects = fixture.send(.committed(CommitResult(lastSequence: 4, revision: 31, lockVersion: 4)))
    guard case .reply(9, .saved(let rows))? = effects.first(where: { if case .reply = $0 { true } else { false } })
    else { return #expect(Bool(false), "\(effects)") }
    #expect(rows.lockVersion == 4)
    #expect(rows.content.positions == nil)
    guard case .reply(10, .live(let live))? = fixture.send(.request(10, .read)).first else {
      return #expect(Bool(false))
    }
    #expect(live.isDirty)
    #expect(live.lockVersion == 4)
  }

  @Test func savesAreMadeOneAfterTheOther() throws {
    var fixture = try fixture { try $0.map("workflow").set("name", "First") }
    #expect(try saved(by: &fixture) != nil)
    #expect(fixture.send(.request(10, .save(.system))) == [])
    fixture.rows.content.name = "First"
    fixture.rows.lockVersion += 1
    fixture.rows.revision += 1
    let effects = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4)))
    #expect(effects.contains(.readRows))
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.reply(10, .saved(fixture.rows))], "nothing is left to save")
  }

  @Test func whoMayNotSaveAnyMoreIsTold() throws {
    var fixture = try fixture { try $0.map("workflow").set("name", "First") }
    #expect(try saved(by: &fixture) != nil)
    #expect(fixture.send(.commitRefused(.forbidden)) == [.reply(9, .forbidden)])
    #expect(try saved(by: &fixture) != nil, "others may")
  }

  @Test func aWorkflowThatMayNotBeActiveIsNotSaved() throws {
    var fixture = try fixture { try $0.map("workflow").set("name", "First") }
    #expect(try saved(by: &fixture) != nil)
    #expect(fixture.send(.commitRefused(.limited("full"))) == [.reply(9, .limited("full"))])
  }

  @Test func s39_aSavedVersionCannotBeSaved() {
    var fixture = RoomFixture(version: 3)
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.versionLoaded(fixture.rows))
    #expect(fixture.send(.request(2, .save(.system))) == [.reply(2, .readOnly)])
    #expect(fixture.send(.request(3, .reset(.system))) == [.reply(3, .readOnly)])
  }

  @Test func aDocumentThatIsNoWorkflowCannotBeSaved() throws {
    var fixture = try fixture { try $0.map("workflow").removeValue(forKey: "name") }
    _ = fixture.send(.request(9, .save(.system)))
    guard case .reply(9, .unreadable)? = fixture.send(.rowsRead(fixture.rows)).first else {
      return #expect(Bool(false))
    }
  }
}
