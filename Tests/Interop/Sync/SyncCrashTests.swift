import Foundation
import TestSupport
import Testing
import Workflow

/// The real server and the real command line with a real repository: what is killed in the middle does nothing by halves.
@Suite struct SyncCrashTests {
  /// A project that is the sample's, with another body of the first job.
  private static func spec(_ body: String) -> String {
    """
    name: sample
    workflows:
      intake:
        name: Intake
        jobs:
          fetch:
            name: Fetch
            adaptor: "@openfn/language-common@latest"
            body: \(body)
          load:
            name: Load
            adaptor: "@openfn/language-common@latest"
            body: upsert("p")
        triggers:
          webhook:
            type: webhook
            enabled: true
        edges:
          webhook->fetch:
            source_trigger: webhook
            target_job: fetch
            condition_type: always
            enabled: true
          fetch->load:
            source_job: fetch
            target_job: load
            condition_type: on_job_success
            enabled: true

    """
  }

  private static let specPath = "openfn-\(SampleProject.id)-spec.yaml"

  /// A database with the sample project that is connected to a repository.
  private struct Shop {
    let database: String
    let remote: GitRemote
    let psql: PlainConnection
    let folder: URL

    init() async throws {
      database = try TestPostgres.makeDatabase()
      remote = try GitRemote()
      folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-copies-\(UUID().uuidString)")
      try remote.commit([specPath: spec("one()")])
      _ = try await Self.run(["migrate"], database)
      psql = try PlainConnection(database)
      try psql.run(SampleProject.sql)
      _ = try await Self.run(["repo", "add", "--project", "sample", "--url", remote.path], database)
    }

    @discardableResult
    private static func run(_ arguments: [String], _ database: String) async throws -> (exit: Int32, lines: [String]) {
      let process = try LineProcess(HeddleServer.executable, arguments + ["--database-url", database])
      return try await process.waitForEnd(limit: .seconds(60))
    }

    /// Starts a command on the database.
    func start(_ arguments: String...) throws -> LineProcess {
      try LineProcess(
        HeddleServer.executable,
        arguments + ["--database-url", database, "--repository-dir", folder.path, "--repository-lease", "1s"])
    }

    func sync(_ arguments: String...) async throws -> (exit: Int32, lines: [String]) {
      let process = try LineProcess(
        HeddleServer.executable,
        ["sync", "--json", "--database-url", database, "--repository-dir", folder.path, "--repository-lease", "1s"]
          + arguments)
      return try await process.waitForEnd(limit: .seconds(60))
    }

    func body() throws -> String? {
      try psql.run("select body from jobs where id = '\(SampleProject.jobs[0])'").first?.first ?? nil
    }

    func imports() throws -> Int {
      try psql.run("select commit_to from repo_syncs where outcome = 'changed' and direction = 'pull'").count
    }
  }

  /// The import waits for a row that somebody holds, with everything of it written but that: there it is killed.
  @Test func aPullThatIsKilledIsDoneOnceByTheNext() async throws {
    let shop = try await Shop()
    defer { try? FileManager.default.removeItem(at: shop.folder) }
    let locker = try PlainConnection(shop.database)
    try locker.run("begin; select 1 from workflows for update")
    let process = try shop.start("sync", "--lock-timeout", "30s")
    try await until("the import waits for the row") {
      try !shop.psql.run(
        "select 1 from pg_stat_activity where application_name = 'heddle committer' and wait_event_type = 'Lock'"
      ).isEmpty
    }
    process.signal(SIGKILL)
    try await process.waitForExit()
    try locker.run("rollback")
    #expect(try shop.psql.run("select synced_commit from repo_states") == [[nil]] && shop.imports() == 0)

    let next = try await shop.sync()
    #expect(next.exit == 0, "\(next.lines)")
    #expect(try shop.body() == "one()" && shop.imports() == 1)
    let again = try await shop.sync()
    let imports = try shop.imports()
    #expect(again.lines.last?.contains("up_to_date") == true && imports == 1)
  }

