import TestSupport
import Testing
import Workflow

@testable import Storage

/// What the policy keeps is kept, and everything else goes but for what something refers to.
@Suite struct RetentionTests {
  /// A saved version as it was made up.
  private struct Version: Hashable {
    var workflow: String
    var number: Int
  }

  private static func id(_ number: Int) -> String { "aaaaaaaa-0000-4000-8000-\(String(100_000_000_000 + number))" }

  /// A database of made up versions and audits, and what of them a policy keeps, worked out in another way.
  private struct Case {
    let address: String
    let psql: PlainConnection
    var policy = RetentionPolicy()
    var versions: Set<Version> = []
    var keptVersions: Set<Version> = []
    var audits = 0
    var keptAudits = 0

    init(_ random: inout SeededGenerator) throws {
      address = try TestStore.sampleDatabase()
      psql = try PlainConnection(address)
      policy.versions = Int.random(in: 1...8, using: &random)
      policy.versionAge = .seconds(86_400 * Int.random(in: 1...400, using: &random))
      policy.auditAge = .seconds(86_400 * Int.random(in: 1...400, using: &random))
      policy.batch = Int.random(in: 1...9, using: &random)
      for number in 0..<Int.random(in: 1...30, using: &random) { try addWorkflow(RetentionTests.id(number), &random) }
      for number in 0..<Int.random(in: 1...5, using: &random) { try addAudits(RetentionTests.id(number), &random) }
    }

    private mutating func addWorkflow(_ id: String, _ random: inout SeededGenerator) throws {
      let count = Int.random(in: 0...20, using: &random)
      // The rows' version need not have been kept yet, nor be the newest that was.
      let current = Int.random(in: 0...(count + 1), using: &random)
      try psql.run(
        """
        insert into workflows (id, project_id, name, lock_version) values ('\(id)', '\(SampleProject.id)', '\(id)', \(current))
        """)
      let recorded = Int.random(in: 0...20, using: &random)
      try psql.run(
        """
        insert into reconciliations (workflow_id, id, kind, actor_type, from_revision, revision, lock_version,
          last_sequence, update_bytes, conflicts, number, source)
        values ('\(id)', gen_random_uuid(), 'save', 'user', 1, 2, \(recorded), 4, 5, 0, 1, 'save')
        """)
      let merged = Bool.random(using: &random) ? Int.random(in: 0...20, using: &random) : -1
      if merged >= 0 {
        try psql.run(
          """
          insert into documents (workflow_id, server_client_id, server_clock, last_sequence, base_revision,
            base_lock_version, root_client_id, incarnation)
          values ('\(id)', 1, 0, 0, 0, \(merged), 1, 1)
          """)
      }
      for number in stride(from: 1, through: count, by: 1) {
        let days = Int.random(in: 0...800, using: &random)
        try psql.run(
          """
          insert into workflow_snapshots (workflow_id, name, lock_version, jobs, triggers, edges, inserted_at)
          values ('\(id)', 'w', \(number), '[]', '[]', '[]', clock_timestamp() - interval '\(days) days 1 hour')
          """)
        let version = Version(workflow: id, number: number)
        versions.insert(version)
        let isYoung = Duration.seconds(days * 86_400 + 3600) < policy.versionAge
        if number > count - policy.versions || isYoung || [current, recorded, merged].contains(number) {
          keptVersions.insert(version)
        }
      }
    }

    private mutating func addAudits(_ project: String, _ random: inout SeededGenerator) throws {
      var days = Int.random(in: 0...800, using: &random)
      for _ in 0..<Int.random(in: 0...25, using: &random) {
        try psql.run(
          """
          insert into project_audit (project_id, event, actor_type, inserted_at)
          values ('\(project)', 'saved', 'user', clock_timestamp() - interval '\(days) days 1 hour')
          """)
        audits += 1
        if Duration.seconds(days * 86_400 + 3600) < policy.auditAge { keptAudits += 1 }
        days = Int.random(in: 0...days, using: &random)
      }
    }

    func found() throws -> Set<Version> {
      let rows = try psql.run("select workflow_id::text, lock_version::text from workflow_snapshots")
      return Set(rows.map { Version(workflow: $0[0] ?? "", number: Int($0[1] ?? "") ?? 0) })
    }
  }

