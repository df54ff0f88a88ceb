import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

@Suite struct NewWorkflowTests {
  private static let id = "77777777-7777-4777-8777-777777777777"
  private static let name = DocumentName(workflowID: id)

  private func open(
    _ store: Store, _ id: String = Self.id, in project: String = SampleProject.id, name: String? = nil
  ) throws -> NewWorkflowOutcome {
    try store.wait { store.openNew(id, in: project, name: name, by: .system, $0) }
  }

  /// The commit that a room makes of the first save.
  private func save(_ document: StoredDocument, _ change: (inout WorkflowContent) -> Void = { _ in }) throws
    -> ServerCommit
  {
    var content = document.base.content
    change(&content)
    let rows = WorkflowRows(
      content: content, projectID: try #require(document.newInProject), lockVersion: 1, revision: Base.noRows)
    let doc = try document.doc(clientID: document.serverClientID)
    let clock = doc.stateVector[document.serverClientID]
    let update = try doc.edit { try $0.map("workflow").set("lock_version", 1) }
    var base = document.base
    base.content = content
    return ServerCommit(
      document: document.name, kind: .save(rows), update: update, base: base, expectedBaseRevision: Base.noRows,
      expectedServerClock: clock, serverClock: doc.stateVector[document.serverClientID])
  }

  @Test func itsDocumentComesBeforeItsRows() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    #expect(try open(store, name: " Intake ") == .open(name: "Intake 1", isMade: true))
    #expect(try open(store, name: "Other") == .open(name: "Intake 1", isMade: false))
    let document = try #require(try store.wait { store.open(Self.name, $0) })
    #expect(document.newInProject == SampleProject.id && document.currentRevision == nil)
    #expect(try WorkflowDocument.extract(document.doc()) == WorkflowContent(id: Self.id, name: "Intake 1"))
    #expect(try psql.value("select count(*) from workflows") == "1")
    #expect(try store.wait { store.staleDocuments($0) } == [])
    _ = try store.wait { store.append(Self.name, [1, 2, 3], $0) }
    #expect(try store.wait { store.readLog(Self.name, after: 1, $0) }.newInProject == SampleProject.id)
  }