  /// Whoever pushes is killed as soon as it says that it does: whether that has arrived or not, the next sync makes it whole.
  @Test func aPushThatIsKilledIsMadeWholeByTheNext() async throws {
    let shop = try await Shop()
    defer { try? FileManager.default.removeItem(at: shop.folder) }
    #expect(try await shop.sync().exit == 0)
    try shop.psql.run("update jobs set body = 'two()' where id = '\(SampleProject.jobs[0])'")
    let log = shop.folder.appendingPathComponent("killed.log")
    let process = try LineProcess(
      HeddleServer.executable,
      [
        "sync", "--push", "--message", "Two", "--database-url", shop.database, "--repository-dir", shop.folder.path,
        "--repository-lease", "1s",
      ], standardError: log)
    try await until("the push has begun") { try String(contentsOf: log, encoding: .utf8).contains("pushing") }
    process.signal(SIGKILL)
    try await process.waitForExit()

    let before = try shop.psql.run("select lock_version, revision from workflows")
    let next = try await shop.sync("--push", "--message", "Two")
    #expect(next.exit == 0, "\(next.lines)")
    let head = try shop.remote.head()
    #expect(try shop.remote.log("%s") == "Two" && shop.remote.git(["rev-list", "--count", "main"]) == "2")
    #expect(try shop.psql.run("select synced_commit from repo_states") == [[head]])
    #expect(try shop.psql.run("select lock_version, revision from workflows") == before, "the rows are what they were")
  }

  /// A server that is killed in the middle of a pull leaves it to the one that is started next.
  @Test func aServerThatIsKilledLeavesTheSyncToTheNext() async throws {
    let shop = try await Shop()
    defer { try? FileManager.default.removeItem(at: shop.folder) }
    let arguments = [
      "--database-url", shop.database, "--repository-dir", shop.folder.path, "--repository-lease", "1s",
      "--repository-poll-interval", "200ms", "--lock-timeout", "30s",
    ]
    let locker = try PlainConnection(shop.database)
    try locker.run("begin; select 1 from workflows for update")
    let first = try await HeddleServer(arguments: arguments)
    try await until("the import waits for the row") {
      try !shop.psql.run(
        "select 1 from pg_stat_activity where application_name = 'heddle committer' and wait_event_type = 'Lock'"
      ).isEmpty
    }
    try await first.kill()
    try locker.run("rollback")
    let second = try await HeddleServer(arguments: arguments)
    try await until("the sync is done") { try shop.body() == "one()" }
    try await until("the sync has ended") {
      try shop.psql.run("select lease_owner from repo_states") == [[nil]]
    }
    #expect(try shop.imports() == 1)
    try await second.stop()
  }

  /// A person who edits and does not save keeps that through a sync, and hears of it with the commit.
  @Test func whoEditsHearsOfTheCommitAndKeepsTheirEdits() async throws {
    let shop = try await Shop()
    defer { try? FileManager.default.removeItem(at: shop.folder) }
    let server = try await HeddleServer(
      arguments: [
        "--database-url", shop.database, "--repository-dir", shop.folder.path, "--repository-poll-interval", "200ms",
      ])
    try await until("the first sync is done") { try shop.body() == "one()" }
    let client = try ScriptedClient(.node)
    try await client.open(server.collab, "workflow:\(SampleProject.workflow)")
    try await client.wait(.synced())
    let load: Path = ["jobs", ["id": .string(SampleProject.jobs[1])], "body"]
    let fetch: Path = ["jobs", ["id": .string(SampleProject.jobs[0])], "body"]
    try await client.edit(.type("// mine\n", into: load, at: 0))
    try await client.acknowledge()
    let commit = try shop.remote.commit([Self.specPath: Self.spec("two()")])
    try await client.wait(.text(at: fetch, contains: "two()"), limit: .seconds(20))
    #expect(try await client.value(at: load) == "// mine\nupsert(\"p\")")
    let (_, records) = try await server.request(
      "GET", "/api/workflows/\(SampleProject.workflow)/reconciliations")
    let record = records["data"]?.array?.first
    #expect(record?["commit"]?.string == commit && record?["source"] == "git")
    #expect(record?["actor"]?["type"] == "repository")
    try await client.stop()
    try await server.stop()
  }
}
