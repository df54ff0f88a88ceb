import TestSupport
import Testing

@testable import Storage

/// Whoever writes the rows: the workflow gets a new revision, the outbox a row, listeners a notification.
@Suite struct TriggerTests {
  static let job = SampleProject.jobs[0]
  static let newJob = "33333333-3333-4333-8333-33333333333f"
  static let newTrigger = "44444444-4444-4444-8444-44444444444f"
  static let newEdge = "55555555-5555-4555-8555-55555555555f"
  static let workflow = SampleProject.workflow

  static let changes = [
    "update workflows set name = 'Other'",
    "update workflows set positions = null",
    "update workflows set deleted_at = now()",
    "insert into jobs (id, workflow_id, name, body) values ('\(newJob)', '\(workflow)', 'New', 'fn()')",
    "update jobs set body = 'changed' where id = '\(job)'",
    "update jobs set name = name || ' x'",
    "delete from jobs where id = '\(job)'",
    "insert into triggers (id, workflow_id, type) values ('\(newTrigger)', '\(workflow)', 'cron')",
    "update triggers set enabled = false",
    "delete from triggers",
    """
    insert into workflow_edges (id, workflow_id, source_job_id, target_job_id)
      values ('\(newEdge)', '\(workflow)', '\(SampleProject.jobs[1])', '\(job)')
    """,
    "update workflow_edges set condition_label = 'then'",
    "delete from workflow_edges where id = '\(SampleProject.edges[1])'",
    "truncate workflow_edges",
    "truncate triggers cascade",
    "truncate jobs cascade",
    """
    insert into jobs (id, workflow_id, name, body) values ('\(job)', '\(workflow)', 'Again', 'x')
      on conflict (id) do update set body = excluded.body
    """,
    "with changed as (update jobs set body = 'y' returning id) select count(*) from changed",
    "do $$ begin update jobs set adaptor = 'a@1'; end $$",
    "set search_path to pg_catalog; update public.jobs set body = 'elsewhere'; reset search_path",
  ]

  @Test(arguments: changes) func aChangeIsNoticed(sql: String) throws {
    let address = try TestStore.sampleDatabase()
    let (writer, reader) = (try PlainConnection(address), try TestStore.connection(address))
    try reader.run("listen heddle_rows")
    try writer.run("delete from workflow_outbox")
    let before = try #require(try writer.value("select revision from workflows").flatMap(Int.init))
    try writer.run(sql)
    let after = try #require(try writer.value("select revision from workflows").flatMap(Int.init))
    #expect(after > before)
    #expect(try writer.run("select workflow_id, revision from workflow_outbox") == [[Self.workflow, "\(after)"]])
    try reader.run("select 1")
    #expect(try reader.notifications() == [Self.workflow])
  }

  static let nothings = [
    "update workflows set name = name",
    "update workflows set revision = revision",
    "update jobs set body = body",
    "update triggers set enabled = enabled",
    "update workflow_edges set target_job_id = target_job_id",
    "update jobs set body = 'x' where false",
    "delete from jobs where false",
    "begin; update jobs set body = 'undone'; rollback",
  ]

  @Test(arguments: nothings) func whatChangesNothingIsNoChange(sql: String) throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    try psql.run("delete from workflow_outbox")
    let before = try psql.value("select revision from workflows")
    try psql.run(sql)
    #expect(try psql.value("select revision from workflows") == before)
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
  }

  @Test func aRevisionCannotBeSetOrRepeat() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    let before = try #require(try psql.value("select revision from workflows").flatMap(Int.init))
    try psql.run("update workflows set revision = 1")
    let after = try #require(try psql.value("select revision from workflows").flatMap(Int.init))
    #expect(after > before)
    try psql.run("delete from workflows")
    #expect(try psql.value("select revision > \(after) from workflow_outbox") == "t")
    try psql.run("insert into workflows (id, project_id, name) values ('\(Self.workflow)', '\(SampleProject.id)', 'x')")
    #expect(try psql.value("select revision > \(after) from workflows") == "t")
  }

  @Test func aJobThatMovesChangesBothWorkflows() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    let other = "22222222-2222-4222-8222-22222222222f"
    try psql.run("insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'x')")
    try psql.run("delete from workflow_edges; delete from workflow_outbox")
    try psql.run("update jobs set workflow_id = '\(other)' where id = '\(Self.job)'")
    #expect(try psql.value("select count(*) from workflow_outbox") == "2")
  }

  @Test func manyWritersAtOnceEachCount() throws {
    let address = try TestStore.sampleDatabase()
    let before = try #require(try PlainConnection(address).value("select revision from workflows").flatMap(Int.init))
    let answers = Answers<Bool>()
    let writers = (0..<4).map { writer in
      ServiceThread {
        let psql = try? PlainConnection(address)
        let job = SampleProject.jobs[writer % 2]
        for step in 0..<25 {
          let done = try? psql?.run("update jobs set body = '\(writer) \(step)' where id = '\(job)'")
          answers.add(done != nil)
        }
      }
    }
    defer { for writer in writers { writer.join() } }
    #expect(try answers.wait(for: 100).allSatisfy { $0 })
    let after = try #require(try PlainConnection(address).value("select revision from workflows").flatMap(Int.init))
    #expect(after >= before + 100)
  }

  @Test func aWriterNeedsRightsToTheWorkflowTablesOnly() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    try psql.run(
      """
      create role some_service; grant select, insert, update, delete on jobs, workflow_edges to some_service;
      set role some_service; update jobs set body = 'by a service'; reset role
      """)
    #expect(try psql.value("select count(*) from workflow_outbox") == "1")
    try psql.run("drop owned by some_service; drop role some_service")
  }
}
