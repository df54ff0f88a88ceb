import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What an import would do is found out without doing it, and done only if it is still so.
@Suite struct PlanTests {
  private static let document: JSONValue = ["id": "x", "name": "…"]

  private func change(_ body: @escaping @Sendable (inout ProjectContent) throws -> Void) -> ProjectChange {
    ProjectChange(
      projectID: SampleProject.id, mentionedIDs: [],
      provenance: Provenance(.importing, actor: Actor(type: "user", id: "1", name: "Ada"))
    ) { existing, _ in
      var project = try #require(existing)
      try body(&project)
      return project
    }
  }

  private func renaming(_ name: String = "Renamed") -> ProjectChange {
    change { $0.workflows[0].content.name = name }
  }

  private func plan(_ store: Store, _ change: ProjectChange) throws -> (id: String, plan: ImportPreview) {
    try store.wait { done in
      store.planImport(change, document: Self.document, { (plan: $0, versions: ["a": 1]) }, done)
    }
  }

  private func apply(
    _ store: Store, _ change: ProjectChange, plan: String? = nil,
    if condition: @escaping @Sendable (ImportPreview) throws -> Void = { _ in }
  ) throws -> ProjectUpdate {
    try store.wait { store.updateProject(change, applying: plan, if: condition, $0) }
  }

