import TestSupport
import Testing
import Workflow

@testable import Storage

/// What an import does to the rows.
@Suite struct ProjectTests {
  private static let actor = Actor(type: "user", id: "1", name: "Ada")
  private static let other = "22222222-2222-4222-8222-22222222222f"

  private func update(
    _ store: Store, _ id: String = SampleProject.id, mentioning ids: Set<String> = [],
    _ body: @escaping @Sendable (ProjectContent?, Set<String>) throws -> ProjectContent
  ) throws -> ProjectUpdate {
    try store.wait {
      store.updateProject(id, mentionedIDs: ids, provenance: Provenance(.importing, actor: Self.actor), body, $0)
    }
  }

  private func change(
    _ store: Store, _ body: @escaping @Sendable (inout ProjectContent) -> Void
  ) throws -> ProjectUpdate {
    try update(store) { existing, _ in
      var project = try #require(existing)
      body(&project)
      return project
    }
  }

  @Test func isReadWhole() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let project = try #require(try store.wait { store.readProject(SampleProject.id, $0) })
    #expect(project.name == "sample")
    #expect(project.workflows == [try store.rows()])
    #expect(
      project.credentials == [ProjectCredential(id: SampleProject.credential, name: "key", owner: "a@example.com")])
    #expect(Set(project.timestamps.keys) == [SampleProject.id, SampleProject.workflow])
    #expect(try store.wait { store.readProject(Self.other, $0) } == nil)
  }

  @Test func aNewOneIsMade() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let content = WorkflowContent(id: Self.other, name: "New", jobs: [Job(id: Self.other, name: "a", body: "b")])
    let result = try update(store, Self.other) { existing, _ in
      #expect(existing == nil)
      return ProjectContent(
        id: Self.other, name: "fresh",
        workflows: [WorkflowRows(content: content, projectID: "", lockVersion: 0, revision: 0)],
        credentials: [ProjectCredential(id: Self.other, name: "c", owner: "b@example.com")],
        collections: [ProjectCollection(id: Self.other, name: "things")])
    }
    #expect(result.isNew)
    #expect(result.changedWorkflowIDs == [Self.other])
    #expect(result.project.workflows[0].content == content)
    #expect(result.project.workflows[0].lockVersion == 1)
    #expect(result.project.collections.map(\.name) == ["things"])
    #expect(try store.wait { store.readVersion(Self.other, 1, $0) }?.content.jobs == content.jobs)
    #expect(
      try PlainConnection(address).run("select event, actor_name from project_audit order by id")
        == [["project_created", "Ada"], ["workflow_created", "Ada"]])
  }

  @Test func onlyChangedWorkflowsGetANewVersion() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    try psql.run(
      "insert into workflows (id, project_id, name) values ('\(Self.other)', '\(SampleProject.id)', 'Untouched')")
    let result = try change(store) { project in
      project.workflows[0].content.jobs[0].body = "changed"
      project.workflows[0].content.jobs.removeLast()
    }
    #expect(result.changedWorkflowIDs == [SampleProject.workflow])
    #expect(result.project.workflows.map(\.lockVersion) == [1, 0])
    // The edge to the deleted job went with it.
    #expect(result.project.workflows[0].content.edges.map(\.id) == [SampleProject.edges[0]])
    // The version before is kept as well, which nobody had.
    #expect(
      try psql.run("select workflow_id::text, lock_version::text from workflow_snapshots order by lock_version")
        == [[SampleProject.workflow, "0"], [SampleProject.workflow, "1"]])
    #expect(try psql.value("select count(*) from project_audit") == "1")
  }

  @Test func nothingNewChangesNothing() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let before = try store.rows()
    try psql.run("delete from workflow_outbox")
    let result = try change(store) { $0.workflows[0].content.jobs.reverse() }
    #expect(result.changedWorkflowIDs == [])
    #expect(try store.rows() == before)
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
    #expect(try psql.value("select count(*) from project_audit") == "0")
  }

  @Test func aDeletionIsAVersionToo() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let result = try change(store) { project in
      project.workflows[0].deletedAt = "2026-11-21T06:00:00Z"
      project.workflows[0].content.name += "_del"
    }
    #expect(result.project.workflows[0].deletedAt == "2026-11-21T06:00:00Z")
    #expect(result.project.workflows[0].lockVersion == 1)
  }

  @Test func namesOfWorkflowsCanBeSwapped() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    try PlainConnection(address).run(
      "insert into workflows (id, project_id, name) values ('\(Self.other)', '\(SampleProject.id)', 'Second')")
    let result = try change(store) { project in
      project.workflows[0].content.name = "Second"
      project.workflows[1].content.name = "Intake"
    }
    #expect(result.project.workflows.map(\.content.name) == ["Second", "Intake"])
  }

  @Test func whatBelongsToOthersIsTold() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let mentioned: Set<String> = [SampleProject.jobs[0], SampleProject.credential, Self.other, SampleProject.workflow]
    struct Told: Error, Equatable { let ids: Set<String> }
    #expect(throws: Told(ids: mentioned.subtracting([Self.other]))) {
      try update(store, Self.other, mentioning: mentioned) { _, foreign in throw Told(ids: foreign) }
    }
    #expect(throws: Told(ids: [])) {
      try update(store, mentioning: mentioned) { _, foreign in throw Told(ids: foreign) }
    }
  }

  @Test func allOfItOrNothing() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let before = try store.wait { store.readProject(SampleProject.id, $0) }
    #expect(throws: ValidationErrors.self) {
      try change(store) { project in
        project.name = "renamed"
        project.workflows[0].content.jobs[0].body = "changed"
        var second = project.workflows[0]
        second.content = WorkflowContent(
          id: Self.other, name: "Second", jobs: [Job(id: SampleProject.jobs[1], name: "x", body: "y")])
        project.workflows.append(second)
      }
    }
    #expect(try store.wait { store.readProject(SampleProject.id, $0) } == before)
  }

  @Test func manyAtOnceAllHappen() throws {
    let address = try TestStore.sampleDatabase()
    let stores = [TestStore.start(address), TestStore.start(address)]
    let answers = Answers<Result<ProjectUpdate, any Error>>()
    for step in 0..<20 {
      stores[step % 2].updateProject(
        SampleProject.id, mentionedIDs: [], provenance: Provenance(.importing, actor: Self.actor),
        { existing, _ in
          var project = try #require(existing)
          project.workflows[0].content.jobs[0].body += "+"
          return project
        }, answers.add)
    }
    _ = try answers.wait(for: 20).map { try $0.get() }
    let rows = try stores[0].rows()
    #expect(rows.lockVersion == 20)
    #expect(rows.content.jobs[0].body.filter { $0 == "+" }.count == 20)
  }

  @Test func anImportTellsTheDocument() throws {
    let store = try TestStore.start(TestStore.sampleDatabase()) { $0.pollInterval = .seconds(3600) }
    let document = try store.open()
    let told = Answers<String>()
    store.onRowsChanged(told.add)
    _ = try change(store) { $0.workflows[0].content.jobs[0].body = "changed" }
    #expect(try told.wait(for: 1).first == SampleProject.workflow)
    #expect(try store.open().currentRevision != document.base.revision)
  }
}
