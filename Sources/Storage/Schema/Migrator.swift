/// Brings a database's schema forward to what this binary needs.
struct Migrator {
  let connection: PostgresConnection
  var migrations = Migration.all

  /// Any number, the same for everybody who migrates.
  private static let lockKey: Int64 = 0x4865_6464_6c65

  /// Applies what is missing, each step in a transaction of its own. Of several that try at once one does it and the
  /// others wait. Returns the numbers of what was applied.
  func migrate() throws(MigrationError) -> [Int] {
    guard connection.serverVersion >= 150_000 else {
      throw .unsupportedServer(version: "\(connection.serverVersion / 10_000).\(connection.serverVersion % 10_000)")
    }
    do {
      try connection.run("select pg_advisory_lock(\(Self.lockKey))")
      try connection.run(
        """
        create table if not exists heddle_migrations (
          number integer primary key,
          name text not null,
          checksum bigint not null,
          applied_at timestamptz not null default clock_timestamp()
        )
        """)
    } catch {
      throw .database(error)
    }
    defer { _ = try? connection.run("select pg_advisory_unlock(\(Self.lockKey))") }
    let applied = try checkApplied()
    let missing = migrations.filter { !applied.contains($0.number) }
    for migration in missing { try apply(migration) }
    return missing.map(\.number)
  }

  private func checkApplied() throws(MigrationError) -> Set<Int> {
    let rows: Rows
    do { rows = try connection.execute(.appliedMigrations) } catch { throw .database(error) }
    var applied: Set<Int> = []
    for row in 0..<rows.count {
      let number = rows.int4(row, 0)
      guard let known = migrations.first(where: { $0.number == number }) else {
        throw .databaseIsNewer(database: number, binary: migrations.last?.number ?? 0)
      }
      guard rows.int8(row, 2) == known.checksum else { throw .edited(number: number, name: known.name) }
      applied.insert(number)
    }
    return applied
  }

  private func apply(_ migration: Migration) throws(MigrationError) {
    do {
      try connection.transaction {
        try connection.run(String(decoding: migration.sql, as: UTF8.self))
        try connection.execute(
          .recordMigration, .int4(migration.number), .text(migration.name), .int8(migration.checksum))
      }
    } catch let error as PostgresError {
      throw .failed(number: migration.number, name: migration.name, error)
    } catch {
      throw .database(PostgresError("\(error)"))
    }
  }
}

extension Statement {
  fileprivate static let appliedMigrations = Statement(
    "applied_migrations", "select number, name, checksum from heddle_migrations order by number desc")
  fileprivate static let recordMigration = Statement(
    "record_migration", "insert into heddle_migrations (number, name, checksum) values ($1, $2, $3)")
}
