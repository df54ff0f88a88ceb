import Workflow

/// A new version of a workflow's rows: the difference, the lock version, a snapshot of it and a line for the audit.
/// Runs inside a transaction that holds the workflow's row lock.
struct WorkflowUpdate {
  /// What the rows hold; nil for a new workflow.
  let old: WorkflowRows?
  let new: WorkflowRows
  let provenance: Provenance
  /// What the audit calls it.
  let event: String

  /// Writes it and returns the revision and the lock version that the rows have then.
  func run(_ connection: PostgresConnection) throws -> (revision: Int64, lockVersion: Int) {
    let content = new.content.withoutOrphanedEdges(of: old?.content)
    try connection.execute(.deferConstraints)
    if old != nil {
      // Somebody else may have written what now becomes an earlier version.
      try connection.execute(.takeSnapshot, .uuid(content.id))
    } else {
      try connection.execute(.insertWorkflow, .uuid(content.id), .uuid(new.projectID), .text(content.name))
    }
    let changes = WorkflowChanges(from: old?.content, to: content)
    try WorkflowWriter(connection: connection, workflowID: content.id).write(changes)
    // Last, so that the revision which comes back is the one that stays.
    let result = try connection.execute(
      .updateWorkflow, .uuid(content.id), .text(content.name),
      content.concurrency.map(Parameter.int4) ?? .null, content.enableJobLogs.map(Parameter.bool) ?? .null,
      .text(content.positions.map { JSONValue.object($0).text }), .text(new.deletedAt))
    guard !result.isEmpty else { throw StoreError.damaged("workflow \(content.id) is gone while it is locked") }
    if new.deletedAt == nil {
      try connection.execute(.takeSnapshot, .uuid(content.id))
      try VersionHistory.record(content, by: VersionHistory.Source(provenance.source), connection)
    }
    let actor = provenance.actor
    try connection.execute(
      .audit, .uuid(new.projectID), .uuid(content.id), .text("workflow_\(event)"), .text(actor.type), .text(actor.id),
      .text(actor.name))
    try connection.execute(
      .noteWrite, .uuid(content.id), .int8(result.int8(0, 0)), .text(provenance.source.rawValue), .text(actor.type),
      .text(actor.id), .text(actor.name), .text(provenance.commit))
    return (result.int8(0, 0), result.int4(0, 1))
  }
}

extension Statement {
  /// Names may be swapped: whether they are unique is looked at in the end.
  static let deferConstraints = Statement("defer_constraints", "set constraints all deferred")
  /// The version of the rows as they are now, unless it is kept already.
  static let takeSnapshot = Statement(
    "take_snapshot",
    """
    insert into workflow_snapshots (workflow_id, name, lock_version, jobs, triggers, edges)
    select w.id, w.name, w.lock_version,
      (select coalesce(jsonb_agg(to_jsonb(j) - array['workflow_id', 'project_id', 'name_key']
        order by j.inserted_at, j.id), '[]') from jobs j where j.workflow_id = w.id),
      (select coalesce(jsonb_agg(to_jsonb(t) - array['workflow_id', 'project_id'] || jsonb_build_object(
        'kafka_configuration', t.kafka_configuration - array['username', 'password'])
        order by t.inserted_at, t.id), '[]') from triggers t where t.workflow_id = w.id),
      (select coalesce(jsonb_agg(to_jsonb(e) - array['workflow_id', 'project_id']
        order by e.inserted_at, e.id), '[]') from workflow_edges e where e.workflow_id = w.id)
    from workflows w where w.id = $1 and not exists (
      select from workflow_snapshots s where s.workflow_id = w.id and s.lock_version = w.lock_version)
    on conflict (workflow_id, lock_version) do nothing
    """)
  static let audit = Statement(
    "audit",
    """
    insert into project_audit (project_id, workflow_id, event, actor_type, actor_id, actor_name)
    values ($1, $2, $3, $4, $5, $6)
    """)
  /// What the revision was written by. Only the newest counts.
  fileprivate static let noteWrite = Statement(
    "note_write",
    """
    with older as (delete from workflow_writes where workflow_id = $1 and revision < $2)
    insert into workflow_writes (workflow_id, revision, source, actor_type, actor_id, actor_name, git_commit)
    values ($1, $2, $3, $4, $5, $6, $7)
    """)
  fileprivate static let insertWorkflow = Statement(
    "insert_workflow", "insert into workflows (id, project_id, name) values ($1, $2, $3)")
  fileprivate static let updateWorkflow = Statement(
    "update_workflow",
    """
    update workflows set name = $2, concurrency = $3, enable_job_logs = $4, positions = $5::text::jsonb,
      deleted_at = $6::text::timestamptz, lock_version = lock_version + 1
    where id = $1 returning revision, lock_version
    """)
}
