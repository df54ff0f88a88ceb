import Workflow

/// Reads projects with everything in them.
enum ProjectReader {
  /// The project; nil where there is none.
  static func read(_ id: String, _ connection: PostgresConnection) throws -> ProjectContent? {
    let tables = try connection.snapshot(queries(id))
    return try content(id, tables) { try WorkflowReader.readAll(ofProject: id, connection) }
  }

  /// As `read`, within a transaction that holds the locks of the project and its workflows.
  static func readLocked(_ id: String, _ connection: PostgresConnection) throws -> ProjectContent? {
    let tables = try connection.pipeline(queries(id))
    return try content(id, tables) { try WorkflowReader.readAllLocked(ofProject: id, connection) }
  }

  private static func queries(_ id: String) -> [(Statement, [Parameter])] {
    [
      Statement.project, .projectCredentials, .projectCollections, .projectTimestamps, .projectVersions,
      .projectKeychains,
    ]
    .map { ($0, [.uuid(id)]) }
  }

  private static func content(
    _ id: String, _ tables: [Rows], _ workflows: () throws -> [WorkflowRows]
  ) throws -> ProjectContent? {
    let (project, credentials, collections, times) = (tables[0], tables[1], tables[2], tables[3])
    guard !project.isEmpty else { return nil }
    var content = ProjectContent(
      id: id, name: project.text(0, 0), description: project.optionalText(0, 1), parentID: project.optionalUUID(0, 2))
    content.workflows = try workflows()
    content.credentials = (0..<credentials.count).map {
      ProjectCredential(id: credentials.uuid($0, 0), name: credentials.text($0, 1), owner: credentials.text($0, 2))
    }
    content.collections = (0..<collections.count).map {
      ProjectCollection(id: collections.uuid($0, 0), name: collections.text($0, 1))
    }
    for row in 0..<times.count {
      content.timestamps[times.uuid(row, 0)] = Timestamps(insertedAt: times.text(row, 1), updatedAt: times.text(row, 2))
    }
    let (versions, keychains) = (tables[4], tables[5])
    content.keychains = (0..<keychains.count).map {
      ProjectKeychain(id: keychains.uuid($0, 0), name: keychains.text($0, 1))
    }
    for row in 0..<versions.count {
      let history = try JSONValue(stored: versions.bytes(row, 1)).array ?? []
      content.versionHistories[versions.uuid(row, 0)] = history.compactMap(\.string)
    }
    return content
  }
}

extension Statement {
  private static let isoTimes = """
    to_char(inserted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    """
  fileprivate static let project = Statement(
    "project", "select name, description, parent_id from projects where id = $1")
  fileprivate static let projectKeychains = Statement(
    "project_keychains", "select id, name from keychain_credentials where project_id = $1 order by inserted_at, id")
  fileprivate static let projectVersions = Statement(
    "project_versions",
    """
    select id, to_json(version_history)::text from workflows where project_id = $1 and cardinality(version_history) > 0
    """)
  fileprivate static let projectCredentials = Statement(
    "project_credentials",
    "select id, name, owner from project_credentials where project_id = $1 order by inserted_at, id")
  fileprivate static let projectCollections = Statement(
    "project_collections", "select id, name from collections where project_id = $1 order by inserted_at, id")
  fileprivate static let projectTimestamps = Statement(
    "project_timestamps",
    """
    select id, \(isoTimes) from projects where id = $1
    union all select id, \(isoTimes) from workflows where project_id = $1
    """)
}
