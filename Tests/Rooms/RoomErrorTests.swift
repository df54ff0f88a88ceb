import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What is wrong with a document is in the document, for everybody, and hinders nobody.
@Suite struct RoomErrorTests {
  /// A room with two members whose document says these things, all stored.
  private struct Site {
    var fixture = RoomFixture.serving(members: [1, 2])
    let member: Doc
    var appends = 0
    var sequence: Int64 = 1
    var lastRequest: RequestID = 10

    init() throws { member = try fixture.replica(clientID: 77) }

    mutating func edit(_ body: (Doc) throws -> Void) throws {
      let update = try fixture.update(of: member) { try body(member) }
      _ = fixture.send(.message(1, .update(update)))
      appends += 1
      sequence += 1
      _ = fixture.send(.appended(through: appends, sequence: sequence))
    }

    var errors: JSONValue { JSONValue(member.map("errors").json) }

    /// Asks for a save and answers what the room reads; ends with what it wants then.
    mutating func save() -> [Room.Effect] {
      lastRequest += 1
      var effects = fixture.send(.request(lastRequest, .save(.system)))
      for _ in 0..<4 {
        if effects.contains(.readRows) {
          effects = fixture.send(.rowsRead(fixture.rows))
        } else if effects.contains(where: { if case .readLog = $0 { true } else { false } }) {
          effects = fixture.send(.logRead(fixture.tail([], lastSequence: sequence)))
        }
      }
      return effects
    }

    /// The store makes the commit; the member gets what comes of it.
    mutating func commit(_ commit: ServerCommit, revision: Int64 = 30, lockVersion: Int = 3) throws -> [Room.Effect] {
      sequence += commit.update.isEmpty ? 0 : 1
      let effects = fixture.send(
        .committed(CommitResult(lastSequence: sequence, revision: revision, lockVersion: lockVersion)))
      for case .update(let update) in effects.broadcasts { try member.apply(update) }
      return effects
    }
  }

  private static func job(_ doc: Doc) -> YMap? { doc.array("jobs")[0].map }

  private static let blank = ["job name can't be blank"]

  private func reply(_ effects: [Room.Effect]) -> Room.Reply? {
    effects.lazy.compactMap { if case .reply(_, let reply) = $0 { reply } else { nil } }.first
  }

  @Test func everybodySeesWhyASaveIsRefused() throws {
    var site = try Site()
    _ = site.fixture.send(.message(2, .event("")))
    try site.edit { try Self.job($0)?.set("name", " ") }
    let effects = site.save()
    let commit = try #require(effects.commits.first)
    #expect(commit.kind == .report && commit.changes.isEmpty && commit.conflicts.isEmpty)
    #expect(commit.base.content == site.fixture.rows.content && commit.base.revision == 30)
    #expect(reply(effects) == nil, "nobody is told what is not kept")
    let after = try site.commit(commit)
    var expected = ValidationErrors()
    expected.add(.jobs, RoomFixture.jobID, "name", Self.blank[0])
    #expect(reply(after) == .invalid(expected))
    #expect(site.errors == ["jobs": [RoomFixture.jobID: ["name": ["job name can't be blank"]]]])
    #expect(after.messages(to: 2).isEmpty, "it is no save")
  }

