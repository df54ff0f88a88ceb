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
  let document: LoadedDocument
  let seed: UInt64
  let disk: FaultyDisk?
  private let node: Watched<HeddleServer>
  private let arguments: [String]
  private let shell: String
  private let isOver = Watched(false)

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
    let sample = try await SampleWorkflow.imported(into: server)
    var members: [FaultMember] = []
    for (number, kind) in ScriptedClient.Kind.allCases.enumerated() {
      let link = try FaultyLink(to: .port(server.port), seed: seed + UInt64(number))
      members.append(try FaultMember(kind, number: number, link: link))
    }
    document = LoadedDocument(sample, members: members)
    for member in members { try await member.join(sample) }
  }

  var server: HeddleServer { node.current }
  var members: [FaultMember] { document.members }
  var sample: SampleWorkflow { document.sample }

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
          await document.save(on: server)
          if round % 3 == 0 { await document.importSomething(round, on: server) }
        }
      }
      try await fault()
      isOver.update { $0 = true }
      try await group.waitForAll()
    }
    isOver.update { $0 = false }
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
    let answers = members.compactMap { $0.current.confirmations.first { $0.answered >= since }?.answered }
    let recovery = answers.max().map { $0 - since }
    for member in members {
      #expect(
        member.current.acknowledged == member.current.typed,
        "\(member.name) is not stored again, seed \(seed): \(member.current.failures.suffix(2))")
    }
    try await UnmergedRows.awaitNone(in: cluster.conninfo)
    let content = try await expectConvergence(members.map(\.client), on: server, sample)
    var report = FaultReport()
    report.recovery = recovery
    report.edits = members.reduce(0) { $0 + $1.current.typed }
    document.check(content, at: "the clients", seed: seed, &report)
    for member in members { report.closeCodes.formUnion(try await member.closeCodes()) }
    try document.checkRows(PlainConnection(cluster.conninfo), seed: seed, &report)
    report.peakMemory = server.peakMemory
    // And from the log alone.
    _ = try await server.terminate()
    try await startServer()
    let live = try await sample.live(on: server)["data"] ?? .null
    document.check(live, at: "a server that was started anew", seed: seed, &report)
    (report.saves, report.imports) = (document.done.saves, document.done.imports)
    return report
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
