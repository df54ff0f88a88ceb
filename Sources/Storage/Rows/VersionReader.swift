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
        id: rows.uuid(row, 8), lockVersion: rows.int4(row, 0), savedAt: rows.text(row, 1), isLatest: rows.bool(row, 2),
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

  /// Saved versions of a project's workflows by the ids of their snapshots; those that the project does not have, or of which the
  /// workflow is deleted, are not among them.
  static func find(
    snapshots: [String], ofProject project: String, _ connection: PostgresConnection
  ) throws -> [String: WorkflowRows] {
    let rows = try connection.execute(.snapshotsOfProject, .uuid(project), .uuids(snapshots))
    var found: [String: WorkflowRows] = [:]
    for row in 0..<rows.count {
      found[rows.uuid(row, 5)] = try decode(rows.uuid(row, 6), rows.int4(row, 7), rows, row)
    }
    return found
  }

  private static func decode(_ id: String, _ version: Int, _ rows: Rows, _ row: Int = 0) throws -> WorkflowRows {
    let content = WorkflowContent(
      id: id, name: rows.text(row, 0), jobs: try entities(rows, row, 2, Job.init(id:fields:)),
      triggers: try entities(rows, row, 3, Trigger.init(id:fields:)),
      edges: try entities(rows, row, 4, Edge.init(id:fields:)))
    return WorkflowRows(content: content, projectID: rows.uuid(row, 1), lockVersion: version, revision: 0)
  }

  private static func entities<Entity>(
    _ rows: Rows, _ row: Int, _ column: Int, _ make: (String, [String: JSONValue]) -> Entity
  ) throws -> [Entity] {
    try (JSONValue(stored: rows.bytes(row, column)).array ?? []).compactMap { element in
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
  fileprivate static let snapshotsOfProject = Statement(
    "snapshots_of_project",
    """
    select s.name, w.project_id, s.jobs::text, s.triggers::text, s.edges::text, s.id, s.workflow_id, s.lock_version
    from workflow_snapshots s join workflows w on w.id = s.workflow_id
    where w.project_id = $1 and w.deleted_at is null and s.id = any($2::uuid[])
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
      r.source, r.actor_type, r.actor_id, r.actor_name, r.git_commit, s.id
    from workflow_snapshots s join workflows w on w.id = s.workflow_id
    left join lateral (
      select * from reconciliations r
      where r.workflow_id = s.workflow_id and r.lock_version = s.lock_version and r.kind in ('reconcile', 'save')
      order by r.number limit 1
    ) r on true
    where s.workflow_id = $1 and s.lock_version < $2 order by s.lock_version desc limit $3
    """)
}
