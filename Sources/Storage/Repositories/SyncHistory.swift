import Workflow

/// The history of syncs, and what the last one left.
enum SyncHistory {
  // MARK: Records

  /// Adds a sync that went well.
  static func add(
    _ entry: SyncEntry, _ outcome: SyncRecord.Outcome, of lease: RepositoryLease, _ connection: PostgresConnection
  ) throws {
    try connection.execute(.addSync, parameters(entry, outcome, lease, nil))
  }

  /// Adds a sync that failed, unless the last one failed in the same way: that is one failure.
  static func add(
    _ entry: SyncEntry, failure: SyncFailureRecord, of lease: RepositoryLease, _ connection: PostgresConnection
  ) throws {
    try connection.execute(.addSync, parameters(entry, .failed, lease, failure))
  }

  private static func parameters(
    _ entry: SyncEntry, _ outcome: SyncRecord.Outcome, _ lease: RepositoryLease, _ failure: SyncFailureRecord?
  ) -> [Parameter] {
    let actor = entry.request.actor
    return [
      .uuid(lease.projectID), .uuid(lease.connectionID), .text(entry.request.direction.rawValue),
      .text(entry.request.cause.rawValue), .text(actor.type), .text(actor.id), .text(actor.name),
      .text(entry.commitFrom), .text(entry.commitTo), .int8(entry.elapsed.wholeMilliseconds), .text(outcome.rawValue),
      .text(failure?.kind), .text(failure?.text), .bytes(JSONValue.array(entry.changes).serialized()),
    ]
  }

  /// A page of a project's syncs before a number, newest first.
  static func page(
    of projectID: String, before number: Int64, limit: Int, _ connection: PostgresConnection
  ) throws -> [SyncRecord] {
    let rows = try connection.execute(.syncs, .uuid(projectID), .int8(number), .int8(Int64(limit)))
    return try (0..<rows.count).map { row in
      let actor = Actor(type: rows.text(row, 3), id: rows.optionalText(row, 4), name: rows.optionalText(row, 5))
      let request = SyncRequest(
        SyncDirection(rawValue: rows.text(row, 1)) ?? .pull,
        cause: SyncRequest.Cause(rawValue: rows.text(row, 2)) ?? .poll, actor: actor)
      return SyncRecord(
        number: rows.int8(row, 0), request: request, commitFrom: rows.optionalText(row, 6),
        commitTo: rows.optionalText(row, 7), startedAt: rows.text(row, 8), milliseconds: rows.int8(row, 9),
        outcome: SyncRecord.Outcome(rawValue: rows.text(row, 10)) ?? .failed, errorKind: rows.optionalText(row, 11),
        error: rows.optionalText(row, 12), changes: try JSONValue(stored: rows.bytes(row, 13)))
    }
  }

  /// Forgets what is old.
  static let expiry: [Statement] = [.forgetSyncs]

  // MARK: What the last sync left

  static func base(_ connectionID: String, _ connection: PostgresConnection) throws -> SyncBase {
    let tables = try connection.snapshot([
      (.syncState, [.uuid(connectionID)]), (.syncBases, [.uuid(connectionID)]),
    ])
    let (state, contents) = (tables[0], tables[1])
    guard !state.isEmpty else { throw RepositoryError.leaseLost }
    var base = SyncBase(
      settings: try state.optionalBytes(0, 0).map { try JSONValue(stored: $0) }, digest: state.optionalText(0, 1))
    for row in 0..<contents.count {
      guard let content = WorkflowContent(json: try JSONValue(stored: contents.bytes(row, 1))) else {
        throw StoreError.damaged("the last synced content of workflow \(contents.uuid(row, 0)) cannot be read")
      }
      base.workflows[content.id] = content
    }
    return base
  }

  /// Notes where a sync left the repository. `known` is what was noted before.
  static func write(
    _ point: SyncPoint, replacing known: SyncBase, _ lease: RepositoryLease, _ connection: PostgresConnection
  ) throws {
    try connection.execute(
      .writeSyncPoint, .uuid(lease.connectionID), .text(point.commit), .text(point.format), .text(point.base.digest),
      point.base.settings.map { .bytes($0.serialized()) } ?? .null)
    let gone = Set(known.workflows.keys).subtracting(point.base.workflows.keys)
    let changed = point.base.workflows.filter { known.workflows[$0.key] != $0.value }.sorted { $0.key < $1.key }
    if !gone.isEmpty {
      try connection.execute(.deleteSyncBases, .uuid(lease.connectionID), .uuids(gone.sorted()))
    }
    guard !changed.isEmpty else { return }
    try connection.execute(
      .writeSyncBases, .uuid(lease.projectID), .uuid(lease.connectionID), .uuids(changed.map(\.key)),
      .texts(changed.map { $0.value.json.text }))
  }
}

extension Statement {
  fileprivate static let addSync = Statement(
    "add_sync",
    """
    insert into repo_syncs (project_id, connection_id, direction, cause, actor_type, actor_id, actor_name, commit_from,
      commit_to, started_at, outcome, error_kind, error, changes)
    select $1, $2, $3::text, $4, $5, $6, $7, $8, $9::text, clock_timestamp() - $10::bigint * interval '1 millisecond',
      $11::text, $12, $13::text, $14
    where $11 <> 'failed' or not exists (
      select from (select outcome, direction, error, commit_to from repo_syncs
        where project_id = $1 and connection_id = $2 order by number desc limit 1) l
      where l.outcome = 'failed' and l.direction = $3 and l.error = $13 and l.commit_to is not distinct from $9)
    """)
  fileprivate static let syncs = Statement(
    "syncs",
    """
    select number, direction, cause, actor_type, actor_id, actor_name, commit_from, commit_to,
      \(Records.time("started_at")), (extract(epoch from finished_at - started_at) * 1000)::bigint, outcome, error_kind,
      error, changes
    from repo_syncs where project_id = $1 and number < $2 order by number desc limit $3
    """)
  fileprivate static let forgetSyncs = Statement(
    "forget_syncs",
    """
    delete from repo_syncs s using (
      select project_id, number from repo_syncs
      where finished_at < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where (s.project_id, s.number) = (old.project_id, old.number)
    """)
  fileprivate static let syncState = Statement(
    "sync_state", "select settings, digest from repo_states where connection_id = $1")
  fileprivate static let syncBases = Statement(
    "sync_bases", "select workflow_id, content from repo_bases where connection_id = $1")
  fileprivate static let writeSyncPoint = Statement(
    "write_sync_point",
    """
    update repo_states set synced_commit = $2, synced_at = clock_timestamp(), format = $3, digest = $4, settings = $5
    where connection_id = $1
    """)
  fileprivate static let deleteSyncBases = Statement(
    "delete_sync_bases", "delete from repo_bases where connection_id = $1 and workflow_id = any($2::uuid[])")
  fileprivate static let writeSyncBases = Statement(
    "write_sync_bases",
    """
    insert into repo_bases (project_id, connection_id, workflow_id, content)
    select $1, $2, id, content::json from unnest($3::uuid[], $4::text[]) as n(id, content)
    on conflict (project_id, connection_id, workflow_id) do update set content = excluded.content
    """)
}
