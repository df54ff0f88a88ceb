import CLibPQ
import Glibc
public import Logging

/// A private Postgres: made once, running as long as this process, reachable over a unix socket that only its user and
/// root may open.
///
/// It is stopped by `stop`, and stops by itself when this process dies, however that happens. If it crashes it is
/// started again.
public final class EmbeddedCluster: Sendable {
  /// How it is set up.
  public struct Options: Sendable {
    /// Whether commits reach the disk before they return. Without it a crash of the machine loses data; for tests of
    /// other things only.
    public var isDurable = true
    /// How long it may take to get ready: after a crash it first repeats what its log has.
    public var startTimeout = Duration.seconds(60)
    /// Settings as in postgresql.conf.
    public var settings: [String: String] = [:]

    public init() {}
  }

  /// Where everything of it is.
  public let directory: String
  private let options: Options
  private let logger: Logger
  private let state = Monitor(State())

  private struct State {
    var lock: Int32 = -1
    var socketDirectory = ""
    var pid: pid_t?
    var failure: ClusterError?
    var isStopping = true
    /// How often the server ended by itself since `start`.
    var exits = 0
    var thread: ServiceThread?
  }

  /// Nothing runs yet. `directory` is made if it is missing; everything is below it.
  public init(directory: String, options: Options = Options(), logger: Logger) {
    self.directory = Self.absolute(directory)
    self.options = options
    self.logger = logger
  }

  deinit { stop() }

  /// How to connect to it, as libpq takes it. Stays the same when it is stopped and started again.
  public var conninfo: String { conninfo(database: Self.name) }

  /// The process id of the running server.
  public var processID: Int32? { state.read { $0.pid } }

  private static let name = "heddle"
  private var dataDirectory: String { directory + "/data" }
  private var logFile: String { directory + "/postgres.log" }

  private func conninfo(database: String) -> String {
    "host='\(state.read { $0.socketDirectory })' user=\(Self.name) dbname=\(database)"
  }

  // MARK: Starting

  /// Makes the cluster if there is none, starts it and returns when it accepts connections.
  public func start(environment: [String: String] = [:]) throws(ClusterError) {
    let binaries = try PostgresBinaries.find(environment: environment)
    try lockDirectory()
    do {
      let user = try prepareDirectories()
      try stopLeftover()
      try initialize(binaries, user)
      try run(binaries, user)
      try makeDatabase(Self.name)
    } catch {
      stop()
      throw error
    }
  }

  private func lockDirectory() throws(ClusterError) {
    try Self.createDirectories(directory)
    let lock = open(directory + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .cannotCreate(directory: directory, reason: String(cString: strerror(errno))) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw .inUse(directory: directory)
    }
    state.change { $0.lock = lock }
  }

  private func prepareDirectories() throws(ClusterError) -> ClusterUser {
    let user = ClusterUser.current
    let run = directory + "/run"
    try Self.createDirectories(run)
    if user.isOther { for path in [directory, run] { chown(path, user.uid, user.gid) } }
    chmod(directory, 0o700)
    chmod(run, 0o700)
    let known = state.read { $0.socketDirectory }
    if known.isEmpty {
      let socketDirectory = try socketDirectory(preferred: run, user)
      state.change { $0.socketDirectory = socketDirectory }
    } else if known != run, mkdir(known, 0o700) == 0, user.isOther {
      chown(known, user.uid, user.gid)
    }
    return try user.reaching(directory)
  }

