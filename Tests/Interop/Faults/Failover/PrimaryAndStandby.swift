import Foundation
import Glibc
import Logging
import Storage
import TestSupport
import Testing

/// A Postgres, and a second one that streams what it commits and can take over. The way between them can be broken.
final class PrimaryAndStandby: Sendable {
  private let primary: EmbeddedCluster
  private let standby: EmbeddedCluster
  /// What the standby hears of the primary comes over this.
  let stream: FaultyLink
  /// Leads to the one that can be written to.
  let conninfo: String

  /// Starts both. Where they are synchronous, nothing counts as committed before the standby has it, as the runbook advises.
  init(isSynchronous: Bool, seed: UInt64) async throws {
    primary = Self.cluster(TestPostgres.makeClusterDirectory())
    try primary.start()
    let way = TestPostgres.makeDirectory()
    stream = try FaultyLink(
      at: .path(way + "/.s.PGSQL.5432"), to: .path(Self.folder(primary) + "/.s.PGSQL.5432"), seed: seed)
    // Postgres may run as another user.
    chmod(way, 0o755)
    chmod(way + "/.s.PGSQL.5432", 0o777)
    standby = Self.cluster(try await Self.copy(of: primary, over: way))
    try standby.start()
    conninfo =
      "host=\(Self.folder(primary)),\(Self.folder(standby)) user=heddle dbname=heddle target_session_attrs=read-write"
    if isSynchronous {
      try Self.execute(["alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"], primary)
    }
    let wanted = isSynchronous ? "sync" : "async"
    let database = try PlainConnection(primary.conninfo)
    try await until("the standby is \(wanted)") {
      try database.value("select sync_state from pg_stat_replication where state = 'streaming'") == wanted
    }
  }

  private static func cluster(_ directory: String) -> EmbeddedCluster {
    var options = EmbeddedCluster.Options()
    options.settings = ["shared_buffers": "16MB", "max_connections": "60"]
    return EmbeddedCluster(
      directory: directory, options: options, logger: Logger(label: "failover") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Where a cluster's socket is.
  private static func folder(_ cluster: EmbeddedCluster) -> String {
    String(cluster.conninfo.split(separator: "'")[1])
  }

  /// A base backup that goes on as a standby.
  private static func copy(of cluster: EmbeddedCluster, over way: String) async throws -> String {
    let directory = TestPostgres.makeDirectory()
    let data = directory + "/data"
    let programs = (15...18).reversed().map { "/usr/lib/postgresql/\($0)/bin/pg_basebackup" }
    let program = programs.first { access($0, X_OK) == 0 } ?? "/usr/bin/pg_basebackup"
    let arguments = ["-D", data, "-h", way, "-U", "heddle", "-R", "-X", "stream", "-c", "fast"]
    for (program, arguments) in [
      (program, arguments), ("/bin/chown", ["-R", "--reference", cluster.directory + "/data", data]),
    ] {
      let process = try LineProcess(program, arguments)
      try #require(await process.waitForExit(limit: .seconds(60)) == 0, "\(program) \(arguments)")
    }
    return directory
  }

  private static func execute(_ commands: [String], _ cluster: EmbeddedCluster) throws {
    let connection = try PlainConnection(cluster.conninfo)
    for command in commands { try connection.run(command) }
  }

  /// The address of the one that took over.
  var standbyAddress: String { standby.conninfo }

  /// Kills the primary for good and has the standby take over.
  func failOver() throws {
    // What is not sent by now never is.
    if let postmaster = primary.processID { kill(postmaster, SIGQUIT) }
    primary.stop()
    stream.become(.refused)
    try Self.execute(["select pg_promote()"], standby)
  }

  func stop() {
    stream.close()
    primary.stop()
    standby.stop()
  }
}
