import Workflow

/// Reads workflows as their rows hold them.
enum WorkflowReader {
  /// One workflow in one consistent state; nil where there is none. One round trip.
  static func read(_ id: String, _ connection: PostgresConnection) throws -> WorkflowRows? {
    try snapshot(queries(Queries.byWorkflow, id), connection).first
  }

  /// All workflows of a project, soft-deleted ones included, oldest first.
  static func readAll(ofProject id: String, _ connection: PostgresConnection) throws -> [WorkflowRows] {
    try snapshot(queries(Queries.byProject, id), connection)
  }

  /// As `read`, within a transaction that holds the workflow's row lock: then nothing can change in between.
  static func readLocked(_ id: String, _ connection: PostgresConnection) throws -> WorkflowRows? {
    try decode(connection.pipeline(queries(Queries.byWorkflow, id))[...]).first
  }

  /// As `readAll`, within a transaction that holds all row locks.
  static func readAllLocked(ofProject id: String, _ connection: PostgresConnection) throws -> [WorkflowRows] {
    try decode(connection.pipeline(queries(Queries.byProject, id))[...])
  }

  /// For snapshots that read more: the questions for one workflow, and what their answers say.
  static func parts(of id: String) -> [(Statement, [Parameter])] { queries(Queries.byWorkflow, id) }

  static func workflow(of answers: [Rows]) throws -> WorkflowRows? { try decode(answers[...]).first }

  private static func snapshot(
    _ queries: [(Statement, [Parameter])], _ connection: PostgresConnection
  ) throws -> [WorkflowRows] {
    let rows = try connection.snapshot(queries)
    return try decode(rows[...])
  }

  private static func queries(_ queries: Queries, _ id: String) -> [(Statement, [Parameter])] {
    [queries.workflows, queries.jobs, queries.triggers, queries.edges].map { ($0, [.uuid(id)]) }
  }

  private static func decode(_ rows: ArraySlice<Rows>) throws -> [WorkflowRows] {
    let tables = Array(rows)
    var workflows = try (0..<tables[0].count).map { try workflow(tables[0], $0) }
    let jobs = group(tables[1], job)
    let triggers = try group(tables[2], trigger)
    let edges = group(tables[3], edge)
    for index in workflows.indices {
      let id = workflows[index].content.id
      workflows[index].content.jobs = jobs[id] ?? []
      workflows[index].content.triggers = triggers[id] ?? []
      workflows[index].content.edges = edges[id] ?? []
    }
    return workflows
  }

  /// The rows of a table by workflow, whose id is the first column.
  private static func group<Entity>(
    _ rows: Rows, _ make: (Rows, Int) throws -> Entity
  ) rethrows -> [String: [Entity]] {
    var groups: [String: [Entity]] = [:]
    for row in 0..<rows.count { groups[rows.uuid(row, 0), default: []].append(try make(rows, row)) }
    return groups
  }

  private static func workflow(_ rows: Rows, _ row: Int) throws -> WorkflowRows {
    let content = WorkflowContent(
      id: rows.uuid(row, 0), name: rows.text(row, 2), concurrency: rows.optionalInt4(row, 3),
      enableJobLogs: rows.isNull(row, 4) ? nil : rows.bool(row, 4),
      positions: try json(rows, row, 5)?.object.flatMap { $0.isEmpty ? nil : $0 })
    return WorkflowRows(
      content: content, projectID: rows.uuid(row, 1), lockVersion: rows.int4(row, 6), revision: rows.int8(row, 7),
      deletedAt: rows.optionalText(row, 8), provenance: provenance(rows, row))
  }

  private static func provenance(_ rows: Rows, _ row: Int) -> Provenance {
    guard let source = rows.optionalText(row, 9).flatMap(Provenance.Source.init) else { return .unknown }
    let actor = Actor(type: rows.text(row, 10), id: rows.optionalText(row, 11), name: rows.optionalText(row, 12))
    return Provenance(source, actor: actor, commit: rows.optionalText(row, 13))
  }

