import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What the server itself writes happens once, or not at all.
@Suite struct CommitTests {
  /// A commit of an opened document, as a room makes it.
  private func reconcile(
    _ document: StoredDocument, to rows: WorkflowRows? = nil, _ edit: (Doc) throws -> Void
  ) throws -> ServerCommit {
    let doc = try document.doc(clientID: document.serverClientID)
    let clock = doc.stateVector[document.serverClientID]
    let update = try doc.edit(edit)
    var base = document.base
    if let rows {
      base.content = rows.content
      base.revision = rows.revision
      base.lockVersion = rows.lockVersion
    }
    return ServerCommit(
      document: document.name, kind: .reconcile, update: update, base: base,
      expectedBaseRevision: document.base.revision, expectedServerClock: clock,
      serverClock: doc.stateVector[document.serverClientID])
  }

  private func save(_ document: StoredDocument, of rows: WorkflowRows, _ change: (inout WorkflowContent) -> Void) throws
    -> ServerCommit
  {
    var new = rows
    new.lockVersion += 1
    change(&new.content)
    var commit = try reconcile(document) { try $0.map("workflow").set("lock_version", .int(Int64(new.lockVersion))) }
    commit.kind = .save(new)
    commit.base.content = new.content
    commit.base.lockVersion = new.lockVersion
    commit.provenance = Provenance(.save, actor: Actor(type: "member", id: "7", name: "Ada"))
    return commit
  }

  @Test func g11_aReconcileIsOneTransaction() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let document = try store.open()
    try psql.run("update jobs set body = 'changed' where id = '\(SampleProject.jobs[0])'")
    let rows = try store.rows()
    var commit = try reconcile(document, to: rows) { try $0.map("errors").set("merged", .bool(true)) }
    commit.conflicts = [
      Conflict(
        kind: .editEdit, unit: ["jobs", SampleProject.jobs[0], "body"], base: "a", live: "b\0", database: nil,
        range: 3..<5, winner: .merged)
    ]
    let result = try store.make(commit)
    guard case .committed(let done) = result else { return #expect(Bool(false)) }
    #expect(done.recordedAt.count == 20)
    #expect(
      done
        == CommitResult(
          lastSequence: 2, revision: rows.revision, lockVersion: 0, number: 1, recordedAt: done.recordedAt))
    let again = try store.open()
    #expect(again.base == commit.base)
    #expect(again.currentRevision == again.base.revision)
    #expect(again.updates.last == commit.update)
    #expect(
      try psql.run("select unit[3], base, live, database, range_start, range_end, winner from conflicts")
        == [["body", "\"a\"", #""b\u0000""#, nil, "3", "5", "merged"]])
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
    #expect(try psql.run("select kind, conflicts, last_sequence from reconciliations") == [["reconcile", "1", "2"]])
  }

  /// Somebody else is in the middle of a transaction that changed the rows, and takes his time.
  @Test func whoeverIsWritingRowsHoldsUpNobody() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let document = try store.open()
    let psql = try PlainConnection(address)
    try psql.run("update jobs set body = 'one'")
    let rows = try store.rows()
    try psql.run("begin; update jobs set body = 'two'")
    let commit = try reconcile(document, to: rows) { try $0.map("errors").set("merged", .bool(true)) }
    guard case .committed = try store.make(commit) else { return #expect(Bool(false)) }
    let connection = try TestStore.connection(address)
    try connection.run("set lock_timeout = '50ms'")
    #expect(try StaleDocuments.findAll(connection).isEmpty)
    try psql.run("rollback")
    #expect(try psql.value("select count(*) from workflow_outbox") == "1")
    _ = try StaleDocuments.findAll(connection)
    #expect(try psql.value("select count(*) from workflow_outbox") == "0", "the next look clears it away")
  }

  @Test func ofTwoNodesOneCommits() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = [TestStore.start(address), TestStore.start(address)]
    let document = try nodes[0].open()
    try PlainConnection(address).run("update jobs set body = 'changed'")
    let rows = try nodes[0].rows()
    let commit = try reconcile(document, to: rows) { try $0.map("errors").set("merged", .bool(true)) }
    let answers = Answers<Result<CommitOutcome, StoreError>>()
    for _ in 0..<5 { for node in nodes { node.commit(commit, answers.add) } }
    let outcomes = try answers.wait(for: 10).map { try $0.get() }
    #expect(outcomes.filter { if case .committed = $0 { true } else { false } }.count == 1)
    #expect(outcomes.filter { $0 == .stale(.document) }.count == 9)
    #expect(try nodes[1].open().lastSequence == 2)
  }

