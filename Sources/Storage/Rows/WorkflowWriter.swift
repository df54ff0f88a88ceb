import Workflow

/// Writes what changed in a workflow's rows, inside a transaction that holds the workflow's row lock.
///
/// The order lets everything find what it refers to, and nothing is taken along by a cascade that is still needed.
struct WorkflowWriter {
  let connection: PostgresConnection
  let workflowID: String

  func write(_ changes: WorkflowChanges) throws {
    try checkIDs(changes)
    try delete(.deleteEdges, changes.edges.deleted)
    try updateJobs(changes.jobs.updated)
    try insertJobs(changes.jobs.inserted)
    try updateTriggers(changes.triggers.updated)
    try insertTriggers(changes.triggers.inserted)
    try updateEdges(changes.edges.updated)
    try insertEdges(changes.edges.inserted)
    try delete(.deleteTriggers, changes.triggers.deleted)
    try delete(.deleteJobs, changes.jobs.deleted)
  }

  /// Throws for every new entity whose id something else has already.
  private func checkIDs(_ changes: WorkflowChanges) throws {
    var errors = ValidationErrors()
    let new: [(ValidationErrors.Collection, Statement, [String])] = [
      (.jobs, .takenJobs, changes.jobs.inserted.map(\.id)),
      (.triggers, .takenTriggers, changes.triggers.inserted.map(\.id)),
      (.edges, .takenEdges, changes.edges.inserted.map(\.id)),
    ]
    for (collection, statement, ids) in new where !ids.isEmpty {
      let taken = try connection.execute(statement, .uuids(ids))
      for row in 0..<taken.count { errors.add(collection, taken.uuid(row, 0), "id", "has already been taken") }
    }
    if !errors.isEmpty { throw errors }
  }

  private func delete(_ statement: Statement, _ ids: [String]) throws {
    guard !ids.isEmpty else { return }
    try connection.execute(statement, .uuid(workflowID), .uuids(ids))
  }

  // MARK: Jobs

  private func updateJobs(_ jobs: [Job]) throws {
    guard !jobs.isEmpty else { return }
    try connection.execute(.updateJobs, parameters(jobs))
  }

  private func insertJobs(_ jobs: [Job]) throws {
    guard !jobs.isEmpty else { return }
    try connection.execute(.insertJobs, parameters(jobs))
  }

  private func parameters(_ jobs: [Job]) -> [Parameter] {
    [
      .uuid(workflowID), .uuids(jobs.map(\.id)), .texts(jobs.map(\.name)), .texts(jobs.map(\.body)),
      .texts(jobs.map(\.adaptor)), .texts(jobs.map(\.projectCredentialID)), .texts(jobs.map(\.keychainCredentialID)),
    ]
  }

  // MARK: Triggers

  private func updateTriggers(_ triggers: [Trigger]) throws {
    guard !triggers.isEmpty else { return }
    let rows = try connection.execute(.kafkaConfigurations, .uuid(workflowID), .uuids(triggers.map(\.id)))
    var present: [String: JSONValue] = [:]
    for row in 0..<rows.count { present[rows.uuid(row, 0)] = try? JSONValue(stored: rows.bytes(row, 1)) }
    try connection.execute(.updateTriggers, parameters(triggers, present))
  }

  private func insertTriggers(_ triggers: [Trigger]) throws {
    guard !triggers.isEmpty else { return }
    try connection.execute(.insertTriggers, parameters(triggers, [:]))
  }

  /// `present` are the configurations that the rows have, whose secrets the content does not know.
  private func parameters(_ triggers: [Trigger], _ present: [String: JSONValue]) -> [Parameter] {
    let configurations = triggers.map { trigger in
      trigger.kafkaConfiguration.map {
        KafkaConfiguration.rowForm(of: $0, keepingSecretsOf: present[trigger.id]).text
      }
    }
    return [
      .uuid(workflowID), .uuids(triggers.map(\.id)), .texts(triggers.map(\.type)), .bools(triggers.map(\.enabled)),
      .texts(triggers.map(\.cronExpression)), .texts(triggers.map(\.cronCursorJobID)),
      .texts(triggers.map(\.webhookReply)), .texts(triggers.map(\.customPath)), .texts(triggers.map(\.comment)),
      .texts(configurations), .texts(triggers.map { $0.webhookResponseConfig?.text }),
    ]
  }

  // MARK: Edges

  private func updateEdges(_ edges: [Edge]) throws {
    guard !edges.isEmpty else { return }
    try connection.execute(.updateEdges, parameters(edges))
  }

  private func insertEdges(_ edges: [Edge]) throws {
    guard !edges.isEmpty else { return }
    try connection.execute(.insertEdges, parameters(edges))
  }

