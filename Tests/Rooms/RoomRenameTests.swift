import Reconciliation
import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Importers that make new ids with every sync: what is on record stays with its job.
@Suite struct RoomRenameTests {
  private static let newID = "00000000-0000-4000-8000-0000000000b2"
  private static let unit = ["jobs", RoomFixture.jobID, "adaptor"]

  /// A room with a conflict about a job's adaptor, in which member 1 has asked for events.
  private func conflict() throws -> (fixture: RoomFixture, member: Doc) {
    var fixture = RoomFixture.serving(members: [1])
    let member = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: member) {
      try member.array("jobs")[0].map?.set("adaptor", "mine@1")
    }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.message(1, .event("")))
    fixture.changeRows { $0.jobs[0].adaptor = "theirs@1" }
    let commit = try reconcile(&fixture, number: 5)
    #expect(commit.conflicts.map(\.unit) == [Self.unit])
    #expect(commit.conflicts.map(\.editors) == [[77]])
    return (fixture, member)
  }

  /// Has the rows merged; returns the commit.
  @discardableResult
  private func reconcile(_ fixture: inout RoomFixture, number: Int64) throws -> ServerCommit {
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    return try finish(&fixture, commit, number).commit
  }

  private func finish(
    _ fixture: inout RoomFixture, _ commit: ServerCommit, _ number: Int64
  ) throws -> (commit: ServerCommit, effects: [Room.Effect]) {
    let result = CommitResult(
      lastSequence: number - 2, revision: fixture.rows.revision, lockVersion: fixture.rows.lockVersion, number: number)
    return (commit, fixture.send(.committed(result)))
  }

  private func open(_ fixture: inout RoomFixture) throws -> [StandingConflict] {
    guard case .reply(_, .conflicts(let open))? = fixture.send(.request(9, .conflicts)).first else { return [] }
    return open
  }

  @Test func anOpenConflictFollowsItsJobAndTheNoticeSaysSo() throws {
    var (fixture, _) = try conflict()
    fixture.changeRows { $0.jobs[0].id = Self.newID }
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    let rename = Rename(collection: "jobs", oldID: RoomFixture.jobID, newID: Self.newID, matchedBy: .naturalKey)
    #expect(commit.renames == [rename])
    let effects = try finish(&fixture, commit, 6).effects
    let notice = effects.messages(to: 1).compactMap { message -> JSONValue? in
      if case .event(let text) = message { try? JSONValue(parsing: text) } else { nil }
    }.first
    #expect(notice?["renames"] == [rename.json])
    _ = fixture.send(.tick)
    let open = try open(&fixture)
    #expect(open.map(\.record.conflict.unit) == [["jobs", Self.newID, "adaptor"]])
    #expect(open.map(\.standing) == [.database])
    // And can still be decided.
    _ = fixture.send(.request(10, .resolve(open.map(\.record), .live, .system)))
    let resolution = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    let reply = try finish(&fixture, resolution, 7).effects
    #expect(reply.contains(.reply(10, .resolved([]))))
  }

  /// A choice is carried out by the server, which is nobody.
  @Test func theServerIsNoEditor() throws {
    var (fixture, _) = try conflict()
    _ = fixture.send(.request(10, .resolve(try open(&fixture).map(\.record), .live, .system)))
    let resolution = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    _ = try finish(&fixture, resolution, 6)
    fixture.changeRows { $0.jobs[0].adaptor = "theirs@2" }
    let conflicts = try reconcile(&fixture, number: 7).conflicts
    #expect(conflicts.map(\.unit) == [Self.unit])
    #expect(conflicts.map(\.editors) == [[]])
  }

  /// A choice arrives while rows with new ids wait to be merged, for an open conflict or one that was decided before.
  @Test(arguments: [false, true]) func aChoiceThatWaitsFollowsItsJob(isDecided: Bool) throws {
    var (fixture, _) = try conflict()
    let records = try open(&fixture).map(\.record)
    if isDecided {
      _ = fixture.send(.request(10, .resolve(records, .live, .system)))
      let resolution = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
      _ = try finish(&fixture, resolution, 6)
    }
    fixture.changeRows { $0.jobs[0].id = Self.newID }
    _ = fixture.send(.request(11, .resolve(records, .value("ours@1"), .system)))
    let merge = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(merge.renames.map(\.newID) == [Self.newID])
    #expect(try finish(&fixture, merge, isDecided ? 7 : 6).effects.contains(.readRows))
    let effects = fixture.send(.rowsRead(fixture.rows))
    let resolution = try #require(effects.commits.first, "\(effects)")
    #expect(try finish(&fixture, resolution, isDecided ? 8 : 7).effects.contains(.reply(11, .resolved([]))))
  }

  /// A choice that was read before the merge arrives after it.
  @Test func aChoiceThatComesLateFollowsItsJob() throws {
    var (fixture, _) = try conflict()
    let records = try open(&fixture).map(\.record)
    fixture.changeRows { $0.jobs[0].id = Self.newID }
    #expect(try reconcile(&fixture, number: 6).renames.count == 1)
    _ = fixture.send(.request(11, .resolve(records, .live, .system)))
    let resolution = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(try finish(&fixture, resolution, 7).effects.contains(.reply(11, .resolved([]))))
  }

  /// The merge is another node's, and the conflict was decided before.
  @Test func aChoiceThatWaitsFollowsItsJobAlsoWhereAnotherNodeMerged() throws {
    var (fixture, member) = try conflict()
    let records = try open(&fixture).map(\.record)
    fixture.changeRows { $0.jobs[0].id = Self.newID }
    let job = fixture.rows.content.jobs[0]
    let update = try fixture.update(of: member) {
      try member.array("jobs").remove(at: 0)
      try WorkflowDocument.append(job, to: member)
    }
    #expect(fixture.send(.logGrew(to: 4)) == [.readLog(after: 3)])
    _ = fixture.send(.request(11, .resolve(records, .value("ours@1"), .system)))
    var tail = fixture.tail([update], lastSequence: 4)
    tail.reconciliations = [
      ReconciliationRecord(
        number: 6, kind: .reconcile, provenance: .unknown, lockVersion: fixture.rows.lockVersion, changes: [],
        conflicts: 0,
        renames: [Rename(collection: "jobs", oldID: RoomFixture.jobID, newID: Self.newID, matchedBy: .content)],
        updateBytes: update.count, recordedAt: "")
    ]
    #expect(fixture.send(.logRead(tail)).contains(.readRows))
    let effects = fixture.send(.rowsRead(fixture.rows))
    #expect(effects.commits.count == 1, "\(effects)")
  }
}
