import TestSupport
import Testing

@testable import Storage

/// What `heddle doctor` finds in a database, and that it finds nothing where nothing is.
@Suite struct ExaminationTests {
  private static func store(_ address: String, _ change: (inout StoreConfiguration) -> Void = { _ in }) -> Store {
    var configuration = StoreConfiguration(conninfo: address)
    change(&configuration)
    return Store(configuration: configuration, logger: TestStore.logger)
  }

  /// What is not all right, without how full this machine's disk is, and without what the tests' Postgres is told to do without.
  private static func problems(_ address: String) -> [Finding] {
    store(address).examine().filter { finding in
      finding.severity > .ok && finding.check != Finding.disk
        && !["fsync", "full_page_writes", "synchronous_commit"].contains { finding.text.hasPrefix($0) }
    }
  }

  @Test func nothingIsFoundWhereNothingIs() throws {
    let address = try TestStore.sampleDatabase()
    #expect(Self.problems(address) == [])
    let checks = Set(Self.store(address).examine().map(\.check))
    #expect(
      checks.isSuperset(of: [
        "version", "connections", "size", "clock", "notifications", "schema", "triggers", "leftovers", "settings",
      ]))
  }

  @Test(arguments: [
    ("alter table jobs disable trigger z_updated", "triggers", "enable trigger z_updated"),
    ("alter table workflows enable replica trigger z_record_changed", "triggers", "enable trigger z_record_changed"),
    ("drop trigger a_normalize on triggers", "triggers", "as its migration has it"),
    ("drop function heddle_bump(uuid[]) cascade", "triggers", "as its migration has it"),
    (
      "delete from heddle_migrations where number = (select max(number) from heddle_migrations)", "schema",
      "heddle migrate"
    ),
    ("update heddle_migrations set checksum = 1 where number = 3", "schema", "use the Heddle that made it"),
    ("alter database \\D set default_transaction_isolation = 'serializable'", "settings", "read committed"),
    ("alter database \\D set deadlock_timeout = '100ms'", "settings", "deadlock_timeout to 1s"),
    ("alter database \\D set default_transaction_read_only = on", "settings", "default_transaction_read_only = off"),
  ])
  func whatIsWrongIsFound(sql: String, check: String, advice: String) throws {
    let address = try TestStore.sampleDatabase()
    let database = try #require(address.split(separator: "=").last)
    try PlainConnection(address).run(sql.replacing("\\D", with: database))
    let problems = Self.problems(address)
    #expect(problems.contains { $0.check == check && $0.advice?.contains(advice) == true }, "\(problems)")
  }

  @Test func rowsThatNobodyMergesAreFound() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    _ = try store.open()
    store.stop()
    let writer = try PlainConnection(address)
    try writer.run("update workflows set name = 'Changed'")
    #expect(Self.problems(address) == [], "a server has time for it")
    try writer.run("update workflow_outbox set changed_at = now() - interval '1 hour'")
    #expect(Self.problems(address).map(\.check) == ["merges"])
    #expect(Self.problems(address).first?.text.contains(SampleProject.workflow) == true)
  }

  @Test func serversAndWhatTheyHaveTakenOnAreListed() throws {
    let address = try TestStore.sampleDatabase()
    #expect(Self.nodes(address).map(\.text) == ["no server runs on this database"])
    let database = try PlainConnection(address)
    let (one, other) = (UUIDText.random(), UUIDText.random())
    try database.run(
      """
      insert into nodes (id, version, address, lease_until, seen_at) values
        ('\(one)', '1.2', '10.0.0.1:4400', now() + interval '1 minute', now() - interval '2 s'),
        ('\(other)', '1.3', '10.0.0.2:4400', now() - interval '1 minute', now() - interval '1 hour');
      insert into document_claims (workflow_id, task, node_id, lease_until) values
        ('\(UUIDText.random())', 'reconcile', '\(one)', now() + interval '1 minute'),
        ('\(UUIDText.random())', 'reconcile', '\(one)', now() - interval '1 minute'),
        ('\(UUIDText.random())', 'checkpoint', '\(one)', now() + interval '1 minute')
      """)
    let found = Self.nodes(address)
    #expect(found.map(\.severity) == [.ok, .warning, .warning])
    #expect(found[0].text.contains("10.0.0.1:4400") && found[0].text.hasSuffix("claims: checkpoint 1, reconcile 1"))
    #expect(found[1].text.contains("10.0.0.2:4400") && found[1].text.contains("seen 36"))
    #expect(found[2].text == "servers of several versions: 1.2, 1.3")
  }

  private static func nodes(_ address: String) -> [Finding] {
    store(address).examine().filter { $0.check == "nodes" }
  }

  @Test func aDatabaseThatIsAwayIsFound() throws {
    let findings = Self.store("host=/nowhere dbname=nothing").examine()
    #expect(findings.map(\.check) == ["database"] && findings.first?.severity == .failure)
  }

  @Test func anEmptyDatabaseLacksItsSchema() throws {
    let address = try TestPostgres.makeDatabase()
    #expect(Self.problems(address).map(\.check) == ["schema"])
    #expect(
      try PlainConnection(address).run("select 1 from pg_tables where schemaname = 'public'").isEmpty,
      "nothing is written")
  }
}