  private static func job(_ rows: Rows, _ row: Int) -> Job {
    Job(
      id: rows.uuid(row, 1), name: rows.text(row, 2), body: rows.text(row, 3), adaptor: rows.optionalText(row, 4),
      projectCredentialID: rows.optionalUUID(row, 5), keychainCredentialID: rows.optionalUUID(row, 6))
  }

  private static func trigger(_ rows: Rows, _ row: Int) throws -> Trigger {
    Trigger(
      id: rows.uuid(row, 1), type: rows.text(row, 2), enabled: rows.bool(row, 3),
      cronExpression: rows.optionalText(row, 4), cronCursorJobID: rows.optionalUUID(row, 5),
      webhookReply: rows.optionalText(row, 6), customPath: rows.optionalText(row, 7),
      comment: rows.optionalText(row, 8),
      kafkaConfiguration: try json(rows, row, 9).flatMap(KafkaConfiguration.documentForm(ofRow:)),
      webhookResponseConfig: try json(rows, row, 10))
  }

  private static func edge(_ rows: Rows, _ row: Int) -> Edge {
    Edge(
      id: rows.uuid(row, 1), conditionType: rows.text(row, 2), conditionExpression: rows.optionalText(row, 3),
      conditionLabel: rows.optionalText(row, 4), enabled: rows.bool(row, 5), sourceJobID: rows.optionalUUID(row, 6),
      sourceTriggerID: rows.optionalUUID(row, 7), targetJobID: rows.optionalUUID(row, 8))
  }

  /// JSON's own null counts as nothing.
  private static func json(_ rows: Rows, _ row: Int, _ column: Int) throws -> JSONValue? {
    guard !rows.isNull(row, column) else { return nil }
    let value = try JSONValue(stored: rows.bytes(row, column))
    return value.isNull ? .none : .some(value)
  }
}

/// The four selects, by the id of a workflow or of a project.
private struct Queries {
  let workflows: Statement
  let jobs: Statement
  let triggers: Statement
  let edges: Statement

  static let byWorkflow = Queries(
    workflows: Statement("workflow", workflowColumns + "where id = $1"),
    jobs: Statement("workflow_jobs", jobColumns + "where workflow_id = $1 order by inserted_at, id"),
    triggers: Statement("workflow_triggers", triggerColumns + "where workflow_id = $1 order by inserted_at, id"),
    edges: Statement("workflow_edges", edgeColumns + "where workflow_id = $1 order by inserted_at, id"))

  static let byProject = Queries(
    workflows: Statement("project_workflows", workflowColumns + "where project_id = $1 order by inserted_at, id"),
    jobs: Statement("project_jobs", jobColumns + "where project_id = $1 order by inserted_at, id"),
    triggers: Statement("project_triggers", triggerColumns + "where project_id = $1 order by inserted_at, id"),
    edges: Statement("project_edges", edgeColumns + "where project_id = $1 order by inserted_at, id"))

  private static let workflowColumns = """
    select id, project_id, name, concurrency, enable_job_logs, positions::text, lock_version,
      workflows.revision, to_char(deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      source, actor_type, actor_id, actor_name, git_commit
    from workflows left join workflow_writes w on w.workflow_id = id and w.revision = workflows.revision\u{20}
    """
  private static let jobColumns = """
    select workflow_id, id, name, body, adaptor, project_credential_id, keychain_credential_id from jobs\u{20}
    """
  private static let triggerColumns = """
    select workflow_id, id, type, enabled, cron_expression, cron_cursor_job_id, webhook_reply, custom_path, comment,
      kafka_configuration::text, webhook_response_config::text
    from triggers\u{20}
    """
  private static let edgeColumns = """
    select workflow_id, id, condition_type, condition_expression, condition_label, enabled, source_job_id,
      source_trigger_id, target_job_id
    from workflow_edges\u{20}
    """
}