  @Test func aPreviewShowsWhatTheImportDoesAndWritesNothing() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    _ = try store.open()
    try psql.run("delete from workflow_outbox")
    let import_ = change { project in
      project.workflows[0].content.jobs[0].name = "  Fetch-2 "
      project.workflows[0].content.jobs.removeLast()
      project.workflows[0].content.triggers[0].type = "cron"
    }
    let before = try store.rows()
    let preview = try plan(store, import_).plan
    #expect(try store.rows() == before)
    for table in ["workflow_snapshots", "project_audit", "workflow_outbox", "workflow_writes"] {
      #expect(try psql.value("select count(*) from \(table)") == "0", "\(table)")
    }
    let workflow = try #require(preview.workflows.first)
    #expect(workflow.before == before)
    #expect(try workflow.document == store.open())
    let done = try apply(store, import_)
    #expect(done.project.workflows.map(\.content) == [workflow.after.content])
    #expect(workflow.after.content.triggers[0].cronExpression == "0 0 * * *")
  }

  @Test func whatTheDatabaseRefusesIsRefusedInAPlan() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    #expect(throws: ValidationErrors.self) { try plan(store, change { $0.workflows[0].content.jobs[0].body = " " }) }
    #expect(try psql.value("select count(*) from import_plans") == "0")
  }

  @Test func aDocumentThatNobodyOpenedIsNotMade() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    #expect(try plan(store, renaming()).plan.workflows.map(\.document) == [nil])
    #expect(try PlainConnection(address).value("select count(*) from documents") == "0")
  }

  @Test func aConditionDecides() throws {
    struct No: Error {}
    let store = try TestStore.start(TestStore.sampleDatabase())
    let before = try store.rows()
    #expect(throws: No.self) { try apply(store, renaming()) { _ in throw No() } }
    #expect(try store.rows() == before)
    #expect(try apply(store, renaming()).changedWorkflowIDs == [SampleProject.workflow])
  }

  /// Rows or a document that change after they were judged are judged again.
  @Test(arguments: [
    "update workflows set concurrency = 7",
    """
    with d as (update documents set last_sequence = last_sequence + 1 returning workflow_id, last_sequence)
    insert into document_updates (workflow_id, sequence, data) select workflow_id, last_sequence, '\\x020000' from d
    """,
  ])
  func whatMovesIsJudgedAgain(writes sql: String) throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    _ = try store.open()
    let judged = Monitor(0)
    _ = try apply(store, renaming()) { _ in
      if judged.change({
        $0 += 1; return $0
      }) == 1 {
        try PlainConnection(address).run(sql)
      }
    }
    #expect(judged.read { $0 } == 2)
    #expect(try store.rows().content.name == "Renamed")
  }

  @Test func aPlanIsAppliedOnceHoweverManyTry() throws {
    let address = try TestStore.sampleDatabase()
    let stores = [TestStore.start(address), TestStore.start(address)]
    let id = try plan(stores[0], renaming()).id
    let stored = try stores[1].wait { stores[1].readPlan(id, $0) }
    #expect(stored == StoredPlan(id: id, projectID: SampleProject.id, document: Self.document, versions: ["a": 1]))
    let answers = Answers<Result<ProjectUpdate, any Error>>()
    for index in 0..<6 { stores[index % 2].updateProject(renaming(), applying: id, if: { _ in }, answers.add) }
    let results = try answers.wait(for: 6)
    #expect(results.count { (try? $0.get()) != nil } == 1)
    for case .failure(let error) in results { #expect(error as? PlanError == .applied) }
    #expect(try stores[0].rows().lockVersion == 1)
    #expect(throws: PlanError.applied) { try stores[0].wait { stores[0].readPlan(id, $0) } }
    #expect(
      try PlainConnection(address).run("select state, document is null from import_plans") == [["applied", "t"]])
  }

  /// The connection breaks behind the commit: the same attempt finds out that it was made, and does not make it again.
  @Test func anAppliedPlanWhoseAnswerWasLostIsNotAppliedTwice() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let id = try plan(store, renaming()).id
    let work = CheckedImport(change: renaming(), plan: id, presenceAge: .seconds(60)) { _ in }
    let connection = try TestStore.connection(address)
    let done = try work.run(connection).project
    let rows = try store.rows()
    #expect(rows.content.name == "Renamed")
    let again = try work.run(connection)
    #expect(again.project == done)
    #expect(again.changedWorkflowIDs.isEmpty)
    // Somebody else's attempt is refused.
    #expect(throws: PlanError.applied) { try apply(store, renaming("Again"), plan: id) }
    #expect(try store.rows() == rows)
  }

  @Test func aPlanThatFailsCanBeAppliedLater() throws {
    struct No: Error {}
    let store = try TestStore.start(TestStore.sampleDatabase())
    let id = try plan(store, renaming()).id
    #expect(throws: No.self) { try apply(store, renaming(), plan: id) { _ in throw No() } }
    #expect(try apply(store, renaming(), plan: id).project.workflows[0].content.name == "Renamed")
  }

  @Test func plansExpireAndAreForgotten() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    let store = TestStore.start(address) { $0.planRetention = .zero }
    let id = try plan(store, renaming()).id
    #expect(throws: PlanError.expired) { try apply(store, renaming(), plan: id) }
    #expect(throws: PlanError.unknown) { try apply(store, renaming(), plan: SampleProject.id) }
    try psql.run("update import_plans set expires_at = expires_at - interval '2 days'")
    let second = try plan(store, renaming()).id
    #expect(try psql.run("select id from import_plans") == [[second]])
    #expect(try store.rows().lockVersion == 0)
  }

  @Test func newPlansTakeTheRoomOfTheOldest() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    let first = try plan(TestStore.start(address), renaming()).id
    let bytes = try psql.value("select pg_column_size(document) + pg_column_size(versions) from import_plans")
    let store = TestStore.start(address) { $0.maximumPlanBytes = 2 * (bytes.flatMap(Int.init) ?? 0) }
    let second = try plan(store, renaming()).id
    #expect(try psql.run("select id from import_plans order by created_at") == [[first], [second]])
    let third = try plan(store, renaming()).id
    #expect(try psql.run("select id from import_plans order by created_at") == [[second], [third]])
    #expect(throws: PlanError.unknown) { try apply(store, renaming(), plan: first) }
    // The latest stays, whatever it needs.
    let small = TestStore.start(address) { $0.maximumPlanBytes = 0 }
    let last = try plan(small, renaming()).id
    #expect(try psql.run("select id from import_plans") == [[last]])
    #expect(try apply(small, renaming(), plan: last).project.workflows[0].content.name == "Renamed")
  }

  @Test func serversTellWhoHasADocumentOpen() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let nodes = [Store.newNodeID(), Store.newNodeID()]
    func write(_ node: Int, _ presence: DocumentPresence?) throws {
      let written = presence.map { [SampleProject.workflow: $0] } ?? [:]
      let gone = presence == nil ? [SampleProject.workflow] : []
      try store.wait { store.writePresences(written, gone: gone, node: nodes[node], $0) }
    }
    func shown() throws -> DocumentPresence? { try plan(store, renaming()).plan.workflows.first?.presence }

    #expect(try shown() == nil)
    try write(0, DocumentPresence(members: 2, names: ["Ada", "Grace"]))
    try write(1, DocumentPresence(members: 1, names: ["Ada"]))
    #expect(try shown() == DocumentPresence(members: 3, names: ["Ada", "Grace"]))
    try write(0, nil)
    #expect(try shown() == DocumentPresence(members: 1, names: ["Ada"]))
    // A server that crashed renews nothing.
    let psql = try PlainConnection(address)
    try psql.run("update document_presence set updated_at = updated_at - interval '1 hour'")
    #expect(try shown() == nil)
    try write(0, DocumentPresence(members: 1, names: []))
    #expect(try psql.value("select count(*) from document_presence") == "1")
    try store.wait { store.removePresences(node: nodes[0], $0) }
    #expect(try shown() == nil)
  }
}
