import ArgumentParser
import Glibc
import Logging
import Storage

/// Where the data is: a database of the user's, or a private Postgres of our own.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The database, as a URL or a libpq connection string. Without it a private Postgres is used.")
  var databaseURL: String = environmentDefault("database-url", "")

  @Option(help: "Where the private Postgres keeps its data.")
  var dataDir: String = environmentDefault("data-dir", "./.heddle")

  @Option(help: "Connections that read documents and rows.")
  var databaseReaders: Int = environmentDefault("database-readers", defaults.readers)

  @Option(help: "Connections that save, merge and import.")
  var databaseCommitters: Int = environmentDefault("database-committers", defaults.committers)

  @Option(help: "Bytes of all updates that may wait for the database.")
  var maximumStorePendingBytes: Int = environmentDefault(
    "maximum-store-pending-bytes", defaults.maximumPendingBytes)

  @Option(help: "Bytes of updates that one transaction writes at most.")
  var maximumBatchBytes: Int = environmentDefault("maximum-batch-bytes", defaults.maximumBatchBytes)

  @Option(help: "How long after the begin of one transaction that writes edits the next one begins at the earliest.")
  var commitInterval: Duration = environmentDefault("commit-interval", defaults.commitInterval)

  @Option(help: "Checkpoints that a document keeps, and with them the log since the oldest.")
  var retainedCheckpoints: Int = environmentDefault("retained-checkpoints", defaults.retainedCheckpoints)

  @Option(help: "How often documents are looked for whose rows changed unnoticed.")
  var pollInterval: Duration = environmentDefault("poll-interval", defaults.pollInterval)

  @Option(help: "How long a save or an import waits for a lock before it tries again.")
  var lockTimeout: Duration = environmentDefault("lock-timeout", defaults.lockTimeout)

  @Option(help: "How often a save or an import tries to get a lock before it fails.")
  var lockAttempts: Int = environmentDefault("lock-attempts", defaults.lockAttempts)

  @Option(help: "How long the edits of all documents wait for one that is locked, before they are written without it.")
  var appendLockTimeout: Duration = environmentDefault("append-lock-timeout", defaults.appendLockTimeout)

  @Option(help: "How long one statement may take before the database breaks it off.")
  var statementTimeout: Duration = environmentDefault("statement-timeout", defaults.statementTimeout)

  @Option(help: "How long after that its answer may still be on its way before the connection counts as lost.")
  var answerGrace: Duration = environmentDefault("answer-grace", defaults.answerGrace)

  @Option(help: "How long records of conflicts and reconciliations are kept, open and then decided.")
  var recordRetention: Duration = environmentDefault("record-retention", defaults.recordRetention)

  @Option(help: "Ranges that are kept of who wrote a document; of more, the oldest become coarser.")
  var maximumBlameRanges: Int = environmentDefault("maximum-blame-ranges", defaults.maximumBlameRanges)

  @Option(help: "How long what one author writes counts as written at one time.")
  var blamePrecision: Duration = environmentDefault("blame-precision", defaults.blamePrecision)

  @Option(help: "Bytes of a branch: all that the clients of one earlier history of a document brought.")
  var maximumBranchBytes: Int = environmentDefault("maximum-branch-bytes", defaults.maximumBranchBytes)

  @Option(help: "Branches of a workflow that may wait for a decision; what else comes is refused.")
  var maximumOpenBranches: Int = environmentDefault("maximum-open-branches", defaults.maximumOpenBranches)

  @Option(help: "How long a plan of an import can be applied.")
  var planRetention: Duration = environmentDefault("plan-retention", defaults.planRetention)

  @Option(help: "Bytes of all plans of imports in the database; for a new one the oldest are forgotten.")
  var maximumPlanBytes: Int = environmentDefault("maximum-plan-bytes", defaults.maximumPlanBytes)

  @Option(help: "How long what a server said about who has documents open counts without being renewed.")
  var presenceAge: Duration = environmentDefault("presence-age", defaults.presenceAge)

  @Option(help: "Workflows of a project that may be active, with a trigger that is on; 0 for any number.")
  var maximumActiveWorkflows: Int = environmentDefault("maximum-active-workflows", 0)

  @Option(help: .init("A folder with migrations of a later Heddle, for tests of upgrades.", visibility: .hidden))
  var furtherMigrations: String?

  private static let defaults = StoreConfiguration(conninfo: "")
  /// Every edit waits that long to be acknowledged.
  private static let longestCommitInterval = Duration.seconds(1)

  mutating func validate() throws {
    guard commitInterval <= Self.longestCommitInterval else {
      throw ValidationError(
        "--commit-interval is \(commitInterval.defaultValueDescription): every edit would wait that long to be acknowledged; "
          + "it may be at most \(Self.longestCommitInterval.defaultValueDescription)")
    }
    let timeouts = [
      ("lock-timeout", lockTimeout), ("append-lock-timeout", appendLockTimeout),
      ("statement-timeout", statementTimeout),
    ]
    for (flag, time) in timeouts where time == .zero {
      throw ValidationError("--\(flag) is 0, with which Postgres would wait for ever; the default is a good value")
    }
  }

  /// The private Postgres, not started; nil where a database is given.
  func cluster(logger: Logger) -> EmbeddedCluster? {
    databaseURL.isEmpty ? EmbeddedCluster(directory: dataDir, logger: logger) : nil
  }

  /// How the store reaches the database.
  func configuration(conninfo: String) -> StoreConfiguration {
    var configuration = StoreConfiguration(conninfo: conninfo)
    configuration.readers = databaseReaders
    configuration.committers = databaseCommitters
    configuration.maximumPendingBytes = maximumStorePendingBytes
    configuration.maximumBatchBytes = maximumBatchBytes
    configuration.commitInterval = commitInterval
    configuration.retainedCheckpoints = retainedCheckpoints
    configuration.pollInterval = pollInterval
    configuration.lockTimeout = lockTimeout
    configuration.lockAttempts = lockAttempts
    configuration.appendLockTimeout = appendLockTimeout
    configuration.statementTimeout = statementTimeout
    configuration.answerGrace = answerGrace
    configuration.recordRetention = recordRetention
    configuration.maximumBlameRanges = maximumBlameRanges
    configuration.blamePrecision = blamePrecision
    configuration.maximumBranchBytes = maximumBranchBytes
    configuration.maximumOpenBranches = maximumOpenBranches
    configuration.planRetention = planRetention
    configuration.maximumPlanBytes = maximumPlanBytes
    configuration.presenceAge = presenceAge
    configuration.migrationFolder = furtherMigrations
    // Only servers do that by themselves.
    configuration.auditInterval = .zero
    configuration.retentionInterval = .zero
    if maximumActiveWorkflows > 0 { configuration.activationLimit = MaximumActiveWorkflows(maximumActiveWorkflows) }
    return configuration
  }

  /// Runs `body` with a database: the given one, the private one that a server runs already, or the private one started
  /// for as long as this takes.
  func withDatabase(logger: Logger, _ body: (StoreConfiguration) throws -> Void) throws {
    guard let cluster = cluster(logger: logger) else { return try body(configuration(conninfo: databaseURL)) }
    do {
      try cluster.start()
    } catch ClusterError.inUse(let directory) {
      guard let running = EmbeddedCluster.conninfo(ofRunning: dataDir) else {
        throw ClusterError.inUse(directory: directory)
      }
      return try body(configuration(conninfo: running))
    }
    defer { cluster.stop() }
    try body(configuration(conninfo: cluster.conninfo))
  }
}

/// How much is logged, and how.
struct LogOptions: ParsableArguments {
  @Option(help: "The least important lines that are logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel: Logger.Level = environmentDefault("log-level", .notice)

  @Option(help: "text or json, one line each, on standard error.")
  var logFormat: LogFormat = environmentDefault("log-format", .text)

  /// Installs this for the process.
  func start() -> Logger {
    logFormat.install(level: logLevel)
    return Logger(label: "heddle")
  }
}

/// Ends a command with a message and exit code 1.
func failing<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ExitCode {
    throw error
  } catch {
    report("heddle: \(error)")
    throw ExitCode.failure
  }
}

/// Writes a line to standard error.
func report(_ line: String) {
  var line = line + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Writes a line to standard output, at once.
func announce(_ line: String) {
  var line = line + "\n"
  line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
