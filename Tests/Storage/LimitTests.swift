import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// How many workflows of a project may be active is decided where their rows are written.
@Suite struct LimitTests {
  private static let other = "22222222-2222-4222-8222-222222222223"

  /// A project with an active workflow and one whose trigger is off, where so many may be active.
  private func site(maximum: Int) throws -> (store: Store, psql: PlainConnection) {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    try psql.run(
      """
      insert into workflows (id, project_id, name) values ('\(Self.other)', '\(SampleProject.id)', 'Other');
      insert into triggers (id, workflow_id, enabled) values (gen_random_uuid(), '\(Self.other)', false)
      """)
    return (TestStore.start(address) { $0.activationLimit = MaximumActiveWorkflows(maximum) }, psql)
  }

  private func save(_ id: String, in store: Store, _ change: (inout WorkflowContent) -> Void) throws -> CommitOutcome {
    let name = DocumentName(workflowID: id)
    let document = try #require(try store.wait { store.open(name, $0) })
    var rows = try #require(try store.wait { store.readRows(id, $0) })
    rows.lockVersion += 1
    change(&rows.content)
    let doc = try document.doc(clientID: document.serverClientID)
    let clock = doc.stateVector[document.serverClientID]
    let update = try doc.edit { try $0.map("workflow").set("lock_version", .int(Int64(rows.lockVersion))) }
    var base = document.base
    base.content = rows.content
    return try store.make(
      ServerCommit(
        document: name, kind: .save(rows), update: update, base: base,
        expectedBaseRevision: document.base.revision, expectedServerClock: clock,
        serverClock: doc.stateVector[document.serverClientID]))
  }

  private static let refusal =
    "1 workflows of this project are active, and at most 1 may be: switch another one off"

  @Test func oneTooManyIsNotSaved() throws {
    let (store, psql) = try site(maximum: 1)
    let outcome = try save(Self.other, in: store) { $0.triggers[0].enabled = true }
    #expect(outcome == .limited(Self.refusal))
    #expect(try psql.value("select count(*) from triggers where enabled") == "1")
    guard case .committed = try save(Self.other, in: store, { $0.name = "Renamed" }) else {
      return #expect(Bool(false), "what stays off may be saved")
    }
    guard case .committed = try save(SampleProject.workflow, in: store, { $0.name = "Active" }) else {
      return #expect(Bool(false), "what is active already may be saved")
    }
  }

  @Test func whatIsSwitchedOffMakesRoom() throws {
    let (store, _) = try site(maximum: 1)
    guard case .committed = try save(SampleProject.workflow, in: store, { $0.triggers[0].enabled = false }),
      case .committed = try save(Self.other, in: store, { $0.triggers[0].enabled = true })
    else { return #expect(Bool(false)) }
    #expect(
      try save(SampleProject.workflow, in: store) { $0.triggers[0].enabled = true } == .limited(Self.refusal))
  }

  @Test func deletedOnesAreNotActive() throws {
    let (store, psql) = try site(maximum: 1)
    try psql.run("update workflows set deleted_at = now() where id = '\(SampleProject.workflow)'")
    guard case .committed = try save(Self.other, in: store, { $0.triggers[0].enabled = true }) else {
      return #expect(Bool(false))
    }
  }

  @Test func whoeverWritesThroughUsIsAsked() throws {
    let (store, psql) = try site(maximum: 1)
    var errors = ValidationErrors("base", Self.refusal)
    errors.isLimit = true
    #expect(throws: errors) {
      try store.wait {
        store.updateWorkflow(
          Self.other, provenance: .unknown, event: "restored",
          { rows in
            var content = rows.content
            content.triggers[0].enabled = true
            return content
          }, $0)
      }
    }
    #expect(throws: errors) {
      try store.wait {
        store.updateProject(
          SampleProject.id, mentionedIDs: [], provenance: .unknown,
          { project, _ in
            var project = try #require(project)
            for index in project.workflows.indices { project.workflows[index].content.triggers[0].enabled = true }
            return project
          }, $0)
      }
    }
    #expect(try psql.value("select count(*) from triggers where enabled") == "1")
  }
}

/// Who may save is decided when it is saved.
@Suite struct CommitPermissionTests {
  private static let user = "aaaaaaaa-0000-4000-8000-000000000001"

  private func site(role: String) throws -> (store: Store, psql: PlainConnection, address: String) {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    try psql.run(
      """
      insert into users (id, email) values ('\(Self.user)', 'ada@example.com');
      insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(Self.user)', '\(role)')
      """)
    return (TestStore.start(address), psql, address)
  }

  private func commit(_ kind: ServerCommit.Kind, in store: Store) throws -> ServerCommit {
    let document = try store.open()
    let clock = try document.doc().stateVector[document.serverClientID]
    return ServerCommit(
      document: sampleName, kind: kind, update: [], base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: clock, serverClock: clock,
      provenance: Provenance(.save, actor: Actor(type: "user", id: Self.user)))
  }

  @Test(arguments: ["viewer", "editor", "admin", "owner"])
  func theRoleOfTheMomentCounts(role: String) throws {
    let (store, psql, _) = try site(role: role)
    var rows = try store.rows()
    rows.content.name = "Renamed"
    for kind in [.report, .reset, .recover(Self.branch), .save(rows)] as [ServerCommit.Kind] {
      let outcome = try store.make(try commit(kind, in: store))
      #expect((outcome == .forbidden) == (role == "viewer"), "\(kind)")
    }
    #expect(try psql.value("select name from workflows") == (role == "viewer" ? "Intake" : "Renamed"))
    guard case .committed = try store.make(try commit(.reconcile, in: store)) else {
      return #expect(Bool(false), "a merge is on nobody's behalf")
    }
  }

  private static let branch = BranchRecord(
    number: 1, version: 1, content: WorkflowContent(id: SampleProject.workflow, name: "b"), base: nil, status: .open,
    decidedBy: nil, decidedAt: nil, recordedAt: "", updatedAt: "")

  /// The role is being taken away while the save is made: it waits, and then finds it gone.
  @Test func whoIsDemotedInTheSameInstantDoesNotSave() throws {
    let (store, psql, address) = try site(role: "editor")
    var rows = try store.rows()
    rows.content.name = "Renamed"
    let commit = try commit(.save(rows), in: store)
    try psql.run("begin; update project_memberships set role = 'viewer'")
    let answers = Answers<Result<CommitOutcome, StoreError>>()
    store.commit(commit, answers.add)
    let watcher = try PlainConnection(address)
    try until("the save waits for the role") {
      try watcher.value(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") != "0"
    }
    try psql.run("commit")
    #expect(try answers.wait(for: 1)[0].get() == .forbidden)
    #expect(try psql.value("select name from workflows") == "Intake")
  }
}
