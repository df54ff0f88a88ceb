import Workflow

/// Reads what was saved under a lock version.
enum VersionReader {
  /// The workflow as it was; nil where there is no such version. Snapshots have neither positions nor settings: those
  /// come as defaults.
  static func read(_ id: String, _ version: Int, _ connection: PostgresConnection) throws -> WorkflowRows? {
    let rows = try connection.execute(.snapshot, .uuid(id), .int4(version))
    if !rows.isEmpty { return try decode(id, version, rows) }
    // The newest version may lack its snapshot, where somebody else wrote it. It is taken now.
    try connection.transaction {
      let locked = try connection.execute(.lockWorkflow, .uuid(id))
      guard !locked.isEmpty, locked.int4(0, 1) == version else { return }
      try connection.execute(.takeSnapshot, .uuid(id))
    }
    let taken = try connection.execute(.snapshot, .uuid(id), .int4(version))
    return taken.isEmpty ? nil : try decode(id, version, taken)
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
}
