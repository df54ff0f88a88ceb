import Workflow

/// Who syncs which connection when: requests, leases, and what became of them.
enum SyncQueue {
  /// Has a connection synced by whoever comes first. A request to push is not forgotten for one to pull, because a push pulls
  /// where it has to. False where there is no such connection, or none that could be synced.
  static func request(
    _ request: SyncRequest, connectionID: String, _ connection: PostgresConnection
  ) throws -> Bool {
    let actor = request.actor
    return try connection.execute(
      .requestSync, .uuid(connectionID), .text(request.direction.rawValue), .text(request.cause.rawValue),
      .text(request.message), .text(actor.type), .text(actor.id), .text(actor.name)
    ).affected > 0
  }

  /// A connection for which it is time, which nobody else has; nil where there is none. With a nil interval repositories are
  /// not asked for news by themselves.
  static func claimDue(
    lease: Duration, polling: Bool, _ connection: PostgresConnection
  ) throws -> RepositoryClaim? {
    let owner = UUIDText.random()
    let rows = try connection.execute(
      .claimDueSync, .uuid(owner), .int8(lease.wholeMilliseconds), .bool(polling))
    return claim(rows, owner)
  }

  /// The connection of a project, unless somebody else has it or there is none that could be synced.
  static func claim(
    project: String, lease: Duration, _ connection: PostgresConnection
  ) throws -> RepositoryClaim? {
    let owner = UUIDText.random()
    return claim(
      try connection.execute(.claimSync, .uuid(owner), .int8(lease.wholeMilliseconds), .uuid(project)), owner)
  }

  private static func claim(_ rows: Rows, _ owner: String) -> RepositoryClaim? {
    guard !rows.isEmpty else { return nil }
    let found = RepositoryRecords.connection(rows, 0)
    let lease = RepositoryLease(projectID: found.projectID, connectionID: found.id, owner: owner)
    var claim = RepositoryClaim(lease: lease, connection: found)
    let first = RepositorySQL.count
    if let cause = rows.optionalText(0, first).flatMap(SyncRequest.Cause.init),
      let direction = rows.optionalText(0, first + 1).flatMap(SyncDirection.init)
    {
      let actor = Actor(
        type: rows.optionalText(0, first + 3) ?? Actor.system.type, id: rows.optionalText(0, first + 4),
        name: rows.optionalText(0, first + 5))
      claim.request = SyncRequest(direction, cause: cause, actor: actor, message: rows.optionalText(0, first + 2))
    }
    return claim
  }

  /// Keeps a lease for longer. False where it is lost.
  static func renew(_ lease: RepositoryLease, for duration: Duration, _ connection: PostgresConnection) throws -> Bool {
    try connection.execute(
      .renewLease, .uuid(lease.connectionID), .uuid(lease.owner), .int8(duration.wholeMilliseconds)
    ).affected > 0
  }

  /// Throws where a lease is lost; else nobody gets it until the transaction is over. The commit that was synced last.
  static func hold(_ lease: RepositoryLease, _ connection: PostgresConnection) throws -> String? {
    let rows = try connection.execute(.holdLease, .uuid(lease.connectionID), .uuid(lease.owner))
    guard !rows.isEmpty else { throw RepositoryError.leaseLost }
    return rows.optionalText(0, 0)
  }

  /// Lets a connection go, with what became of the sync. `nextCheck` is when it is to be looked at again by itself.
  static func release(
    _ lease: RepositoryLease, failure: SyncFailureRecord?, retrying request: SyncRequest, nextCheck: Duration?,
    _ connection: PostgresConnection
  ) throws {
    try connection.execute(
      .releaseLease, .uuid(lease.connectionID), .uuid(lease.owner), .text(failure?.kind), .text(failure?.text),
      failure?.retryAfter.map { .int8($0.wholeMilliseconds) } ?? .null,
      nextCheck.map { .int8($0.wholeMilliseconds) } ?? .null, .text(request.cause.rawValue),
      .text(request.direction.rawValue), .text(request.message), .text(request.actor.type), .text(request.actor.id),
      .text(request.actor.name))
  }