  @Test(arguments: 0..<12) func whatIsKeptByPolicyIsKept(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let example = try Case(&random)
    let store = TestStore.start(example.address) { $0.retention = example.policy }
    defer { store.stop() }
    let due = try store.wait { store.countRetentionDue($0) }
    #expect(due[.versions] == example.versions.count - example.keptVersions.count, "seed \(seed)")
    #expect(due[.projectAudit] == example.audits - example.keptAudits, "seed \(seed)")
    var (pass, all) = (store.retentionPass, RetentionCount())
    while !pass.isOver {
      let step = try store.wait { [pass] in store.takeStep(of: pass, $0) }
      #expect(step.dropped.total <= example.policy.batch, "seed \(seed)")
      pass = step.pass
      all += step.dropped
    }
    for kind in RetainedKind.allCases { #expect(all[kind] == due[kind], "seed \(seed): \(kind)") }
    #expect((all.bytes > 0) == (all.total > 0))
    #expect(try example.found() == example.keptVersions, "seed \(seed)")
    #expect(try example.psql.value("select count(*) from project_audit") == "\(example.keptAudits)", "seed \(seed)")
    #expect(try store.wait { store.countRetentionDue($0) }.total == 0, "seed \(seed)")
    // What is left can be read, and nothing refers to what is gone.
    for version in example.versions {
      let rows = try store.wait { store.readVersion(version.workflow, version.number, $0) }
      #expect((rows != nil) == example.keptVersions.contains(version), "seed \(seed): \(version)")
    }
    let gone = example.versions.subtracting(example.keptVersions)
    for reference in [
      "select workflow_id::text, lock_version::text from reconciliations",
      "select workflow_id::text, base_lock_version::text from documents",
      "select id::text, lock_version::text from workflows",
    ] {
      for row in try example.psql.run(reference) {
        let version = Version(workflow: row[0] ?? "", number: Int(row[1] ?? "") ?? 0)
        #expect(!gone.contains(version), "seed \(seed): \(version) of \(reference)")
      }
    }
  }

  /// What a table of somebody else's refers to stays, and keeps nothing else.
  @Test(arguments: 20..<24) func whatSomebodyElseRefersToStays(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let example = try Case(&random)
    try example.psql.run("create table runs (version uuid not null references workflow_snapshots)")
    let gone = example.versions.subtracting(example.keptVersions)
    let referenced = gone.sorted { ($0.workflow, $0.number) < ($1.workflow, $1.number) }
      .filter { _ in Int.random(in: 0...2, using: &random) == 0 }
    for version in referenced {
      try example.psql.run(
        """
        insert into runs select id from workflow_snapshots
        where workflow_id = '\(version.workflow)' and lock_version = \(version.number)
        """)
    }
    let store = TestStore.start(example.address) {
      $0.retention = example.policy
      $0.retentionInterval = .milliseconds(100)
    }
    defer { store.stop() }
    try until("a round is over") { store.status.retentionRounds > 1 }
    #expect(try example.found() == example.keptVersions.union(referenced), "seed \(seed)")
    #expect(try example.psql.value("select count(*) from project_audit") == "\(example.keptAudits)", "seed \(seed)")
    try until("it says so") {
      store.status.retentionReferenced == referenced.count && store.status.retentionDue.total == 0
    }
  }

  /// What cannot go of one kind is no reason to keep what is of another.
  @Test func whatTheDatabaseRefusesKeepsNothingElse() throws {
    var random = SeededGenerator(seed: 3)
    let example = try Case(&random)
    try example.psql.run(
      """
      create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
      create trigger refuse before delete on workflow_snapshots for each row execute function refuse()
      """)
    let store = TestStore.start(example.address) {
      $0.retention = example.policy
      $0.retentionInterval = .milliseconds(100)
    }
    defer { store.stop() }
    try until("a round is over") { store.status.retentionRounds > 1 }
    #expect(try example.found() == example.versions)
    #expect(try example.psql.value("select count(*) from project_audit") == "\(example.keptAudits)")
    #expect(store.status.retentionDue[.versions] == example.versions.count - example.keptVersions.count)
  }

  @Test func withoutAPolicyEverythingIsKept() throws {
    var random = SeededGenerator(seed: 1)
    let example = try Case(&random)
    let store = TestStore.start(example.address) { $0.retention.versions = 1 }
    defer { store.stop() }
    #expect(try store.wait { store.countRetentionDue($0) }.total == 0)
    var pass = store.retentionPass
    while !pass.isOver { pass = try store.wait { [pass] in store.takeStep(of: pass, $0) }.pass }
    #expect(try example.found() == example.versions)
  }

  /// One server does it in the background, and says how far it is.
  @Test func aServerLetsGoByItself() throws {
    var random = SeededGenerator(seed: 3)
    let example = try Case(&random)
    let servers = (0..<2).map { _ in
      TestStore.start(example.address) {
        $0.retention = example.policy
        $0.retentionInterval = .milliseconds(100)
        $0.node = NodeConfiguration()
      }
    }
    defer { for server in servers { server.stop() } }
    try until("what is old is gone") { try example.found() == example.keptVersions }
    let audits = "select count(*) from project_audit"
    try until("all of it is") { try example.psql.value(audits) == "\(example.keptAudits)" }
    let gone = example.versions.count - example.keptVersions.count
    try until("they say so") {
      servers.reduce(0) { $0 + $1.status.retentionDropped[.versions] } == gone
        && servers.allSatisfy { $0.status.retentionDue.total == 0 }
    }
    #expect(servers.contains { $0.status.retentionRounds > 0 })
  }

  /// A store that only reads leaves everything as it is, also what it would let go of by itself.
  @Test func aStoreThatOnlyReadsWritesNothing() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    try psql.run(
      "insert into revoked_tokens (id, expires_at) values ('old', clock_timestamp() - interval '1 year')")
    var configuration = StoreConfiguration(conninfo: address)
    configuration.isReadOnly = true
    configuration.retentionInterval = .milliseconds(1)
    let store = Store(configuration: configuration, logger: TestStore.logger)
    store.start()
    defer { store.stop() }
    #expect(try store.rows().content.name == "Intake")
    #expect(throws: StoreError.self) { try store.open() }
    #expect(try psql.value("select count(*) from revoked_tokens") == "1")
    #expect(try psql.value("select count(*) from documents") == "0")
  }
}
