import Workflow

/// Reads what was saved under lock versions.
enum VersionReader {
  /// The versions before one, newest first; empty where there is no such workflow.
  static func list(
    _ id: String, before version: Int, limit: Int, _ connection: PostgresConnection
  ) throws -> [VersionRecord] {
    try takeNewest(id, connection)
    let rows = try connection.execute(.versions, .uuid(id), .int4(version), .int8(Int64(limit)))
    return (0..<rows.count).map { row in
      VersionRecord(
        lockVersion: rows.int4(row, 0), savedAt: rows.text(row, 1), isLatest: rows.bool(row, 2),
        provenance: rows.isNull(row, 3) ? nil : Records.provenance(rows, row, 3))
    }
  }

  /// The workflow as it was; nil where there is no such version. Snapshots have neither positions nor settings: those
  /// come as defaults.
  static func read(_ id: String, _ version: Int, _ connection: PostgresConnection) throws -> WorkflowRows? {
    let rows = try connection.execute(.snapshot, .uuid(id), .int4(version))
    if !rows.isEmpty { return try decode(id, version, rows) }
    try takeNewest(id, connection)
    let taken = try connection.execute(.snapshot, .uuid(id), .int4(version))
    return taken.isEmpty ? nil : try decode(id, version, taken)
  }

  /// The newest version may lack its snapshot, where somebody else wrote it. It is taken now.
  private static func takeNewest(_ id: String, _ connection: PostgresConnection) throws {
    guard !(try connection.execute(.lacksNewest, .uuid(id)).isEmpty) else { return }
    try connection.transaction {
      guard !(try connection.execute(.lockWorkflow, .uuid(id)).isEmpty) else { return }
      try connection.execute(.takeSnapshot, .uuid(id))
    }
  }

  /// What was saved under a version; nil where no snapshot of it was taken.
  static func find(_ id: String, _ version: Int, _ connection: PostgresConnection) throws -> WorkflowRows? {
    let rows = try connection.execute(.snapshot, .uuid(id), .int4(version))
    return rows.isEmpty ? nil : try decode(id, version, rows)
  }

  private static func decode(_ id: String, _ version: Int, _ rows: Rows) throws -> WorkflowRows {
    let content = WorkflowContent(
      id: id, name: rows.text(0, 0), jobs: try entities(rows, 2, Job.init(id:fields:)),
      triggers: try entities(rows, 3, Trigger.init(id:fields:)), edges: try entities(rows, 4, Edge.init(id:fields:)))
    return WorkflowRows(content: content, projectID: rows.uuid(0, 1), lockVersion: version, revision: 0)
  }

  private static func entities<Entity>(
    _ rows: Rows, _ column: Int, _ make: (String, [String: JSONValue]) -> Entity
  ) throws -> [Entity] {
    try (JSONValue(stored: rows.bytes(0, column)).array ?? []).compactMap { element in
      guard let fields = element.object, let id = fields["id"]?.string else { return nil }
      return make(id, fields)
    }
  }
}

extension Statement {
  fileprivate static let snapshot = Statement(
    "snapshot",
    """
    select s.name, w.project_id, s.jobs::text, s.triggers::text, s.edges::text
    from workflow_snapshots s join workflows w on w.id = s.workflow_id
    where s.workflow_id = $1 and s.lock_version = $2
    """)
  /// A row where the version that the rows are at has no snapshot.
  fileprivate static let lacksNewest = Statement(
    "lacks_newest",
    """
    select 1 from workflows w where w.id = $1 and not exists (
      select from workflow_snapshots s where s.workflow_id = w.id and s.lock_version = w.lock_version)
    """)
  fileprivate static let versions = Statement(
    "versions",
    """
    select s.lock_version, \(Records.time("s.inserted_at")), s.lock_version = w.lock_version,
      r.source, r.actor_type, r.actor_id, r.actor_name, r.git_commit
    from workflow_snapshots s join workflows w on w.id = s.workflow_id
    left join lateral (
      select * from reconciliations r
      where r.workflow_id = s.workflow_id and r.lock_version = s.lock_version and r.kind in ('reconcile', 'save')
      order by r.number limit 1
    ) r on true
    where s.workflow_id = $1 and s.lock_version < $2 order by s.lock_version desc limit $3
    """)
}
