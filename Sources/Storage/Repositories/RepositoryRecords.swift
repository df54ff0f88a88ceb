import Workflow

/// Reads and writes connections of repositories.
enum RepositoryRecords {
  static func read(
    project: String? = nil, id: String? = nil, _ connection: PostgresConnection
  ) throws -> [RepositoryConnection] {
    let rows = try connection.execute(
      .repositories, project.map(Parameter.uuid) ?? .null, id.map(Parameter.uuid) ?? .null)
    return (0..<rows.count).map { self.connection(rows, $0) }
  }

  /// Nil where the project has a connection already.
  static func add(
    _ new: NewRepositoryConnection, _ connection: PostgresConnection
  ) throws -> RepositoryConnection? {
    let added = try connection.execute(
      .addRepository, .uuid(new.projectID), .text(new.name), .text(new.url), .text(new.branch), .text(new.configPath),
      .text(new.isPullOnly ? "pull" : "both"))
    return added.isEmpty ? nil : try read(project: new.projectID, connection).first
  }

  static func remove(_ project: String, _ connection: PostgresConnection) throws -> Bool {
    try connection.execute(.removeRepository, .uuid(project)).affected > 0
  }

  static func renewSecret(_ project: String, _ connection: PostgresConnection) throws -> RepositoryConnection? {
    try connection.execute(.renewHookNonce, .uuid(project))
    return try read(project: project, connection).first
  }

  /// Reads what `RepositorySQL.columns` has, from a column on.
  static func connection(_ rows: Rows, _ row: Int) -> RepositoryConnection {
    RepositoryConnection(
      id: rows.uuid(row, 0), projectID: rows.uuid(row, 1), projectName: rows.optionalText(row, 2),
      name: rows.text(row, 3), url: rows.optionalText(row, 4), branch: rows.text(row, 5),
      configPath: rows.optionalText(row, 6), isPullOnly: rows.bool(row, 7), hookNonce: rows.uuid(row, 8),
      state: state(rows, row))
  }

  private static func state(_ rows: Rows, _ row: Int) -> RepositoryState {
    var state = RepositoryState(
      status: RepositoryState.Status(rawValue: rows.text(row, 9)) ?? .idle, syncedCommit: rows.optionalText(row, 10),
      syncedAt: rows.optionalText(row, 11), checkedAt: rows.optionalText(row, 12), format: rows.optionalText(row, 13))
    if let kind = rows.optionalText(row, 14) {
      state.failure = RepositoryState.Failure(
        kind: kind, text: rows.optionalText(row, 15) ?? "", since: rows.optionalText(row, 16) ?? "",
        attempts: rows.int4(row, 17), nextAttemptAt: rows.optionalText(row, 18))
    }
    return state
  }
}

/// What statements about connections have in common.
enum RepositorySQL {
  /// The number of columns.
  static let count = 19

  /// Of a connection `c` with its state `s` and its project `p`.
  static let columns = """
    c.id, c.project_id, p.name, c.repo, c.url, c.branch, c.config_path, c.direction = 'pull', c.hook_nonce,
      case when s.lease_until > clock_timestamp() then 'syncing' when s.requested_at is not null then 'queued'
        when s.error_kind is not null then 'failing' else 'idle' end,
      s.synced_commit, \(Records.time("s.synced_at")), \(Records.time("s.checked_at")), s.format,
      s.error_kind, s.error, \(Records.time("s.failing_since")), s.attempts, \(Records.time("s.next_attempt_at"))
    """
}

extension Statement {
  fileprivate static let repositories = Statement(
    "repositories",
    """
    select \(RepositorySQL.columns) from project_repo_connections c
    left join repo_states s on s.project_id = c.project_id and s.connection_id = c.id
    left join projects p on p.id = c.project_id
    where ($1::uuid is null or c.project_id = $1) and ($2::uuid is null or c.id = $2)
    order by lower(p.name), c.project_id
    """)
  fileprivate static let addRepository = Statement(
    "add_repository",
    """
    with added as (
      insert into project_repo_connections (project_id, repo, url, branch, config_path, direction)
      values ($1, $2, $3, $4, $5, $6) on conflict (project_id) do nothing returning project_id, id
    )
    insert into repo_states (project_id, connection_id) select project_id, id from added returning connection_id
    """)
  fileprivate static let removeRepository = Statement(
    "remove_repository", "delete from project_repo_connections where project_id = $1")
  fileprivate static let renewHookNonce = Statement(
    "renew_hook_nonce", "update project_repo_connections set hook_nonce = gen_random_uuid() where project_id = $1")
}
