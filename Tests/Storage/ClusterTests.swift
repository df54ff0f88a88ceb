import Glibc
import TestSupport
import Testing

@testable import Storage

/// The private Postgres from its making to its end.
@Suite(.serialized) struct ClusterTests {
  private func cluster(in directory: String) -> EmbeddedCluster {
    var options = EmbeddedCluster.Options()
    options.settings = ["shared_buffers": "16MB", "max_connections": "20"]
    return EmbeddedCluster(directory: directory, options: options, logger: TestStore.logger)
  }

  private func count(_ cluster: EmbeddedCluster) throws -> String? {
    try PlainConnection(cluster.conninfo).value("select count(*) from kept")
  }

  private func makeTable(_ cluster: EmbeddedCluster) throws {
    try PlainConnection(cluster.conninfo).run("create table kept (); insert into kept default values")
  }

  @Test func keepsWhatItHasOverAStop() throws {
    let cluster = cluster(in: TestPostgres.makeDirectory() + "/deeper/still")
    try cluster.start()
    try makeTable(cluster)
    let address = cluster.conninfo
    cluster.stop()
    #expect(throws: PlainConnection.Failure.self) { try PlainConnection(address) }
    try cluster.start()
    #expect(try count(cluster) == "1")
    #expect(cluster.conninfo == address)
    cluster.stop()
  }

  @Test func listensOnNoNetworkAndNobodyElseMayConnect() throws {
    let cluster = cluster(in: TestPostgres.makeClusterDirectory())
    try cluster.start()
    defer { cluster.stop() }
    let psql = try PlainConnection(cluster.conninfo)
    #expect(try psql.value("show listen_addresses") == "")
    var status = stat()
    #expect(stat(cluster.directory + "/run", &status) == 0)
    #expect(status.st_mode & 0o077 == 0)
    #expect(try psql.value("show data_checksums") == "on")
    #expect(try psql.value("show server_encoding") == "UTF8")
  }

  @Test func aSecondOneOnTheSameDataIsRefused() throws {
    let first = cluster(in: TestPostgres.makeClusterDirectory())
    try first.start()
    defer { first.stop() }
    let second = cluster(in: first.directory)
    #expect(throws: ClusterError.inUse(directory: first.directory)) { try second.start() }
    try makeTable(first)
  }

  @Test func isStartedAgainAfterACrash() throws {
    let cluster = cluster(in: TestPostgres.makeClusterDirectory())
    try cluster.start()
    defer { cluster.stop() }
    try makeTable(cluster)
    let before = cluster.processID
    cluster.crash()
    try until("it runs again") {
      cluster.processID != before && (try? PlainConnection(cluster.conninfo)) != nil
    }
    #expect(try count(cluster) == "1")
  }

  /// A Heddle that is killed leaves its Postgres running if the death signal did not reach it.
  @Test func aLeftoverServerIsStoppedFirst() throws {
    let directory = TestPostgres.makeClusterDirectory()
    let first = cluster(in: directory)
    try first.start()
    try makeTable(first)
    let leftover = try #require(first.processID)
    let keeper = first.abandon()
    defer { keeper?.join() }
    #expect(kill(leftover, 0) == 0)
    let second = cluster(in: directory)
    try second.start()
    defer { second.stop() }
    #expect(second.processID != leftover)
    #expect(try count(second) == "1")
  }

  @Test func aStalePidFileOfAnotherProcessIsNoObstacle() throws {
    let directory = TestPostgres.makeClusterDirectory()
    let first = cluster(in: directory)
    try first.start()
    try makeTable(first)
    first.stop()
    let file = try #require(fopen(directory + "/data/postmaster.pid", "w"))
    // Our own process: it lives, and is no Postgres.
    fputs("\(getpid())\n\(directory)/data\n", file)
    fclose(file)
    let second = cluster(in: directory)
    try second.start()
    defer { second.stop() }
    #expect(try count(second) == "1")
  }

  @Test func endsWithTheThreadThatHoldsIt() throws {
    // What Postgres sees of a killed Heddle is the end of the thread that started it.
    let ended = Monitor<pid_t?>(nil)
    let user = ClusterUser.current
    ServiceThread {
      let pid = try? user.command(["sleep", "600"]).spawn(output: 2)
      // Until it has replaced itself, the child has not asked for the signal yet.
      do {
        try until("the child runs") { pid.map { Self.program(of: $0) == "sleep" } ?? true }
      } catch {
        Issue.record(error)
      }
      ended.change { $0 = pid }
    }.join()
    let pid = try #require(ended.read { $0 })
    #expect(Command.wait(for: pid) & 0x7F == SIGINT)
  }

  private static func program(of pid: pid_t) -> String {
    guard let file = fopen("/proc/\(pid)/comm", "r") else { return "" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, 64, file) != nil else { return "" }
    return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  @Test func withoutBinariesThePackageIsNamed() {
    let environment = ["PGBINDIR": "/nowhere", "PATH": "/nowhere"]
    #expect { try cluster(in: TestPostgres.makeDirectory()).start(environment: environment) } throws: {
      "\($0)".contains("'postgresql'")
    }
  }

  @Test func dataOfAnotherVersionIsLeftAlone() throws {
    let directory = TestPostgres.makeDirectory()
    mkdir(directory + "/data", 0o700)
    let file = try #require(fopen(directory + "/data/PG_VERSION", "w"))
    fputs("9\n", file)
    fclose(file)
    #expect { try cluster(in: directory).start() } throws: { "\($0)".contains("was made by Postgres 9") }
  }

  @Test func aHalfMadeOneIsMadeAnew() throws {
    let directory = TestPostgres.makeDirectory()
    mkdir(directory + "/data.new", 0o700)
    fclose(fopen(directory + "/data.new/rest", "w"))
    let cluster = cluster(in: directory)
    try cluster.start()
    cluster.stop()
  }

  @Test func aDeepDirectoryGetsItsSocketElsewhere() throws {
    let cluster = cluster(in: TestPostgres.makeDirectory() + "/" + String(repeating: "deep/", count: 20))
    try cluster.start()
    try makeTable(cluster)
    let address = cluster.conninfo
    let socketDirectory = try #require(address.split(separator: "'").dropFirst().first.map(String.init))
    #expect(access(socketDirectory, F_OK) == 0)
    cluster.stop()
    #expect(access(socketDirectory, F_OK) != 0, "nothing is left behind")
    try cluster.start()
    #expect(cluster.conninfo == address)
    #expect(try count(cluster) == "1")
    cluster.stop()
  }

  @Test func whatIsWrongWithTheServerIsSaid() {
    var options = EmbeddedCluster.Options()
    options.settings = ["no_such_setting": "1"]
    let cluster = EmbeddedCluster(
      directory: TestPostgres.makeClusterDirectory(), options: options, logger: TestStore.logger)
    #expect { try cluster.start() } throws: { "\($0)".contains("no_such_setting") }
  }
}
