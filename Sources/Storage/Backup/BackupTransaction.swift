import Workflow

/// Reads everything that is kept, in one state of the database, while servers go on working.
struct BackupTransaction {
  let connection: PostgresConnection
  let withSecrets: Bool

  /// What sessions of backups are set to: large tables take their time.
  static let sessionCommands = [
    "set timezone = 'UTC'", "set datestyle = 'ISO'", "set extra_float_digits = 1", "set bytea_output = 'hex'",
    "set statement_timeout = 0", "set idle_in_transaction_session_timeout = 0",
  ]

  func run(_ sink: inout some BackupSink) throws -> BackupManifest {
    try connection.run("begin isolation level repeatable read read only")
    do {
      let manifest = try write(to: &sink)
      try connection.run("commit")
      return manifest
    } catch {
      _ = try? connection.run("rollback")
      throw error
    }
  }

  private func write(to sink: inout some BackupSink) throws -> BackupManifest {
    let head = try connection.execute(.backupHead)
    var manifest = BackupManifest(
      schema: try JSONValue(stored: head.bytes(0, 0)).array?.compactMap(\.integer) ?? [], madeAt: head.text(0, 1),
      tables: [], projects: [], revision: 0)
    for table in BackupTables.kept + (withSecrets ? BackupTables.secret : []) {
      manifest.tables.append(try write(table, to: &sink))
    }
    let projects = try connection.execute(.projectIDs)
    for row in 0..<projects.count {
      guard let project = try ProjectReader.read(projects.uuid(row, 0), connection) else { continue }
      let problem = try sink.add(project)
      manifest.projects.append(.init(id: project.id, name: project.name, problem: problem))
    }
    // Sequences are of no transaction: read last, it is no less than what was read before.
    manifest.revision = try connection.execute(.newestRevision).int8(0, 0)
    return manifest
  }

  private func write(_ table: String, to sink: inout some BackupSink) throws -> BackupManifest.Table {
    let columns = try Self.columns(of: table, connection)
    let list = columns.map(\.quoted).joined(separator: ", ")
    try sink.begin(table)
    let rows = try connection.copyOut("copy (select \(list) from \(table.quoted)) to stdout") { try sink.write($0) }
    let (bytes, digest) = try sink.end()
    return BackupManifest.Table(name: table, columns: columns, rows: rows, bytes: bytes, digest: digest)
  }

  /// The columns of a table in their order, but for those that are computed; none where there is no such table.
  static func columns(of table: String, _ connection: PostgresConnection) throws -> [String] {
    let rows = try connection.execute(.columns, .text(table))
    return (0..<rows.count).map { rows.text($0, 0) }
  }
}

extension String {
  /// As a name in SQL.
  var quoted: String { "\"" + replacing("\"", with: "\"\"") + "\"" }
}

extension Statement {
  fileprivate static let backupHead = Statement(
    "backup_head",
    """
    select (select coalesce(json_agg(number order by number), '[]') from heddle_migrations)::text,
      to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    """)
  fileprivate static let columns = Statement(
    "columns",
    """
    select attname::text from pg_attribute
    where attrelid = to_regclass(quote_ident($1)) and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum
    """)
  fileprivate static let projectIDs = Statement("project_ids", "select id from projects order by id")
  fileprivate static let newestRevision = Statement("newest_revision", "select last_value from workflow_revisions")
}
