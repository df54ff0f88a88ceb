import Foundation
import Glibc
import Logging
import Storage
import TestSupport
import Testing
import Workflow

/// An installation that faults are played on: a Postgres that keeps what it commits, a server, and real clients of all four protocols.
/// Between the server and Postgres, and between each client and the server, there is a link that can be broken.
final class FaultSite: Sendable {
  let cluster: EmbeddedCluster
  let database: FaultyLink
  let members: [FaultMember]
  let sample: SampleWorkflow
  let seed: UInt64
  let disk: FaultyDisk?
  private let node: Watched<HeddleServer>
  private let arguments: [String]
  private let shell: String
  private let isOver = Watched(false)
  /// The tokens of the newest save that was answered as done.
  private let saved = Watched((tokens: [String](), count: 0, imports: 0))

  /// Starts everything. `shell` is done before in the process that becomes the server.
  static func start(seed: UInt64, shell: String = ":", disk: FaultyDisk? = nil) async throws -> FaultSite {
    var options = EmbeddedCluster.Options()
    options.settings = ["shared_buffers": "16MB"]
    let cluster = EmbeddedCluster(
      directory: disk?.directory ?? TestPostgres.makeClusterDirectory(), options: options,
      logger: Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() })
    try cluster.start(environment: disk.map { ["PGBINDIR": $0.binaries] } ?? [:])
    return try await FaultSite(cluster: cluster, seed: seed, shell: shell, disk: disk)
  }

  private init(cluster: EmbeddedCluster, seed: UInt64, shell: String, disk: FaultyDisk?) async throws {
    self.disk = disk
    self.cluster = cluster
    self.seed = seed
    self.shell = shell
    let directory = TestPostgres.makeDirectory()
    let host = cluster.conninfo.split(separator: "'")[1]
    database = try FaultyLink(
      at: .path(directory + "/.s.PGSQL.5432"), to: .path("\(host)/.s.PGSQL.5432"), seed: seed)
    arguments = [
      "--database-url", "host=\(directory) user=heddle dbname=heddle", "--statement-timeout", "2s", "--answer-grace",
      "1s",
      "--poll-interval", "1s",
    ]
    let server = try await HeddleServer(arguments: arguments, shell: shell)
    node = Watched(server)
    sample = try await SampleWorkflow.imported(into: server)
    var members: [FaultMember] = []
    for (number, kind) in ScriptedClient.Kind.allCases.enumerated() {
      let link = try FaultyLink(to: .port(server.port), seed: seed + UInt64(number))
      members.append(try FaultMember(kind, number: number, link: link))
    }
    self.members = members
    for member in members { try await member.join(sample) }
  }

  var server: HeddleServer { node.current }

  // MARK: Load

  /// Has everybody type, somebody save, and somebody import, while `fault` is played.
  func underLoad(_ fault: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, member) in members.enumerated() {
        group.addTask { [self] in
          try await member.work(sample, seed: seed * 100 + UInt64(number)) { self.isOver.current }
        }
      }
      group.addTask { [self] in
        var round = 0
        while !isOver.current {
          round += 1
          await save()
          if round % 3 == 0 { await importSomething(round) }
        }
      }
      try await fault()
      isOver.update { $0 = true }
      try await group.waitForAll()
    }
    isOver.update { $0 = false }
  }

  /// Saves; what was acknowledged before has to be in the rows if the answer says so.
  private func save() async {
    let before = members.flatMap(\.acknowledged)
    guard let answer = try? await server.request("POST", "/api/workflows/\(sample.id)/save") else { return }
    if answer.status == 200 { saved.update { $0 = (before, $0.count + 1, $0.imports) } }
  }

  /// Somebody else's change, of what nobody here types in.
  private func importSomething(_ number: Int) async {
    let project = sample.project(secondBody: "fn(() => \(number));\n")
    // The first job's text belongs to the members: an import that has an older one would be merged, but would take tokens from the rows.
    guard var workflow = project["workflows"]?.array?.first?.object else { return }
    workflow["jobs"] = .array(
      (workflow["jobs"]?.array ?? []).map { job in
        guard job["id"] == .string(sample.firstJobID), var members = job.object else { return job }
        members["body"] = nil
        return .object(members)
      })
    var whole = project.object ?? [:]
    whole["workflows"] = [.object(workflow)]
    guard let answer = try? await server.request("POST", "/api/provision", body: .object(whole)) else { return }
    if answer.status == 201 { saved.update { $0.imports += 1 } }
  }

  // MARK: The server

  func killServer() async throws {
    try await server.kill()
  }

  /// Starts the server again, where it was.
  func startServer() async throws {
    let old = server
    let new = try await HeddleServer(data: old.data, arguments: arguments, port: old.port, shell: shell)
    node.update { $0 = new }
  }

  /// Whether the server says that it can acknowledge; false also where it says nothing.
  func isReady() async -> Bool {
    (try? await server.request("GET", "/readyz"))?.status == 200
  }

  /// Does something to the database as a person with psql would.
  func psql(_ sql: String, mayFail: Bool = false) throws {
    do { try PlainConnection(cluster.conninfo).run(sql) } catch  where mayFail {}
  }

  // MARK: The end

  /// Waits until everybody has everything of everybody, and looks at it from all sides.
  func settle(since: ContinuousClock.Instant, limit: Duration = .seconds(90)) async throws -> FaultReport {
    for member in members { await member.confirm(limit: limit) }
    let recovery = members.compactMap { $0.current.confirmations.first { $0 >= since } }.max().map { $0 - since }
    for member in members {
      #expect(
        member.current.acknowledged == member.current.typed,
        "\(member.name) is not stored again, seed \(seed): \(member.current.failures.suffix(2))")
    }
    try await untilMerged()
    let content = try await expectConvergence(members.map(\.client), on: server, sample)
    var report = FaultReport()
    report.recovery = recovery
    try check(content, "the clients", &report)
    for member in members { report.closeCodes.formUnion(try await member.closeCodes()) }
    try await checkRows(&report)
    report.peakMemory = Self.peakMemory(of: server.processID)
    // And from the log alone.
    _ = try await server.terminate()
    try await startServer()
    try check(try await sample.live(on: server)["data"] ?? .null, "a server that was started anew", &report)
    report.saves = saved.current.count
    report.imports = saved.current.imports
    return report
  }

  /// Waits until the document has merged what was imported last: if nobody told the server, its poll finds it.
  private func untilMerged(limit: Duration = .seconds(30)) async throws {
    let deadline = ContinuousClock.now + limit
    let stale =
      "select count(*) from workflows w join documents d on d.workflow_id = w.id where d.base_revision <> w.revision"
    // The database may have been killed a moment ago.
    while (try? PlainConnection(cluster.conninfo).value(stale)) != "0" {
      guard ContinuousClock.now < deadline else {
        throw HeddleServer.StartFailure(message: "not merged within \(limit), seed \(seed)")
      }
      try await pause(20)
    }
  }

  private func check(_ content: JSONValue, _ who: String, _ report: inout FaultReport) throws {
    let jobs = content["jobs"]?.array ?? []
    #expect(jobs.count == 2, "\(who), seed \(seed): \(jobs.map { $0["name"]?.text ?? "" })")
    let body = jobs.first { $0["id"] == .string(sample.firstJobID) }?["body"]?.string ?? ""
    let counts = Dictionary(FaultReport.tokens(in: body).map { ($0, 1) }, uniquingKeysWith: +)
    let typed = members.flatMap(\.typed)
    report.edits = typed.count
    report.lost += typed.filter { counts[$0] == nil }.count
    report.doubled += counts.values.filter { $0 > 1 }.count
    #expect(typed.filter { counts[$0] == nil } == [], "lost at \(who), seed \(seed)")
    #expect(counts.filter { $0.value > 1 } == [:], "doubled at \(who), seed \(seed)")
  }

  /// What was saved has to be in the rows.
  private func checkRows(_ report: inout FaultReport) async throws {
    let row = try PlainConnection(cluster.conninfo).value("select body from jobs where id = '\(sample.firstJobID)'")
    let tokens = Set(FaultReport.tokens(in: row ?? ""))
    let missing = saved.current.tokens.filter { !tokens.contains($0) }
    report.lost += missing.count
    #expect(missing == [], "saved and not in the rows, seed \(seed)")
  }

  private static func peakMemory(of process: Int32) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
  }

  func stop() async throws {
    for member in members {
      try await member.client.stop()
      member.link.close()
    }
    try await server.stop()
    database.close()
    cluster.stop()
  }
}
