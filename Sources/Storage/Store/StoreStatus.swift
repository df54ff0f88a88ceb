/// What a store has done and how it is.
public struct StoreStatus: Sendable {
  /// Whether the database answers. While it does not nothing is acknowledged.
  public var isReachable = false
  /// What Postgres lacked when it was last written to in vain: room on its disk, say. Nil once something was written.
  public var writeFailure: String?
  /// How often another database answered than before: a standby that took over, say.
  public var failovers = 0
  /// Updates taken and not committed yet, and their size.
  public var pendingAppends = 0
  public var pendingBytes = 0
  /// Updates committed to logs.
  public var appends = 0
  /// Transactions that did that.
  public var commits = 0
  /// How long each of these took, in seconds.
  public var commitLatency = LatencyHistogram()
  /// How many of these may wait.
  public var maximumPendingBytes = 0
  /// Whether changes of rows are heard of, and how long ago they were last looked for, in seconds.
  public var isListening = false
  public var pollAge: Double = 0
  /// Documents that the last look found not merged with their rows, and how long the longest of them has waited, in seconds.
  public var staleDocuments = 0
  public var staleTime: Double = 0
  /// Work that waits for a connection.
  public var waitingReads = 0
  public var waitingCommits = 0
  /// Documents that audits of this server looked at, and what they found that does not fit together.
  public var auditedDocuments = 0
  public var auditDifferences = 0
  /// What this server has let go of by policy, what waited for that when it last looked and is not gone yet, and how often it
  /// looked.
  public var retentionDropped = RetentionCount()
  public var retentionDue = RetentionCount()
  public var retentionRounds = 0
  /// Old versions that it did not let go of since a table of somebody else's refers to them, when it last looked.
  public var retentionReferenced = 0
  /// How often a connection was lost, or could not be made.
  public var connectionFailures = 0
}

/// A cumulative histogram of times in seconds.
public struct LatencyHistogram: Hashable, Sendable {
  /// The upper bounds of the buckets; they suit a commit to a local or a remote Postgres.
  public static let bounds: [Double] = [
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// How many observations fell into each bucket; the last one counts what lies above every bound.
  public private(set) var counts = Array(repeating: 0, count: bounds.count + 1)
  /// The sum of all observations.
  public private(set) var sum: Double = 0

  /// Nothing yet.
  public init() {}

  /// Counts one observation.
  public mutating func observe(_ seconds: Double) {
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
  }
}