  /// The path of a unix socket may have 107 bytes. Where the data lie deeper the socket is in a directory under /tmp.
  private func socketDirectory(preferred: String, _ user: ClusterUser) throws(ClusterError) -> String {
    if (preferred + "/.s.PGSQL.5432.lock").utf8.count <= 107, !preferred.contains("'"), !preferred.contains("\\") {
      return preferred
    }
    var template = Array("/tmp/heddle-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .cannotCreate(directory: "/tmp/heddle-XXXXXX", reason: String(cString: strerror(errno)))
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if user.isOther { chown(path, user.uid, user.gid) }
    return path
  }

  /// Made aside and then renamed, so that a half-made one is never taken for a whole one.
  private func initialize(_ binaries: PostgresBinaries, _ user: ClusterUser) throws(ClusterError) {
    if let version = Self.contents(dataDirectory + "/PG_VERSION")?.prefix(while: { $0 != "\n" }) {
      guard version == binaries.majorVersion else {
        throw .otherVersion(directory: dataDirectory, data: String(version), binaries: binaries.majorVersion)
      }
      return
    }
    logger.info("making a private Postgres", metadata: ["directory": "\(dataDirectory)"])
    let new = dataDirectory + ".new"
    try Command(["rm", "-rf", new]).output()
    var arguments = [
      binaries.initdb, "-D", new, "-U", Self.name, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
    ]
    if !options.isDurable { arguments.append("--no-sync") }
    try user.command(arguments).output()
    guard rename(new, dataDirectory) == 0 else {
      throw .cannotCreate(directory: dataDirectory, reason: String(cString: strerror(errno)))
    }
  }

  /// The server runs below a thread of ours that waits for its end: what it hears of our death it hears of this
  /// thread's.
  private func run(_ binaries: PostgresBinaries, _ user: ClusterUser) throws(ClusterError) {
    let command = user.command(serverArguments(binaries))
    state.change { state in
      state.isStopping = false
      state.failure = nil
      state.exits = 0
      state.thread = ServiceThread { self.serve(command) }
    }
    try waitUntilReady()
  }

  private func serverArguments(_ binaries: PostgresBinaries) -> [String] {
    var settings = options.settings
    settings["listen_addresses"] = ""
    settings["unix_socket_directories"] = state.read { $0.socketDirectory }
    settings["unix_socket_permissions"] = "0700"
    if !options.isDurable {
      settings["fsync"] = "off"
      settings["full_page_writes"] = "off"
    }
    return [binaries.postgres, "-D", dataDirectory]
      + settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
  }

  private func serve(_ command: Command) {
    var backoff = Backoff(first: .milliseconds(100), limit: .seconds(5))
    while !state.read({ $0.isStopping }) {
      let log = open(logFile, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
      defer { close(log) }
      do {
        // Under the lock, so that whoever wants it stopped either sees the process or that there will be none.
        let pid = try state.change { (state) throws(ClusterError) -> pid_t? in
          guard !state.isStopping else { return nil }
          state.pid = try command.spawn(output: log)
          return state.pid
        }
        guard let pid else { return }
        let status = Command.wait(for: pid)
        state.change { state in
          state.pid = nil
          state.exits += 1
        }
        guard !state.read({ $0.isStopping }) else { return }
        logger.error("the private Postgres ended and is started again", metadata: ["status": "\(status)"])
      } catch {
        state.change { $0.failure = error }
        return
      }
      _ = state.wait(for: backoff.next()) { $0.isStopping ? true : nil }
    }
  }

  private func waitUntilReady() throws(ClusterError) {
    let deadline = ContinuousClock.now + options.startTimeout
    while ContinuousClock.now < deadline {
      if let failure = state.read({ $0.failure }) { throw failure }
      if let pid = state.read({ $0.pid }), postmasterPID == pid, PQping(conninfo(database: "postgres")) == PQPING_OK {
        return
      }
      // The memory of a crashed one may still be in use the first time.
      if state.read({ $0.exits > 2 }) { break }
      usleep(5000)
    }
    throw .failed(program: "postgres", output: lastLines)
  }

  /// Makes a database if there is none of this name. Returns how to connect to it.
  @discardableResult
  public func makeDatabase(_ name: String) throws(ClusterError) -> String {
    let connection = PostgresConnection(conninfo: conninfo(database: "postgres"), name: "heddle")
    do {
      try connection.connect()
      let found = try connection.run("select 1 from pg_database where datname = '\(name)'")
      if found.isEmpty { try connection.run("create database \(name)") }
    } catch {
      throw .database(error)
    }
    return conninfo(database: name)
  }

  // MARK: Stopping

  /// Stops the server after its running transactions were broken off; what was committed is on the disk. Returns when
  /// it has ended.
  public func stop() {
    let thread = state.change { state in
      state.isStopping = true
      defer { state.thread = nil }
      return state.thread
    }
    for (signal, limit) in [(SIGINT, Duration.seconds(20)), (SIGQUIT, .seconds(5)), (SIGKILL, .seconds(5))] {
      kill(signal)
      if state.wait(for: limit, until: { $0.pid == nil ? true : nil }) != nil { break }
    }
    thread?.join()
    state.change { state in
      if state.lock >= 0 { close(state.lock) }
      state.lock = -1
      if state.socketDirectory != directory + "/run" { rmdir(state.socketDirectory) }
    }
  }

  /// Has the server drop everything at once, as in a crash. It is started again by itself.
  public func crash() {
    kill(SIGQUIT)
  }

  /// Lets go of the server and of the directory as a process does that is killed; for tests. Returns the thread that ends when
  /// the server has.
  func abandon() -> ServiceThread? {
    state.change { state in
      state.isStopping = true
      defer { state.thread = nil }
      if state.lock >= 0 { close(state.lock) }
      state.lock = -1
      return state.thread
    }
  }

  private func kill(_ signal: Int32) {
    state.read { state in
      if let pid = state.pid { _ = Glibc.kill(pid, signal) }
    }
  }

  /// An earlier Heddle that was killed leaves its server shutting down, or even running. And it leaves a file with a
  /// process id which by now may be anybody's.
  private func stopLeftover() throws(ClusterError) {
    guard let pid = postmasterPID else { return }
    for (signal, limit) in [(SIGINT, 10), (SIGQUIT, 5), (SIGKILL, 2)] {
      let deadline = ContinuousClock.now + .seconds(limit)
      guard isOurServer(pid) else { break }
      logger.notice("stopping the Postgres that an earlier Heddle left", metadata: ["pid": "\(pid)"])
      _ = Glibc.kill(pid, signal)
      while isOurServer(pid), ContinuousClock.now < deadline { usleep(5000) }
    }
    guard !isOurServer(pid) else { throw .leftover(pid: pid, directory: dataDirectory) }
    unlink(dataDirectory + "/postmaster.pid")
  }

  /// Whether the process is a Postgres that works in our data directory: that is where each of them stands.
  private func isOurServer(_ pid: pid_t) -> Bool {
    var here = stat()
    var there = stat()
    guard stat(dataDirectory, &here) == 0, stat("/proc/\(pid)/cwd", &there) == 0 else { return false }
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino
  }

  private var postmasterPID: pid_t? {
    Self.contents(dataDirectory + "/postmaster.pid").flatMap { pid_t($0.prefix { $0.isNumber }) }
  }

  // MARK: Files

  private var lastLines: String {
    let lines = (Self.contents(logFile) ?? "").split(separator: "\n")
    return lines.suffix(10).joined(separator: "\n")
  }

  private static func contents(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    // The end of a long log is enough.
    let length = lseek(file, 0, SEEK_END)
    lseek(file, max(0, length - buffer.count), SEEK_SET)
    while case let count = read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let working = getcwd(nil, 0) else { return path }
    defer { free(working) }
    return String(cString: working) + "/" + path
  }

  private static func createDirectories(_ path: String) throws(ClusterError) {
    var built = ""
    for part in path.split(separator: "/") {
      built += "/" + part
      guard mkdir(built, 0o755) == 0 || errno == EEXIST || access(built, X_OK) == 0 else {
        throw .cannotCreate(directory: path, reason: String(cString: strerror(errno)))
      }
    }
  }
}
