/// Writes a backup into an empty database: all of it or nothing.
struct RestoreTransaction {
  let connection: PostgresConnection
  let manifest: BackupManifest
  let migrations: [Migration]
  /// Told before each table.
  let progress: (String) -> Void

  private static let tables = BackupTables.kept + BackupTables.secret

  func run(_ source: inout some BackupSource) throws {
    try checkSchema()
    try connection.transaction {
      // Rows are as they were: nothing is to be made of them anew. This also keeps others from writing.
      for table in Self.tables { try connection.run("alter table \(table.quoted) disable trigger user") }
      for table in Self.tables {
        guard try connection.run("select 1 from \(table.quoted) limit 1").isEmpty else {
          throw BackupError.notEmpty(table: table)
        }
      }
      for table in manifest.tables { try write(table, &source) }
      try connection.execute(.continueRevisions, .int8(manifest.revision))
      try continueIdentities()
      for table in Self.tables { try connection.run("alter table \(table.quoted) enable trigger user") }
    }
    // So that the first documents that are opened are found as fast as the later ones.
    try connection.run("analyze")
  }

  /// Migrations that came later have to be such that what older servers write is taken.
  private func checkSchema() throws(BackupError) {
    let (newest, binary) = (manifest.schema.max() ?? 0, migrations.last?.number ?? 0)
    let known = Set(migrations.map(\.number))
    guard known.isSuperset(of: manifest.schema) else { throw .newer(schema: newest, binary: binary) }
    for migration in migrations where !manifest.schema.contains(migration.number) && migration.worksWith > newest {
      throw .tooOld(schema: newest, migration: migration.number)
    }
  }

  private func write(_ table: BackupManifest.Table, _ source: inout some BackupSource) throws {
    let columns = try BackupTransaction.columns(of: table.name, connection)
    guard Self.tables.contains(table.name), !columns.isEmpty else {
      throw BackupError.unknown(table: table.name, columns: [])
    }
    let unknown = table.columns.filter { !columns.contains($0) }
    guard unknown.isEmpty else { throw BackupError.unknown(table: table.name, columns: unknown) }
    progress(table.name)
    try source.begin(table)
    let list = table.columns.map(\.quoted).joined(separator: ", ")
    let rows = try connection.copyIn("copy \(table.name.quoted) (\(list)) from stdin") { try source.next() }
    guard rows == table.rows else { throw BackupError.rows(table: table.name, expected: table.rows, found: rows) }
  }

  /// Numbers that the database gives go on behind those that were given.
  private func continueIdentities() throws {
    let identities = try connection.execute(.identities, .texts(Self.tables))
    for row in 0..<identities.count {
      let (table, column) = (identities.text(row, 0), identities.text(row, 1))
      try connection.run(
        """
        select setval(pg_get_serial_sequence('\(table)', '\(column)'), max(\(column.quoted))) from \(table.quoted)
        having max(\(column.quoted)) is not null
        """)
    }
  }
}

extension Statement {
  fileprivate static let continueRevisions = Statement(
    "continue_revisions", "select setval('workflow_revisions', greatest($1::bigint, 1))")
  fileprivate static let identities = Statement(
    "identities",
    """
    select c.relname::text, a.attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relname = any($1::text[]) and a.attidentity <> '' and c.oid = to_regclass(quote_ident(c.relname))
    """)
}