  private func parameters(_ edges: [Edge]) -> [Parameter] {
    [
      .uuid(workflowID), .uuids(edges.map(\.id)), .texts(edges.map(\.conditionType)),
      .texts(edges.map(\.conditionExpression)), .texts(edges.map(\.conditionLabel)), .bools(edges.map(\.enabled)),
      .texts(edges.map(\.sourceJobID)), .texts(edges.map(\.sourceTriggerID)), .texts(edges.map(\.targetJobID)),
    ]
  }
}

extension Statement {
  fileprivate static let takenJobs = Statement("taken_jobs", "select id from jobs where id = any($1::uuid[])")
  fileprivate static let takenTriggers = Statement(
    "taken_triggers", "select id from triggers where id = any($1::uuid[])")
  fileprivate static let takenEdges = Statement(
    "taken_edges", "select id from workflow_edges where id = any($1::uuid[])")

  fileprivate static let deleteJobs = Statement(
    "delete_jobs", "delete from jobs where workflow_id = $1::uuid and id = any($2::uuid[])")
  fileprivate static let deleteTriggers = Statement(
    "delete_triggers", "delete from triggers where workflow_id = $1::uuid and id = any($2::uuid[])")
  fileprivate static let deleteEdges = Statement(
    "delete_edges", "delete from workflow_edges where workflow_id = $1::uuid and id = any($2::uuid[])")

  private static let newJobs = """
    unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
      with ordinality as n(id, name, body, adaptor, project_credential_id, keychain_credential_id, position)
    """
  fileprivate static let insertJobs = Statement(
    "insert_jobs",
    """
    insert into jobs (id, workflow_id, name, body, adaptor, project_credential_id, keychain_credential_id)
    select id, $1::uuid, name, body, adaptor, project_credential_id::uuid, keychain_credential_id::uuid
    from \(newJobs) order by position
    """)
  fileprivate static let updateJobs = Statement(
    "update_jobs",
    """
    update jobs set name = n.name, body = n.body, adaptor = n.adaptor,
      project_credential_id = n.project_credential_id::uuid, keychain_credential_id = n.keychain_credential_id::uuid
    from \(newJobs) where jobs.id = n.id and jobs.workflow_id = $1::uuid
    """)

  fileprivate static let kafkaConfigurations = Statement(
    "kafka_configurations",
    """
    select id, kafka_configuration::text from triggers
    where workflow_id = $1::uuid and id = any($2::uuid[]) and kafka_configuration is not null
    """)
  private static let newTriggers = """
    unnest($2::uuid[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
      $10::text[], $11::text[]) with ordinality as n(id, type, enabled, cron_expression, cron_cursor_job_id,
      webhook_reply, custom_path, comment, kafka_configuration, webhook_response_config, position)
    """
  fileprivate static let insertTriggers = Statement(
    "insert_triggers",
    """
    insert into triggers (id, workflow_id, type, enabled, cron_expression, cron_cursor_job_id, webhook_reply,
      custom_path, comment, kafka_configuration, webhook_response_config)
    select id, $1::uuid, type, enabled, cron_expression, cron_cursor_job_id::uuid, webhook_reply, custom_path,
      comment, kafka_configuration::jsonb, webhook_response_config::jsonb
    from \(newTriggers) order by position
    """)
  fileprivate static let updateTriggers = Statement(
    "update_triggers",
    """
    update triggers set type = n.type, enabled = n.enabled, cron_expression = n.cron_expression,
      cron_cursor_job_id = n.cron_cursor_job_id::uuid, webhook_reply = n.webhook_reply, custom_path = n.custom_path,
      comment = n.comment, kafka_configuration = n.kafka_configuration::jsonb,
      webhook_response_config = n.webhook_response_config::jsonb
    from \(newTriggers) where triggers.id = n.id and triggers.workflow_id = $1::uuid
    """)

  private static let newEdges = """
    unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::text[])
      with ordinality as n(id, condition_type, condition_expression, condition_label, enabled, source_job_id,
      source_trigger_id, target_job_id, position)
    """
  fileprivate static let insertEdges = Statement(
    "insert_edges",
    """
    insert into workflow_edges (id, workflow_id, condition_type, condition_expression, condition_label, enabled,
      source_job_id, source_trigger_id, target_job_id)
    select id, $1::uuid, condition_type, condition_expression, condition_label, enabled, source_job_id::uuid,
      source_trigger_id::uuid, target_job_id::uuid
    from \(newEdges) order by position
    """)
  fileprivate static let updateEdges = Statement(
    "update_edges",
    """
    update workflow_edges set condition_type = n.condition_type, condition_expression = n.condition_expression,
      condition_label = n.condition_label, enabled = n.enabled, source_job_id = n.source_job_id::uuid,
      source_trigger_id = n.source_trigger_id::uuid, target_job_id = n.target_job_id::uuid
    from \(newEdges) where workflow_edges.id = n.id and workflow_edges.workflow_id = $1::uuid
    """)
}
