import TestSupport
import Testing

@testable import Storage

/// Two schemas at once: a newer Heddle has migrated the database, an older one works with it.
@Suite struct UpgradeTests {
  private static let newest = Migration.all.last?.number ?? 0

  private static func future(worksWith schema: Int?) -> Migration {
    let mark = schema.map { "-- What is to come.\n-- works with: \($0)\n" } ?? ""
    return Migration(9001, "future", Array("\(mark)create table future (a int);".utf8))
  }

  /// A database that a newer Heddle has migrated, and what this one finds there.
  private static func database(_ migration: Migration) throws -> Migrator {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    _ = try Migrator(connection: connection, migrations: Migration.all + [migration]).migrate()
    return Migrator(connection: connection)
  }

  @Test func anOlderServerStartsWhereTheNewerOneSaysThatItMay() throws {
    let older = try Self.database(Self.future(worksWith: Self.newest))
    #expect(try older.migrate() == [])
    #expect(try older.status() == SchemaStatus(newest: Self.newest, ahead: [9001]))
  }

  @Test(arguments: [newest + 1, nil])
  func itDoesNotStartWhereTheNewerOneDoesNotSaySo(mark: Int?) throws {
    let older = try Self.database(Self.future(worksWith: mark))
    let refusal = MigrationError.databaseIsNewer(database: 9001, binary: Self.newest)
    #expect(throws: refusal) { try older.migrate() }
    #expect(throws: refusal) { try older.status() }
  }

  @Test func whatAnOlderHeddleLeftHasNoMarksAndIsMigrated() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    _ = try Migrator(connection: connection, migrations: Array(Migration.all.prefix(14))).migrate()
    try connection.run("alter table heddle_migrations drop column works_with")
    let migrator = Migrator(connection: connection, migrations: Migration.all + [Self.future(worksWith: Self.newest)])
    #expect(try migrator.migrate() == Migration.all.dropFirst(14).map(\.number) + [9001])
    #expect(try Migrator(connection: connection).status().ahead == [9001])
  }

  @Test func lookingWritesNothing() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    let migrator = Migrator(connection: connection)
    #expect(try migrator.status() == SchemaStatus(newest: Self.newest, missing: Migration.all.map(\.number)))
    #expect(try connection.run("select 1 from pg_tables where schemaname = 'public'").isEmpty)
  }

  /// Somebody reads for long; the migration wants the whole table; others write. They must not stand behind it.
  @Test func whoWaitsForATableKeepsNobodyElseWaiting() throws {
    let address = try TestStore.sampleDatabase()
    let reader = try TestStore.connection(address)
    try reader.run("begin; select count(*) from jobs")
    let sql = "-- works with: \(Self.newest)\nalter table jobs add column future integer;"
    let done = Monitor<Result<[Int], any Error>?>(nil)
    let thread = ServiceThread {
      let result = Result {
        try Migrator(
          connection: TestStore.connection(address),
          migrations: Migration.all + [Migration(9001, "f", Array(sql.utf8))],
          lockTimeout: .milliseconds(20), attempts: 100_000, pause: .milliseconds(5)
        ).migrate()
      }
      done.change { $0 = result }
    }
    let writer = try TestStore.connection(address)
    try writer.run("set lock_timeout = '10s'")
    for round in 0..<50 { try writer.run("update jobs set body = 'round \(round)'") }
    #expect(done.read { $0 } == nil, "the table is still being read")
    try reader.run("commit")
    thread.join()
    #expect(try done.read { $0 }?.get() == [9001])
  }

  @Test func whereTheTableStaysLockedNothingIsDone() throws {
    let address = try TestStore.sampleDatabase()
    let reader = try TestStore.connection(address)
    try reader.run("begin; select count(*) from jobs")
    let sql = "create table future (a int); alter table jobs add column future integer;"
    let connection = try TestStore.connection(address)
    let told = Monitor<[String]>([])
    let migrator = Migrator(
      connection: connection, migrations: Migration.all + [Migration(9001, "f", Array(sql.utf8))],
      lockTimeout: .milliseconds(5), attempts: 3, pause: .zero, onWait: { text in told.change { $0.append(text) } })
    #expect { try migrator.migrate() } throws: { "\($0)".contains("migration 9001 (f) failed and was rolled back") }
    #expect(told.read { $0.map { $0.hasPrefix("whoever is in the way of migration 9001 (f): ") } } == [true])
    #expect(try connection.run("select to_regclass('future')").isNull(0, 0))
  }
}
