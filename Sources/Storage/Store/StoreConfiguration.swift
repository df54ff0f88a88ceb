/// How a store works.
public struct StoreConfiguration: Sendable {
  /// A URL or a connection string as libpq takes it.
  public var conninfo: String
  /// Connections for opening and reading.
  public var readers = 3
  /// Connections for saves, merges, checkpoints and imports.
  public var committers = 2
  /// Bytes of updates that may wait for the database.
  public var maximumPendingBytes = 256 << 20
  /// Bytes of updates that are written in one transaction; a single larger one goes alone.
  public var maximumBatchBytes = 8 << 20
  /// How long after the begin of one transaction that writes updates the next one begins at the earliest, so that under load
  /// each has more of them. The first update after a pause does not wait.
  public var commitInterval = Duration.milliseconds(2)
  /// How many checkpoints a document keeps, and with them the log since the oldest of them.
  public var retainedCheckpoints = 2
  /// How often rows are looked for that changed without a notification having arrived.
  public var pollInterval = Duration.seconds(10)
  /// How long a save or an import waits for a row lock before it lets go of its own and tries again. Less than
  /// Postgres' deadlock timeout (1 s), so that of us and another writer never the other one is broken off.
  public var lockTimeout = Duration.milliseconds(250)
  /// How long a transaction that writes the edits of all documents waits for one that somebody else has locked, before it goes on without.
  public var appendLockTimeout = Duration.seconds(1)
  /// How long one statement may take before the database breaks it off.
  public var statementTimeout = Duration.seconds(30)
  /// How long after that its answer may still be on its way, before the connection counts as lost.
  public var answerGrace = Duration.seconds(5)
  /// How long records of conflicts and reconciliations are kept: an open conflict for as long before it expires, and what
  /// is decided or expired for as long again.
  public var recordRetention = Duration.seconds(90 * 86_400)
  /// How many ranges are kept of who wrote a document, once its log is dropped. Of more, the oldest become coarser.
  public var maximumBlameRanges = 8192
  /// How long what one author writes counts as written at one time.
  public var blamePrecision = Duration.seconds(60)
  /// Bytes that a branch may have: all that clients of one earlier history brought.
  public var maximumBranchBytes = 8 << 20
  /// How many branches of a workflow may wait for a decision.
  public var maximumOpenBranches = 32
  /// How long a plan of an import can be applied.
  public var planRetention = Duration.seconds(86_400)
  /// Bytes that all plans together may take in the database. Where a new one has no room, the oldest are forgotten.
  public var maximumPlanBytes = 256 << 20
  /// How often some documents are looked at whether what is stored of them fits together; zero: never.
  public var auditInterval = Duration.seconds(600)
  /// How many documents are looked at each time.
  public var auditDocuments = 20
  /// Bytes that may be stored of a document that is looked at.
  public var maximumAuditBytes = 64 << 20
  /// What is let go of that is not part of any document, and how often that is looked for; zero: never.
  public var retention = RetentionPolicy()
  public var retentionInterval = Duration.seconds(3600)
  /// Whether nothing may be written: the store only reads then, and hears of nothing.
  public var isReadOnly = false
  /// How old what a server said about who has documents open may be; it renews that three times as often.
  public var presenceAge = Duration.seconds(60)
  /// Whether workflows may become active; nil: all of them.
  public var activationLimit: (any ActivationLimit)?
  /// A folder with further migrations: those of a Heddle that is yet to come, for tests of upgrades.
  public var migrationFolder: String?
  /// How this is one of several servers on the database; nil for what is no server.
  public var node: NodeConfiguration?
  /// How often a save or an import is tried.
  public var lockAttempts = 20

  public init(conninfo: String) {
    self.conninfo = conninfo
  }
}