  @Test func anotherServerClockIsStale() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    var commit = try reconcile(try store.open()) { try $0.map("errors").set("x", .bool(true)) }
    commit.expectedServerClock += 1
    #expect(try store.make(commit) == .stale(.document))
  }

  @Test func comesAfterWhatWasAppendedBefore() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let document = try store.open()
    let appended = Answers<Result<Int64, StoreError>>()
    for step in 0..<100 { store.append(sampleName, [UInt8(step)], appended.add) }
    let commit = try reconcile(document) { try $0.map("errors").set("x", .bool(true)) }
    guard case .committed(let result) = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(try appended.wait(for: 100).allSatisfy { try $0.get() < result.lastSequence })
  }

  @Test func aSaveWritesTheDifference() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let (document, rows) = (try store.open(), try store.rows())
    let new = "33333333-3333-4333-8333-33333333333f"
    let untouched = try psql.value("select xmin from triggers")
    let commit = try save(document, of: rows) { content in
      content.name = "Renamed"
      content.concurrency = 3
      content.positions = nil
      content.jobs.removeFirst()
      content.jobs[0].body = "new body"
      content.jobs.append(Job(id: new, name: "Fetch", body: "x", projectCredentialID: SampleProject.credential))
      content.edges = [Edge(id: SampleProject.edges[0], sourceTriggerID: SampleProject.trigger, targetJobID: new)]
    }
    guard case .committed(let result) = try store.make(commit) else { return #expect(Bool(false)) }
    let saved = try store.rows()
    #expect(saved.content == commit.base.content)
    #expect(saved.lockVersion == 1)
    #expect(result.revision == saved.revision)
    #expect(result.lockVersion == 1)
    #expect(result.lastSequence == 2)
    let again = try store.open()
    #expect(again.base.revision == saved.revision)
    #expect(again.currentRevision == saved.revision)
    #expect(again.base.content == saved.content)
    #expect(try psql.value("select xmin from triggers") == untouched)
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
    #expect(try psql.run("select event, actor_name from project_audit") == [["workflow_saved", "Ada"]])
    let version = try #require(try store.wait { store.readVersion(SampleProject.workflow, 1, $0) })
    #expect(version.content.jobs == saved.content.jobs)
    #expect(version.content.edges == saved.content.edges)
    #expect(version.content.triggers == saved.content.triggers)
    #expect(try store.wait { store.readVersion(SampleProject.workflow, 2, $0) } == nil)
  }

  @Test func namesCanBeSwappedInASave() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let (document, rows) = (try store.open(), try store.rows())
    let commit = try save(document, of: rows) { content in
      content.jobs[0].name = "Load"
      content.jobs[1].name = "Fetch"
    }
    guard case .committed = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(try store.rows().content.jobs.map(\.name) == ["Load", "Fetch"])
  }

  @Test func g15_aSaveOverChangedRowsIsStale() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let (document, rows) = (try store.open(), try store.rows())
    let commit = try save(document, of: rows) { $0.name = "Mine" }
    try PlainConnection(address).run("update jobs set body = 'theirs' where id = '\(SampleProject.jobs[0])'")
    #expect(try store.make(commit) == .stale(.rows))
    #expect(try store.rows().content.name == "Intake")
    #expect(try store.open().lastSequence == 1)
    try PlainConnection(address).run("delete from workflows")
    #expect(try store.make(commit) == .stale(.rows))
  }

  @Test func aSaveWaitsForAnOpenTransactionAndThenIsStale() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let commit = try save(try store.open(), of: try store.rows()) { $0.jobs[0].body = "mine" }
    try psql.run("begin; update jobs set body = 'theirs' where id = '\(SampleProject.jobs[0])'")
    let answers = Answers<Result<CommitOutcome, StoreError>>()
    store.commit(commit, answers.add)
    // Nobody else waits with it: not the same document, and not the log.
    #expect(try store.append([1]) == 2)
    #expect(answers.all.isEmpty)
    try psql.run("commit")
    #expect(try answers.wait(for: 1)[0].get() == .stale(.rows))
    #expect(try store.rows().content.jobs[0].body == "theirs")
  }

  /// The other writer holds the job and wants the workflow, the save holds the workflow and wants the job.
  @Test func ofASaveAndAnotherWriterTheOtherOneIsNeverBrokenOff() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let answers = Answers<Bool>()
    let writer = ServiceThread {
      let psql = try? PlainConnection(address)
      for step in 0..<60 {
        let done = try? psql?.run("update jobs set body = 'theirs \(step)' where id = '\(SampleProject.jobs[0])'")
        answers.add(done != nil)
      }
    }
    defer { writer.join() }
    var saved = 0
    while answers.all.count < 60 {
      let document = try store.open()
      let rows = try store.rows()
      let outcome = try store.make(save(document, of: rows) { $0.jobs[0].body += "+" })
      if case .committed = outcome { saved += 1 }
    }
    #expect(answers.all.allSatisfy { $0 })
    #expect(try store.rows().lockVersion == saved)
  }

  @Test func whatTheDatabaseRefusesComesBackByField() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let other = "22222222-2222-4222-8222-22222222222f"
    try psql.run(
      """
      insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'Taken');
      insert into jobs (id, workflow_id, name, body) values ('\(other)', '\(other)', 'x', 'y')
      """)
    let (document, rows) = (try store.open(), try store.rows())
    func errors(_ change: @escaping (inout WorkflowContent) -> Void) throws -> ValidationErrors? {
      guard case .invalid(let errors) = try store.make(save(document, of: rows, change)) else { return nil }
      return errors
    }
    #expect(
      try errors { $0.name = "Taken" }
        == ValidationErrors("name", "a workflow with this name already exists in this project."))
    var expected = ValidationErrors()
    expected.add(.jobs, other, "id", "has already been taken")
    #expect(try errors { $0.jobs.append(Job(id: other, name: "new", body: "x")) } == expected)
    expected = ValidationErrors()
    expected.add(
      .jobs, SampleProject.jobs[1], "project_credential_id",
      "credential doesn't exist or isn't available in this project")
    #expect(try errors { $0.jobs[1].projectCredentialID = other } == expected)
    #expect(try errors { $0.jobs[1].projectCredentialID = "no uuid" } != nil)
    #expect(try store.rows() == rows)
    #expect(try store.open().lastSequence == 1)
  }

  @Test func secretsOfATriggerStayInItsRow() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    try psql.run(
      """
      update triggers set type = 'kafka', kafka_configuration =
        '{"hosts": [["h", "1"]], "topics": ["a"], "username": "u", "password": "p"}'
      """)
    let (document, rows) = (try store.open(), try store.rows())
    #expect(document.base.content.triggers[0].kafkaConfiguration?["password"] == nil)
    let commit = try save(document, of: rows) {
      $0.triggers[0].kafkaConfiguration = ["hosts_string": "h:1", "topics_string": "a, b"]
    }
    guard case .committed = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(
      try psql.run("select kafka_configuration->>'password', kafka_configuration->'topics' from triggers")
        == [["p", #"["a", "b"]"#]])
    #expect(try psql.value("select triggers::text from workflow_snapshots")?.contains("password") == false)
  }

  @Test func aDeletedWorkflowIsReconciledToNoRows() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let document = try store.open()
    try psql.run("delete from workflows")
    #expect(try store.wait { store.readRows(SampleProject.workflow, $0) } == nil)
    #expect(try store.open().currentRevision == nil)
    #expect(try store.wait { store.staleDocuments($0) } == [SampleProject.workflow])
    var commit = try reconcile(document) { try $0.map("workflow").set("deleted_at", "now") }
    commit.base.revision = 0
    guard case .committed = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(try store.wait { store.staleDocuments($0) } == [])
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
  }
}