  @Test func onlyWhatIsNewCanBeOpenedAsNew() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let other = "99999999-9999-4999-8999-999999999999"
    #expect(try open(store, in: other) == .noProject)
    try psql.run("insert into projects (id, name) values ('\(other)', 'other')")
    #expect(try open(store, SampleProject.workflow) == .saved)
    #expect(try open(store, SampleProject.workflow, in: other) == .taken)
    #expect(try open(store, in: other) == .open(name: "Untitled workflow", isMade: true))
    #expect(try open(store) == .taken)
    // One that was deleted is not new, whatever is left of it.
    _ = try store.open()
    try psql.run("delete from workflows")
    #expect(try open(store, SampleProject.workflow) == .taken)
  }

  @Test func theFirstSaveInserts() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    _ = try open(store, name: "New")
    let document = try #require(try store.wait { store.open(Self.name, $0) })
    let commit = try save(document) { content in
      content.jobs = [Job(id: SampleWorkflowIDs.job, name: "Fetch", body: "get()")]
    }
    guard case .committed(let result) = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(result.lockVersion == 1 && result.number == 1)
    #expect(
      try psql.run("select name, project_id, lock_version from workflows where id = '\(Self.id)'")
        == [["New", SampleProject.id, "1"]])
    #expect(try psql.value("select count(*) from workflow_snapshots where workflow_id = '\(Self.id)'") == "1")
    #expect(try psql.value("select event from project_audit") == "workflow_created")
    let after = try #require(try store.wait { store.open(Self.name, $0) })
    #expect(after.newInProject == nil && after.currentRevision == after.base.revision)
    #expect(try store.make(commit) == .stale(.rows), "it is done once")
    #expect(try open(store) == .saved)
  }

  @Test func whatTheDatabaseRefusesComesBackByField() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    _ = try open(store, name: "New")
    let document = try #require(try store.wait { store.open(Self.name, $0) })
    let taken = ValidationErrors("name", "a workflow with this name already exists in this project.")
    #expect(try store.make(save(document) { $0.name = "Intake" }) == .invalid(taken))
    try psql.run("delete from projects")
    let gone = ValidationErrors("base", "the project of this workflow does not exist any more")
    #expect(try store.make(save(document)) == .invalid(gone))
  }

  /// An import of the same workflow was faster: then its rows are merged first.
  @Test func rowsThatSomebodyElseWroteAreNotOverwritten() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    _ = try open(store, name: "New")
    let document = try #require(try store.wait { store.open(Self.name, $0) })
    try psql.run(
      "insert into workflows (id, project_id, name) values ('\(Self.id)', '\(SampleProject.id)', 'Imported')")
    #expect(try store.make(save(document)) == .stale(.rows))
    #expect(try store.wait { store.staleDocuments($0) } == [Self.id])
  }

  @Test func ofTwoFirstSavesOneIsMade() throws {
    let address = try TestStore.sampleDatabase()
    let stores = [TestStore.start(address), TestStore.start(address)]
    for store in stores { _ = try open(store, name: "New") }
    let document = try #require(try stores[1].wait { stores[1].open(Self.name, $0) })
    let commit = try save(document)
    let answers = Answers<Result<CommitOutcome, StoreError>>()
    for _ in 0..<4 { for store in stores { store.commit(commit, answers.add) } }
    let outcomes = try answers.wait(for: 8).map { try $0.get() }
    #expect(outcomes.filter { if case .committed = $0 { true } else { false } }.count == 1)
    #expect(outcomes.allSatisfy { if case .invalid = $0 { false } else { true } })
  }

  @Test func namesAreFreeInTheProject() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    func free(_ name: String, besides id: String? = nil) throws -> String {
      try store.wait { store.freeWorkflowName(name, in: SampleProject.id, besides: id, $0) }
    }
    #expect(try free("Other") == "Other")
    #expect(try free(" Intake") == "Intake 1")
    #expect(try free("Intake", besides: SampleProject.workflow) == "Intake")
    #expect(try free("") == "Untitled workflow")
    try psql.run("update workflows set deleted_at = now()")
    #expect(try free("Intake") == "Intake 1", "names of deleted ones are taken")
    _ = try open(store, name: "Intake")
    #expect(try free("Intake") == "Intake 2", "those of new ones as well")
    #expect(try free("Intake 1", besides: Self.id) == "Intake 1")
    #expect(try free("it's 100% _") == "it's 100% _")
  }

  @Test func whoMayEditInTheProjectMayEditIt() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let user = "aaaaaaaa-0000-4000-8000-000000000001"
    try psql.run(
      """
      insert into users (id, email) values ('\(user)', 'ada@example.com');
      insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(user)', 'editor')
      """)
    let question = AccessQuestion(Credential(subject: .user(user), issuedAt: 4_000_000_000_000), .workflow(Self.id))
    func role() throws -> Capacity? {
      guard case .known(let access) = try store.wait({ store.readAccess([question], $0) })[0] else { return nil }
      return access.capacity
    }
    #expect(try role() == .user(nil, isSuperuser: false))
    _ = try open(store)
    #expect(try role() == .user(.editor, isSuperuser: false))
  }

  @Test func whatNobodyWroteInGoesAfterAWhile() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let written = "77777777-7777-4777-8777-777777777778"
    for id in [Self.id, written] { _ = try open(store, id) }
    _ = try store.wait { store.append(DocumentName(workflowID: written), [1, 2, 3], $0) }
    _ = try store.open()
    let connection = try TestStore.connection(address)
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try psql.value("select count(*) from documents") == "3")
    try psql.run("update documents set inserted_at = now() - interval '2 hours'")
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(
      try psql.run("select workflow_id from documents order by 1") == [[SampleProject.workflow], [written]])
    #expect(try open(store) == .open(name: "Untitled workflow", isMade: true))
  }
}

private enum SampleWorkflowIDs {
  static let job = "33333333-3333-4333-8333-33333333333a"
}
