import Glibc
public import Logging
public import Storage
import Synchronization

/// A private Postgres for the tests of this process, and a fresh database for each test that asks for one.
public enum TestPostgres {
  /// Started by the first test that needs it, stopped when the process ends.
  private static let shared: EmbeddedCluster = {
    var options = EmbeddedCluster.Options()
    options.isDurable = false
    options.settings = ["shared_buffers": "32MB", "max_connections": "200"]
    let cluster = makeCluster(options: options)
    do { try cluster.start() } catch { fatalError("no Postgres for the tests: \(error)") }
    atexit { TestPostgres.stop() }
    return cluster
  }()

  private static func stop() {
    shared.stop()
    remove(directories.withLock { $0 })
  }

  private static let directories = Mutex<[String]>([])
  private static let databases = Mutex(0)

  /// A cluster of its own in a directory of its own, not started.
  public static func makeCluster(options: EmbeddedCluster.Options = EmbeddedCluster.Options()) -> EmbeddedCluster {
    EmbeddedCluster(directory: makeDirectory(), options: options, logger: silentLogger)
  }

  /// A directory with a cluster that was made and stopped: copying one is much faster than making one.
  public static func makeClusterDirectory() -> String {
    let directory = makeDirectory()
    run(["cp", "-a", template + "/.", directory])
    return directory
  }

  private static let template: String = {
    var options = EmbeddedCluster.Options()
    options.isDurable = false
    let cluster = makeCluster(options: options)
    do { try cluster.start() } catch { fatalError("no Postgres for the tests: \(error)") }
    cluster.stop()
    return cluster.directory
  }()

  private static let silentLogger = Logger(label: "test") { _ in SilentLog() }

  /// An empty directory that is removed when the process ends.
  public static func makeDirectory() -> String {
    var template = Array("/tmp/heddle-test-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no directory for the tests: \(String(cString: strerror(errno)))")
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    directories.withLock { $0.append(path) }
    return path
  }

  /// The address of a new, empty database.
  public static func makeDatabase() throws -> String {
    let name = databases.withLock { number in
      number += 1
      return "test_\(number)"
    }
    return try shared.makeDatabase(name)
  }

  /// The address of a copy of a database to which nobody is connected: a backup.
  public static func copyDatabase(_ address: String) throws -> String {
    guard let original = address.split(separator: "=").last else { return address }
    let other = try makeDatabase()
    guard let copy = other.split(separator: "=").last else { return other }
    let psql = try PlainConnection(shared.makeDatabase("copies"))
    try psql.run("drop database \(copy)")
    // The server lets go of a connection a moment after its client has gone.
    try psql.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(original)'")
    try psql.run("create database \(copy) template \(original)")
    return other
  }

  private static func remove(_ paths: [String]) {
    for path in paths { run(["rm", "-rf", path]) }
  }

  private static func run(_ command: [String]) {
    var pid = pid_t()
    let arguments = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    if posix_spawnp(&pid, command[0], nil, nil, arguments, environ) == 0 { waitpid(pid, nil, 0) }
  }
}

/// Logs nothing.
public struct SilentLog: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel = Logger.Level.critical

  public init() {}

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {}
}
