import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// Everything in one database, written down and put into another.
@Suite struct BackupTests {
  /// A backup in memory.
  private struct Memory: BackupSink, BackupSource {
    var tables: [String: [UInt8]] = [:]
    var projects: [ProjectContent] = []
    private var name = ""
    private var rest: [UInt8]?
    /// Called after each table that was written.
    var afterTable: (String) throws -> Void = { _ in }

    mutating func begin(_ table: String) { (name, tables[table]) = (table, []) }
    mutating func write(_ bytes: UnsafeRawBufferPointer) { tables[name]?.append(contentsOf: bytes) }
    mutating func add(_ project: ProjectContent) -> String? {
      projects.append(project)
      return nil
    }

    mutating func end() throws -> (bytes: Int, digest: String) {
      try afterTable(name)
      let bytes = tables[name] ?? []
      return (bytes.count, SHA256.hexadecimal(bytes))
    }

    mutating func begin(_ table: BackupManifest.Table) { rest = tables[table.name] }

    /// In pieces that end anywhere.
    mutating func next() -> [UInt8]? {
      guard let bytes = rest, !bytes.isEmpty else { return nil }
      rest = Array(bytes.dropFirst(1000))
      return Array(bytes.prefix(1000))
    }
  }

  private static func store(_ address: String) -> Store {
    Store(configuration: StoreConfiguration(conninfo: address), logger: TestStore.logger)
  }

  private static func emptyDatabase() throws -> String {
    let address = try TestPostgres.makeDatabase()
    try store(address).migrate()
    return address
  }

  private static func contents(_ address: String) throws -> [String: [UInt8]] {
    var memory = Memory()
    _ = try store(address).backUp(withSecrets: true, to: &memory)
    return memory.tables
  }

  /// A database in which every table of a backup has rows, with values that are hard to write down.
  private static func fullDatabase() throws -> String {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let doc = try store.open().doc(clientID: 7)
    try store.append(doc.edit { try $0.map("workflow").set("name", .string("tab\t, \\N, \u{1}, 😀\n")) })
    let database = try TestStore.connection(address)
    for table in BackupTables.kept + BackupTables.secret {
      if try database.run("select 1 from \(table.quoted) limit 1").isEmpty { try database.run(filling(table)) }
    }
    return address
  }

  /// A row for a table that the sample project leaves empty.
  private static func filling(_ table: String) -> String {
    let (workflow, project) = (SampleProject.workflow, SampleProject.id)
    let rows = [
      "keychain_credentials": "(project_id, name) values ('\(project)', 'k')",
      "project_credentials": "(project_id, name) values ('\(project)', 'c')",
      "collections": "(project_id, name) values ('\(project)', 'c')",
      "workflow_snapshots":
        "(workflow_id, name, lock_version, jobs, triggers, edges) values ('\(workflow)', 'n', 1, '[]', '[]', '[]')",
      "workflow_versions": "(workflow_id, number, source, hash) values ('\(workflow)', 1, 'app', '0123456789ab')",
      "project_audit": "(project_id, event, actor_type) values ('\(project)', 'saved', 'user')",
      "sandbox_bases": "(project_id, workflow_id, content, origins) values ('\(project)', '\(workflow)', '{}', '{}')",
      "document_checkpoints": "(workflow_id, sequence, state) values ('\(workflow)', 0, '\\x0000')",
      "document_blame": "(workflow_id, authorship) values ('\(workflow)', '[\"\\\\n\"]')",
      "document_branches":
        "(workflow_id, number, root_client_id, state, content) values ('\(workflow)', 1, 2, '\\x00', '{\"a\": 1}')",
      "document_remains": "(workflow_id, kind, sequence, data) values ('\(workflow)', 'update', 1, '\\x5c')",
      "reconciliations":
        """
      (workflow_id, id, kind, actor_type, from_revision, revision, lock_version, last_sequence, update_bytes, conflicts, \
      number, source) values ('\(workflow)', gen_random_uuid(), 'save', 'user', 1, 2, 3, 4, 5, 1, 1, 'save')
      """,
      "conflicts":
        """
      (workflow_id, kind, unit, winner, reconciliation, place, status) values \
      ('\(workflow)', 'value', '{jobs,"a,\\"b",body}', 'database', 1, 1, 'closed')
      """,
      "workflow_writes":
        "(workflow_id, revision, source, actor_type) values ('\(workflow)', 99, 'import', 'user')",
      "workflow_outbox": "(workflow_id, revision) values ('\(workflow)', 99)",
      "users": "(email) values ('a@example.org')",
      "project_memberships":
        "(project_id, user_id, role) select '\(project)', id, 'owner' from users",
      "project_repo_connections": "(project_id, repo, branch) values ('\(project)', 'r', 'main')",
      "repo_states":
        "(project_id, connection_id) select project_id, id from project_repo_connections",
      "repo_bases":
        """
      (project_id, connection_id, workflow_id, content) select project_id, id, '\(workflow)', '{}' \
      from project_repo_connections
      """,
      "repo_syncs":
        """
      (project_id, connection_id, direction, cause, actor_type, started_at, outcome) values \
      ('\(project)', gen_random_uuid(), 'pull', 'c', 'user', now(), 'changed')
      """,
      "repo_deliveries": "(connection_id, id) values (gen_random_uuid(), 'd')",
      "revoked_tokens": "(id, expires_at) values ('t', 'infinity')",
      "token_secrets": "(name, secret) values ('s', '\\x\(String(repeating: "00", count: 32))')",
    ]
    return rows[table].map { "insert into \(table) \($0)" } ?? "select 1"
  }