  /// How many connections fail.
  static func countFailing(_ connection: PostgresConnection) throws -> Int {
    Int(try connection.execute(.failingRepositories).int8(0, 0))
  }
}

extension Statement {
  fileprivate static let requestSync = Statement(
    "request_sync",
    """
    update repo_states s set requested_at = clock_timestamp(), next_attempt_at = null, cause = $3, message = $4,
      direction = case when s.requested_at is not null and s.direction = 'push' then 'push' else $2 end,
      actor_type = $5, actor_id = $6, actor_name = $7
    from project_repo_connections c where c.id = $1 and s.connection_id = c.id and c.url is not null
    """)

  /// What a lease is taken with: the row of the state `s`, which `due` has locked.
  private static let claiming = """
    update repo_states s set lease_owner = $1, lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond',
      requested_at = null
    from due join project_repo_connections c on c.id = due.connection_id left join projects p on p.id = c.project_id
    where s.project_id = due.project_id and s.connection_id = due.connection_id
    returning \(RepositorySQL.columns), s.cause, s.direction, s.message, s.actor_type, s.actor_id, s.actor_name
    """
  /// Also what somebody began who did not come to an end.
  fileprivate static let claimDueSync = Statement(
    "claim_due_sync",
    """
    with due as (
      select s.project_id, s.connection_id from repo_states s
      join project_repo_connections c on c.project_id = s.project_id and c.id = s.connection_id
      where c.url is not null and coalesce(s.lease_until < clock_timestamp(), true)
        and coalesce(s.next_attempt_at <= clock_timestamp(), true)
        and (s.requested_at is not null or s.lease_owner is not null or s.next_attempt_at is not null
          or ($3 and coalesce(s.next_check_at <= clock_timestamp(), true)))
      order by s.requested_at nulls last, s.next_check_at nulls first limit 1 for update of s skip locked
    )
    \(claiming)
    """)
  fileprivate static let claimSync = Statement(
    "claim_sync",
    """
    with due as (
      select s.project_id, s.connection_id from repo_states s
      join project_repo_connections c on c.project_id = s.project_id and c.id = s.connection_id
      where s.project_id = $3 and c.url is not null and coalesce(s.lease_until < clock_timestamp(), true)
      for update of s skip locked
    )
    \(claiming)
    """)
  fileprivate static let renewLease = Statement(
    "renew_lease",
    """
    update repo_states set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
    where connection_id = $1 and lease_owner = $2
    """)
  fileprivate static let holdLease = Statement(
    "hold_lease", "select synced_commit from repo_states where connection_id = $1 and lease_owner = $2 for update")
  /// What was asked for in the meantime stays asked for.
  fileprivate static let releaseLease = Statement(
    "release_lease",
    """
    update repo_states set lease_owner = null, lease_until = null, checked_at = clock_timestamp(),
      error_kind = $3, error = $4,
      failing_since = case when $3::text is not null then coalesce(failing_since, clock_timestamp()) end,
      attempts = case when $3::text is not null then attempts + 1 else 0 end,
      next_attempt_at = case when requested_at is null
        then clock_timestamp() + $5::bigint * interval '1 millisecond' end,
      next_check_at = coalesce(clock_timestamp() + $6::bigint * interval '1 millisecond', next_check_at),
      cause = case when requested_at is not null then cause when $5::bigint is not null then $7 end,
      direction = case when requested_at is not null then direction when $5::bigint is not null then $8 end,
      message = case when requested_at is not null then message when $5::bigint is not null then $9 end,
      actor_type = case when requested_at is not null then actor_type when $5::bigint is not null then $10 end,
      actor_id = case when requested_at is not null then actor_id when $5::bigint is not null then $11 end,
      actor_name = case when requested_at is not null then actor_name when $5::bigint is not null then $12 end
    where connection_id = $1 and lease_owner = $2
    """)
  fileprivate static let failingRepositories = Statement(
    "failing_repositories",
    """
    select count(*) from repo_states s join project_repo_connections c on c.id = s.connection_id
    where s.error_kind is not null
    """)
}
