import Reconciliation

/// The configuration that a room ran with.
public struct RecordedConfiguration: Hashable, Codable, Sendable {
  private var unloadGrace: Milliseconds
  private var checkpointUpdates: Int
  private var checkpointBytes: Int
  private var maximumPendingBytes: Int
  private var keepAliveInterval: Milliseconds
  private var answerTimeout: Milliseconds
  private var maximumEarlyBytes: Int
  private var openReconcileTimeout: Milliseconds
  private var retryDelay: Milliseconds
  private var maximumRetryDelay: Milliseconds
  /// Not in older records, whose rooms had what is the default now.
  private var maximumAwaitedRetryDelay: Milliseconds?
  private var maximumAttempts: Int
  private var maximumClockJump: UInt64
  private var maximumContentBytes: Int
  private var maximumClients: Int
  private var maximumTypes: Int
  private var maximumStructsPerUpdate: Int
  private var maximumIncompleteBytes: Int
  private var showsElsewhere: Bool
  private var maximumShownBytes: Int
  /// Who stands, by the path of what is merged.
  private var winners: [String: String]

  init(_ configuration: RoomConfiguration) {
    unloadGrace = configuration.unloadGrace
    checkpointUpdates = configuration.checkpointUpdates
    checkpointBytes = configuration.checkpointBytes
    maximumPendingBytes = configuration.maximumPendingBytes
    keepAliveInterval = configuration.keepAliveInterval
    answerTimeout = configuration.answerTimeout
    maximumEarlyBytes = configuration.maximumEarlyBytes
    openReconcileTimeout = configuration.openReconcileTimeout
    retryDelay = configuration.retryDelay
    maximumRetryDelay = configuration.maximumRetryDelay
    maximumAwaitedRetryDelay = configuration.maximumAwaitedRetryDelay
    maximumAttempts = configuration.maximumAttempts
    maximumClockJump = configuration.maximumClockJump
    maximumContentBytes = configuration.maximumContentBytes
    maximumClients = configuration.maximumClients
    maximumTypes = configuration.maximumTypes
    maximumStructsPerUpdate = configuration.maximumStructsPerUpdate
    maximumIncompleteBytes = configuration.maximumIncompleteBytes
    showsElsewhere = configuration.showsElsewhere
    maximumShownBytes = configuration.maximumShownBytes
    winners = Dictionary(
      configuration.policy.rules.compactMap { rule in
        rule.winner.map { (rule.path.joined(separator: "."), $0.rawValue) }
      }
    ) { first, _ in first }
  }

  /// Whether no limit and no time is negative, as in a file that somebody changed.
  var isConsistent: Bool {
    let times = [
      unloadGrace, keepAliveInterval, answerTimeout, openReconcileTimeout, retryDelay, maximumRetryDelay,
      maximumAwaitedRetryDelay ?? 0,
    ]
    let limits = [
      checkpointUpdates, checkpointBytes, maximumPendingBytes, maximumEarlyBytes, maximumAttempts, maximumContentBytes,
      maximumClients, maximumTypes, maximumStructsPerUpdate, maximumIncompleteBytes, maximumShownBytes,
    ]
    return times.allSatisfy { $0 >= 0 } && limits.allSatisfy { $0 >= 0 }
  }

  /// The configuration for a replay.
  func configuration() throws(PolicyError) -> RoomConfiguration {
    var configuration = RoomConfiguration()
    configuration.unloadGrace = unloadGrace
    configuration.checkpointUpdates = checkpointUpdates
    configuration.checkpointBytes = checkpointBytes
    configuration.maximumPendingBytes = maximumPendingBytes
    configuration.keepAliveInterval = keepAliveInterval
    configuration.answerTimeout = answerTimeout
    configuration.maximumEarlyBytes = maximumEarlyBytes
    configuration.openReconcileTimeout = openReconcileTimeout
    configuration.retryDelay = retryDelay
    configuration.maximumRetryDelay = maximumRetryDelay
    if let maximumAwaitedRetryDelay { configuration.maximumAwaitedRetryDelay = maximumAwaitedRetryDelay }
    configuration.maximumAttempts = maximumAttempts
    configuration.maximumClockJump = maximumClockJump
    configuration.maximumContentBytes = maximumContentBytes
    configuration.maximumClients = maximumClients
    configuration.maximumTypes = maximumTypes
    configuration.maximumStructsPerUpdate = maximumStructsPerUpdate
    configuration.maximumIncompleteBytes = maximumIncompleteBytes
    configuration.showsElsewhere = showsElsewhere
    configuration.maximumShownBytes = maximumShownBytes
    let chosen = winners.compactMapValues(Policy.Winner.init(rawValue:))
    configuration.policy = try Policy.standard.overriding(winners: chosen)
    return configuration
  }
}
