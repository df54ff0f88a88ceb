import TestSupport
import Testing

@testable import Storage

/// The rules of the rows hold in the database, whoever writes.
@Suite struct ConstraintTests {
  static let other = "22222222-2222-4222-8222-22222222222f"
  static let job = SampleProject.jobs[0]

  static let refused: [(sql: String, constraint: String)] = [
    ("update workflows set name = ' '", "workflows_name_blank"),
    ("update workflows set concurrency = 0", "workflows_concurrency_positive"),
    ("update workflows set positions = '[]'", "workflows_positions_object"),
    (
      "insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'Intake')",
      "workflows_name_taken"
    ),
    ("update jobs set name = ''", "jobs_name_blank"),
    ("update jobs set name = 'a/b' where id = '\(job)'", "jobs_name_format"),
    ("update jobs set name = repeat('x', 101) where id = '\(job)'", "character varying(100)"),
    ("update jobs set name = 'lOAD' where id = '\(job)'", "jobs_name_taken"),
    ("update jobs set body = ' ' where id = '\(job)'", "jobs_body_blank"),
    (
      """
      insert into keychain_credentials (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'k');
      update jobs set project_credential_id = '\(SampleProject.credential)', keychain_credential_id = '\(other)'
      """, "jobs_one_credential"
    ),
    ("update jobs set project_credential_id = '\(other)'", "jobs_project_credential"),
    (
      """
      insert into projects (id, name) values ('\(other)', 'p');
      insert into project_credentials (id, project_id, name) values ('\(other)', '\(other)', 'foreign');
      update jobs set project_credential_id = '\(other)'
      """, "jobs_project_credential"
    ),
    (
      "insert into jobs (id, workflow_id, name, body) values ('\(other)', '\(other)', 'x', 'y')", "there is no workflow"
    ),
    ("update triggers set type = 'email'", "triggers_type"),
    ("update triggers set custom_path = 'A b'", "triggers_custom_path_format"),
    ("update triggers set custom_path = '\(other)'", "triggers_custom_path_format"),
    ("update triggers set webhook_reply = 'later'", "triggers_webhook_reply"),
    ("update triggers set type = 'cron', cron_cursor_job_id = '\(other)'", "triggers_cron_cursor_job"),
    ("update workflow_edges set source_trigger_id = null, source_job_id = null", "workflow_edges_one_source"),
    (
      "update workflow_edges set source_trigger_id = '\(SampleProject.trigger)' where source_job_id is not null",
      "workflow_edges_one_source"
    ),
    (
      "update workflow_edges set target_job_id = source_job_id where source_job_id is not null",
      "workflow_edges_not_to_itself"
    ),
    ("update workflow_edges set condition_type = 'sometimes'", "workflow_edges_condition_type"),
    ("update workflow_edges set condition_type = 'on_job_failure'", "workflow_edges_trigger_condition"),
    ("update workflow_edges set condition_type = 'js_expression'", "workflow_edges_expression"),
    (
      """
      insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'x');
      insert into jobs (id, workflow_id, name, body) values ('\(other)', '\(other)', 'x', 'y');
      update workflow_edges set target_job_id = '\(other)'
      """, "workflow_edges_target_job"
    ),
  ]

  @Test(arguments: refused) func isRefused(sql: String, constraint: String) throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    #expect { try psql.run(sql) } throws: { "\($0)".contains(constraint) }
  }

  @Test func followingFieldsAreSet() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    try psql.run("update triggers set type = 'cron', custom_path = 'hook'")
    #expect(
      try psql.run("select cron_expression, webhook_reply, custom_path from triggers") == [["0 0 * * *", nil, nil]])
    try psql.run("update triggers set cron_cursor_job_id = '\(Self.job)'")
    try psql.run("update triggers set type = 'webhook'")
    #expect(
      try psql.run("select cron_expression, webhook_reply, cron_cursor_job_id from triggers")
        == [[nil, "before_start", nil]])
    try psql.run("update workflow_edges set enabled = false")
    #expect(try psql.run("select enabled from workflow_edges order by id").map { $0[0] } == ["t", "f"])
    try psql.run("update jobs set name = '  Fetch all ', adaptor = '' where id = '\(Self.job)'")
    #expect(
      try psql.run("select name, adaptor from jobs where id = '\(Self.job)'")
        == [["Fetch all", "@openfn/language-common@latest"]])
  }

  @Test func aDeletedJobTakesItsEdgesAlong() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    try psql.run("update triggers set type = 'cron', cron_cursor_job_id = '\(Self.job)'")
    try psql.run("delete from jobs where id = '\(Self.job)'")
    #expect(try psql.value("select count(*) from workflow_edges") == "0")
    #expect(try psql.run("select cron_cursor_job_id from triggers") == [[nil]])
  }

  @Test func namesCanBeSwapped() throws {
    let psql = try PlainConnection(TestStore.sampleDatabase())
    try psql.run("update jobs set name = case name when 'Load' then 'Fetch' else 'Load' end")
    #expect(try psql.run("select name from jobs order by id").map { $0[0] } == ["Load", "Fetch"])
  }
}
