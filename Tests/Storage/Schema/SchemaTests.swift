import TestSupport
import Testing

@testable import Storage

@Suite struct SchemaTests {
  @Test func migratesOnceAndThenNothing() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    #expect(try Migrator(connection: connection).migrate() == Migration.all.map(\.number))
    #expect(try Migrator(connection: connection).migrate() == [])
  }

  @Test func severalAtOnceApplyEachStepOnce() throws {
    let address = try TestPostgres.makeDatabase()
    let done = Monitor([Result<[Int], any Error>]())
    let threads = (0..<4).map { _ in
      ServiceThread {
        let result = Result { try Migrator(connection: TestStore.connection(address)).migrate() }
        done.change { $0.append(result) }
      }
    }
    defer { for thread in threads { thread.join() } }
    let results = try #require(done.wait(for: .seconds(30)) { $0.count == 4 ? $0 : nil })
    #expect(try results.flatMap { try $0.get() }.sorted() == Migration.all.map(\.number))
  }

  @Test func aNewerDatabaseIsRefused() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    var migrator = Migrator(connection: connection)
    _ = try migrator.migrate()
    let last = try #require(migrator.migrations.last?.number)
    // The first steps say nothing of servers that do not know them.
    migrator.migrations.removeAll { $0.number >= 14 }
    #expect(throws: MigrationError.databaseIsNewer(database: last, binary: 13)) { try migrator.migrate() }
  }

  @Test func anEditedMigrationIsRefused() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    var migrator = Migrator(connection: connection)
    _ = try migrator.migrate()
    migrator.migrations[0] = Migration(1, "workflows", Array("select 1".utf8))
    #expect(throws: MigrationError.edited(number: 1, name: "workflows")) { try migrator.migrate() }
  }

  @Test func aFailingMigrationLeavesNothing() throws {
    let connection = try TestStore.connection(TestPostgres.makeDatabase())
    var migrator = Migrator(connection: connection)
    migrator.migrations = [Migration(1, "broken", Array("create table a (b int); select nonsense;".utf8))]
    #expect { try migrator.migrate() } throws: { "\($0)".contains("migration 1 (broken) failed") }
    #expect(try connection.run("select to_regclass('a')").isNull(0, 0))
    #expect(try connection.run("select 1 from heddle_migrations").isEmpty)
  }

  @Test func everyFileIsListed() throws {
    let numbers = Migration.all.map(\.number)
    #expect(numbers == Set(numbers).sorted())
    // What this target embeds is the folder; a file that nobody lists would never be applied.
    let source = #filePath.replacing("Tests/Storage/Schema/SchemaTests.swift", with: "Migrations")
    let files = Migration.all.map { String("000\($0.number)".suffix(4)) + "_\($0.name).sql" }
    #expect(names(inFolder: source).filter { $0.hasSuffix(".sql") } == files)
  }
}
