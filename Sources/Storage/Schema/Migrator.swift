import Glibc

/// Brings a database's schema forward to what this binary needs, while servers of the schema before go on working.
///
/// Each step says in its file which older servers still work once it is made (`-- works with: 14`), and that is noted in the
/// database: so an older server that is started meanwhile knows whether it may.
struct Migrator {
  let connection: PostgresConnection
  var migrations = Migration.all
  /// How long a step waits for a lock. Whatever wants the table meanwhile waits behind it, so that is short.
  var lockTimeout = Duration.seconds(2)
  /// How often a step is tried that did not get its locks, and how long it lets others go on in between.
  var attempts = 30
  var pause = Duration.milliseconds(500)
  /// Hears what it waits for, once of each.
  var onWait: (String) -> Void = { _ in }

  /// Any number, the same for everybody who migrates.
  private static let lockKey: Int64 = 0x4865_6464_6c65

  /// What there is to do, without doing it. Throws where this binary cannot work with the database.
  func status() throws(MigrationError) -> SchemaStatus {
    try checkServer()
    do {
      guard try !connection.run("select 1 where to_regclass('heddle_migrations') is not null").isEmpty else {
        return SchemaStatus(newest: newest, missing: migrations.map(\.number))
      }
    } catch {
      throw .database(error)
    }
    return try checkApplied()
  }

  /// Applies what is missing, each step in a transaction of its own. Of several that try at once one does it and the
  /// others wait. Returns the numbers of what was applied.
  func migrate() throws(MigrationError) -> [Int] {
    try checkServer()
    do {
      if try connection.run("select 1 where pg_try_advisory_lock(\(Self.lockKey))").isEmpty {
        onWait("another Heddle that migrates this database")
        try connection.run("select pg_advisory_lock(\(Self.lockKey))")
      }
      try connection.run(Self.ownTable)
    } catch {
      throw .database(error)
    }
    defer { _ = try? connection.run("select pg_advisory_unlock(\(Self.lockKey))") }
    let missing = try checkApplied().missing
    for migration in migrations where missing.contains(migration.number) { try apply(migration) }
    return missing
  }

  private static let ownTable = """
    create table if not exists heddle_migrations (
      number integer primary key,
      name text not null,
      checksum bigint not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    do $$ begin
      if not exists (
        select from pg_attribute where attrelid = 'heddle_migrations'::regclass and attname = 'works_with'
      ) then
        -- The oldest schema whose servers go on working; null where only the same one does.
        alter table heddle_migrations add column works_with integer;
      end if;
    end $$
    """

  private var newest: Int { migrations.last?.number ?? 0 }

  private func checkServer() throws(MigrationError) {
    guard connection.serverVersion >= 150_000 else {
      throw .unsupportedServer(version: "\(connection.serverVersion / 10_000).\(connection.serverVersion % 10_000)")
    }
  }

  private func checkApplied() throws(MigrationError) -> SchemaStatus {
    let rows: Rows
    do { rows = try connection.execute(.appliedMigrations) } catch { throw .database(error) }
    var applied: Set<Int> = []
    var status = SchemaStatus(newest: newest)
    for row in 0..<rows.count {
      let number = rows.int4(row, 0)
      if let known = migrations.first(where: { $0.number == number }) {
        guard rows.int8(row, 1) == known.checksum else { throw .edited(number: number, name: known.name) }
        applied.insert(number)
      } else {
        guard let oldest = rows.optionalInt4(row, 2), oldest <= newest else {
          throw .databaseIsNewer(database: rows.int4(rows.count - 1, 0), binary: newest)
        }
        status.ahead.append(number)
      }
    }
    status.missing = migrations.map(\.number).filter { !applied.contains($0) }
    return status
  }

  /// One step. What it cannot lock at once it does not wait for long: who holds the lock is in nobody's way, but who waits
  /// for a lock of a whole table is in everybody's.
  private func apply(_ migration: Migration) throws(MigrationError) {
    var attempt = 1
    while true {
      do {
        return try applyOnce(migration)
      } catch let error as PostgresError {
        guard error.isTransient, attempt < attempts else {
          throw .failed(number: migration.number, name: migration.name, error)
        }
        if attempt == 1 {
          onWait("whoever is in the way of migration \(migration.number) (\(migration.name)): \(error)")
        }
      } catch {
        throw .database(PostgresError("\(error)"))
      }
      attempt += 1
      usleep(UInt32(pause / .microseconds(1)))
    }
  }

  private func applyOnce(_ migration: Migration) throws {
    try connection.transaction {
      try connection.run("set local lock_timeout = \(Int(lockTimeout / .milliseconds(1)))")
      try connection.run(String(decoding: migration.sql, as: UTF8.self))
      try connection.execute(
        .recordMigration, .int4(migration.number), .text(migration.name), .int8(migration.checksum),
        .int4(migration.worksWith))
    }
  }
}

extension Statement {
  /// An older Heddle's table does not have `works_with`.
  fileprivate static let appliedMigrations = Statement(
    "applied_migrations",
    """
    select number, checksum, (to_jsonb(m) ->> 'works_with')::integer from heddle_migrations m order by number
    """)
  fileprivate static let recordMigration = Statement(
    "record_migration",
    "insert into heddle_migrations (number, name, checksum, works_with) values ($1, $2, $3, $4)")
}
