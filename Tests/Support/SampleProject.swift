/// A project with one workflow of two jobs, a trigger and two edges, as a person with psql makes it.
public enum SampleProject {
  public static let id = "11111111-1111-4111-8111-111111111111"
  public static let workflow = "22222222-2222-4222-8222-222222222222"
  public static let jobs = ["33333333-3333-4333-8333-333333333331", "33333333-3333-4333-8333-333333333332"]
  public static let trigger = "44444444-4444-4444-8444-444444444444"
  public static let edges = ["55555555-5555-4555-8555-555555555551", "55555555-5555-4555-8555-555555555552"]
  public static let credential = "66666666-6666-4666-8666-666666666666"

  public static let sql = """
    insert into projects (id, name) values ('\(id)', 'sample');
    insert into project_credentials (id, project_id, name, owner)
      values ('\(credential)', '\(id)', 'key', 'a@example.com');
    insert into workflows (id, project_id, name, positions)
      values ('\(workflow)', '\(id)', 'Intake', '{"\(jobs[0])": {"x": 1, "y": 2}}');
    insert into jobs (id, workflow_id, name, body) values
      ('\(jobs[0])', '\(workflow)', 'Fetch', 'get("/patients")'), ('\(jobs[1])', '\(workflow)', 'Load', 'upsert("p")');
    insert into triggers (id, workflow_id, type, enabled) values ('\(trigger)', '\(workflow)', 'webhook', true);
    insert into workflow_edges (id, workflow_id, source_trigger_id, target_job_id)
      values ('\(edges[0])', '\(workflow)', '\(trigger)', '\(jobs[0])');
    insert into workflow_edges (id, workflow_id, source_job_id, target_job_id, condition_type)
      values ('\(edges[1])', '\(workflow)', '\(jobs[0])', '\(jobs[1])', 'on_job_success');
    """
}
