/// Entries of the audit of projects that are older than the policy wants.
enum ProjectAudits {
  /// How many projects one statement finds.
  private static let page = 100

  /// The next projects behind one whose oldest entry is too old. O(projects that are passed over).
  static func candidates(
    after id: String, _ policy: RetentionPolicy, _ connection: PostgresConnection
  ) throws(PostgresError) -> [String] {
    guard policy.auditAge > .zero else { return [] }
    let rows = try connection.execute(
      .projectsWithOldAudits, .uuid(id), .int8(policy.auditAge.components.seconds), .int8(Int64(page)))
    return (0..<rows.count).map { rows.uuid($0, 0) }
  }

  /// Lets go of at most a batch of a project's entries, oldest first.
  static func drop(
    of project: String, _ policy: RetentionPolicy, _ connection: PostgresConnection
  ) throws(PostgresError) -> RetentionCount {
    let dropped = try connection.execute(
      .dropAudits, .uuid(project), .int8(policy.auditAge.components.seconds), .int8(Int64(policy.batch)))
    return RetentionCount(.projectAudit, rows: Int(dropped.int8(0, 0)), bytes: Int(dropped.int8(0, 1)))
  }

  /// What waits to be let go of. O(entries).
  static func due(_ policy: RetentionPolicy, _ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    guard policy.auditAge > .zero else { return RetentionCount() }
    let due = try connection.execute(.dueAudits, .int8(policy.auditAge.components.seconds))
    return RetentionCount(.projectAudit, rows: Int(due.int8(0, 0)), bytes: Int(due.int8(0, 1)))
  }
}

extension Statement {
  /// From one project to the next by the index, since there are far more entries than projects.
  fileprivate static let projectsWithOldAudits = Statement(
    "projects_with_old_audits",
    """
    with recursive oldest as (
      (select project_id, inserted_at from project_audit where project_id > $1 order by project_id, id limit 1)
      union all
      select next.project_id, next.inserted_at from oldest o, lateral (
        select project_id, inserted_at from project_audit where project_id > o.project_id order by project_id, id limit 1
      ) next
    )
    select project_id from oldest where inserted_at < clock_timestamp() - make_interval(secs => $2::bigint) limit $3
    """)
  fileprivate static let dropAudits = Statement(
    "drop_old_audits",
    """
    with oldest as materialized (
      select id, inserted_at from project_audit where project_id = $1 order by id limit $3
    ), dropped as (
      delete from project_audit a using oldest o
      where a.project_id = $1 and a.id = o.id
        and o.inserted_at < clock_timestamp() - make_interval(secs => $2::bigint)
      returning pg_column_size(a.*) as size
    )
    select count(*), coalesce(sum(size), 0)::bigint from dropped
    """)
  fileprivate static let dueAudits = Statement(
    "due_audits",
    """
    select count(*), coalesce(sum(pg_column_size(a.*)), 0)::bigint from project_audit a
    where inserted_at < clock_timestamp() - make_interval(secs => $1::bigint)
    """)
}