  @Test func everyTableIsKeptOrNamedAsPassing() throws {
    let database = try TestStore.connection(Self.emptyDatabase())
    let found = try database.run("select tablename::text from pg_tables where schemaname = 'public'")
    let lists = BackupTables.kept + BackupTables.secret + BackupTables.passing
    let names = Set((0..<found.count).map { found.text($0, 0) })
    #expect(names.subtracting(lists) == [])
    #expect(names.isSuperset(of: BackupTables.kept + BackupTables.secret))
    #expect(Set(lists).count == lists.count)
  }

  @Test func whatIsRestoredIsWhatWasThere() throws {
    let address = try Self.fullDatabase()
    var memory = Memory()
    let manifest = try Self.store(address).backUp(withSecrets: true, to: &memory)
    #expect(manifest.tables.filter { $0.rows == 0 }.map(\.name) == [])
    let again = try #require(BackupManifest(json: JSONValue(parsing: Array(manifest.json.text.utf8))))
    #expect(again == manifest)
    let copy = try Self.emptyDatabase()
    try Self.store(copy).restore(again, from: &memory)
    #expect(try Self.contents(copy) == Self.contents(address))
    #expect(memory.projects.map(\.id) == [SampleProject.id])

    // It goes on where the other was: rows get newer revisions, records new numbers, and triggers work.
    let database = try TestStore.connection(copy)
    let before = try database.run("select max(revision)::bigint from workflows").int8(0, 0)
    try database.run("update jobs set body = 'changed()' where workflow_id = '\(SampleProject.workflow)'")
    #expect(
      try database.run("select max(revision)::bigint from workflows").int8(0, 0) > max(before, manifest.revision - 1))
    try database.run(
      "insert into project_audit (project_id, event, actor_type) values (gen_random_uuid(), 'e', 'user')")
    #expect(try database.run("select 1 from pg_trigger where tgenabled = 'D'").isEmpty)
    let store = TestStore.start(copy)
    defer { store.stop() }
    #expect("\(try store.open().doc().map("workflow").json)".contains("😀"))
  }

  /// What is written while a backup is made is not in it, wherever it has come to.
  @Test func aBackupIsOfOneMoment() throws {
    let address = try Self.fullDatabase()
    let before = try Self.contents(address)
    let writer = try TestStore.connection(address)
    var memory = Memory()
    memory.afterTable = { table in
      try writer.run("update projects set name = 'after \(table)'; update jobs set body = 'after \(table)'")
      try writer.run("update documents set last_sequence = last_sequence + 1; delete from document_updates")
    }
    _ = try Self.store(address).backUp(withSecrets: true, to: &memory)
    #expect(memory.tables == before)
    #expect(!memory.projects.contains { $0.name.contains("after") })
  }

  @Test func secretsAreInItOnlyWhereTheyAreWanted() throws {
    var memory = Memory()
    let manifest = try Self.store(Self.fullDatabase()).backUp(to: &memory)
    #expect(memory.tables["token_secrets"] == nil && !manifest.tables.contains { $0.name == "token_secrets" })
  }

  @Test func nothingIsMixedWithWhatIsThere() throws {
    var memory = Memory()
    let manifest = try Self.store(Self.fullDatabase()).backUp(to: &memory)
    let other = try TestStore.sampleDatabase()
    let before = try Self.contents(other)
    #expect(throws: BackupError.notEmpty(table: "projects")) {
      try Self.store(other).restore(manifest, from: &memory)
    }
    #expect(try Self.contents(other) == before)
  }

  @Test func ofADamagedBackupNothingIsWritten() throws {
    var memory = Memory()
    let manifest = try Self.store(Self.fullDatabase()).backUp(to: &memory)
    let copy = try Self.emptyDatabase()
    let whole = memory
    for table in ["workflows", "conflicts", "documents"] {
      memory.tables[table] = whole.tables[table].map { Array($0.prefix($0.count / 2)) }
      #expect(throws: (any Error).self) { try Self.store(copy).restore(manifest, from: &memory) }
      memory.tables[table] = []
      #expect(throws: (any Error).self) { try Self.store(copy).restore(manifest, from: &memory) }
      #expect(try Self.contents(copy).values.allSatisfy(\.isEmpty))
      memory = whole
    }
    try Self.store(copy).restore(manifest, from: &memory)
  }

  @Test func whatThisHeddleDoesNotKnowIsNotRestored() throws {
    var memory = Memory()
    let manifest = try Self.store(Self.fullDatabase()).backUp(to: &memory)
    let copy = try Self.emptyDatabase()
    let newest = Migration.all.last?.number ?? 0
    func refusal(_ change: (inout BackupManifest) -> Void) -> BackupError? {
      var other = manifest
      change(&other)
      do {
        try Self.store(copy).restore(other, from: &memory)
        return nil
      } catch {
        return error as? BackupError
      }
    }
    #expect(refusal { $0.schema.append(9001) } == .newer(schema: 9001, binary: newest))
    #expect(refusal { $0.schema = Array(1...12) } == .tooOld(schema: 12, migration: 13))
    #expect(refusal { $0.tables[0].name = "pg_class" } == .unknown(table: "pg_class", columns: []))
    #expect(
      refusal { $0.tables[0].name = "x\"; drop table jobs" } == .unknown(table: "x\"; drop table jobs", columns: []))
    #expect(refusal { $0.tables[0].columns.append("mood") } == .unknown(table: "projects", columns: ["mood"]))
    #expect(refusal { $0.tables[1].rows += 1 } != nil)
    #expect(refusal { $0.schema.removeAll { $0 > 14 } } == nil, "what came since only adds")
  }
}