  @Test func theSameErrorsAreNotWrittenAgain() throws {
    var site = try Site()
    try site.edit { try Self.job($0)?.set("name", "") }
    _ = try site.commit(try #require(site.save().commits.first))
    let again = site.save()
    #expect(again.commits.isEmpty)
    guard case .invalid? = reply(again) else { return #expect(Bool(false)) }
  }

  @Test func whatTheDatabaseRefusesIsShownAsWell() throws {
    var site = try Site()
    try site.edit { try $0.map("workflow").set("name", "Taken") }
    let save = try #require(site.save().commits.first)
    #expect(save.kind.isSave)
    let message = "a workflow with this name already exists in this project."
    let effects = site.fixture.send(.commitRefused(.invalid(ValidationErrors("name", message))))
    let after = try site.commit(try #require(effects.commits.first))
    #expect(reply(after) == .invalid(ValidationErrors("name", message)))
    #expect(site.errors == ["workflow": ["name": [.string(message)]]])
  }

  @Test func whatBelongsToNoFieldIsOnlyAnswered() throws {
    var site = try Site()
    try site.edit { try $0.map("workflow").set("name", "New") }
    #expect(site.save().commits.first?.kind.isSave == true)
    let errors = ValidationErrors("base", "violates the rule x")
    let effects = site.fixture.send(.commitRefused(.invalid(errors)))
    #expect(effects.commits.isEmpty && reply(effects) == .invalid(errors))
    #expect(site.errors == [:])
    #expect(site.save().commits.first?.kind.isSave == true, "who tries again is not held up")
  }

  @Test func aSaveThatSucceedsClearsThem() throws {
    var site = try Site()
    try site.edit { doc in
      try Self.job(doc)?.set("name", "")
      try doc.map("errors").set("workflow", ["concurrency": ["client: too small"]])
    }
    _ = try site.commit(try #require(site.save().commits.first))
    #expect(site.errors["workflow"]?["concurrency"] == ["client: too small"])
    try site.edit { try Self.job($0)?.set("name", "Get") }
    let save = try #require(site.save().commits.first)
    #expect(save.kind.isSave)
    _ = try site.commit(save, revision: 31, lockVersion: 4)
    #expect(site.errors == [:])
  }

  @Test func errorsAreClearedWhereNothingIsToBeSaved() throws {
    var site = try Site()
    try site.edit { try $0.map("errors").set("workflow", ["name": ["old"]]) }
    let commit = try #require(site.save().commits.first)
    #expect(commit.kind == .reset)
    _ = try site.commit(commit)
    #expect(site.errors == [:])
  }

  @Test func clientsKeepTheirMessagesButForTheSameField() throws {
    var site = try Site()
    try site.edit { doc in
      try Self.job(doc)?.set("name", "")
      try doc.map("errors").set("jobs", [RoomFixture.jobID: ["body": ["client: no code"], "name": ["client: empty"]]])
    }
    _ = try site.commit(try #require(site.save().commits.first))
    #expect(
      site.errors["jobs"]?[RoomFixture.jobID]
        == ["body": ["client: no code"], "name": ["job name can't be blank"]])
  }

  @Test func whatIsRightByNowGoesWithTheNextRefusal() throws {
    var site = try Site()
    try site.edit { doc in
      try Self.job(doc)?.set("name", "")
      try doc.map("workflow").set("concurrency", 0)
      try WorkflowDocument.append(Job(id: RoomSaveTests.secondJobID, name: "", body: "fn()"), to: doc)
    }
    _ = try site.commit(try #require(site.save().commits.first))
    #expect(site.errors.object?.keys.sorted() == ["jobs", "workflow"])
    #expect(site.errors["jobs"]?.object?.count == 2)
    try site.edit { doc in
      try doc.map("workflow").set("concurrency", 1)
      try doc.array("jobs").remove(at: 1)
    }
    _ = try site.commit(try #require(site.save().commits.first))
    #expect(site.errors == ["jobs": [RoomFixture.jobID: ["name": ["job name can't be blank"]]]])
  }

  @Test func whoWasSlowerLooksAgain() throws {
    var site = try Site()
    try site.edit { try Self.job($0)?.set("name", "") }
    let first = try #require(site.save().commits.first)
    #expect(site.fixture.send(.commitRefused(.stale)) == [.readLog(after: site.sequence)])
    #expect(site.fixture.send(.logRead(site.fixture.tail([], lastSequence: site.sequence))) == [.readRows])
    let second = try #require(site.fixture.send(.rowsRead(site.fixture.rows)).commits.first)
    #expect(second == first)
    guard case .invalid? = reply(try site.commit(second)) else { return #expect(Bool(false)) }
  }

  @Test func errorsAreNothingToSave() throws {
    var site = try Site()
    try site.edit { try $0.map("errors").set("workflow", ["name": ["old"]]) }
    guard case .live(let live)? = reply(site.fixture.send(.request(3, .read))) else { return #expect(Bool(false)) }
    #expect(!live.isDirty)
  }

  @Test func aSaveWritesTheRowsOfItsOwnWorkflowOnly() throws {
    var site = try Site()
    try site.edit { try $0.map("workflow").set("concurrency", 2) }
    try site.edit { try $0.map("workflow").set("id", "00000000-0000-4000-8000-000000000099") }
    let commit = try #require(site.save().commits.first)
    guard case .save(let rows) = commit.kind else { return #expect(Bool(false)) }
    #expect(rows.content.id == RoomFixture.workflowID)
    _ = try site.commit(commit, revision: 31, lockVersion: 4)
    #expect(site.member.map("workflow")["id"]?.value?.string == RoomFixture.workflowID)
  }
}
