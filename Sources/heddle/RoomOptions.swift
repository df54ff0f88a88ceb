import ArgumentParser
import Gateway
import Reconciliation
import Rooms

/// The limits and delays of rooms, each a flag.
struct RoomOptions: ParsableArguments {
  @Option(help: "How long a document without members stays loaded.")
  var unloadGrace: Duration = environmentDefault("unload-grace", .milliseconds(defaults.unloadGrace))

  @Option(help: "Updates after which a checkpoint is taken.")
  var checkpointUpdates: Int = environmentDefault("checkpoint-updates", defaults.checkpointUpdates)

  @Option(help: "Bytes of updates after which a checkpoint is taken.")
  var checkpointBytes: Int = environmentDefault("checkpoint-bytes", defaults.checkpointBytes)

  @Option(help: "Bytes of one document's updates that may wait for the database.")
  var maximumPendingBytes: Int = environmentDefault("maximum-pending-bytes", defaults.maximumPendingBytes)

  @Option(help: "Bytes that a client may send before its document is loaded.")
  var maximumEarlyBytes: Int = environmentDefault("maximum-early-bytes", defaults.maximumEarlyBytes)

  @Option(help: "Bytes of content of a document up to which edits are taken.")
  var maximumDocumentBytes: Int = environmentDefault("maximum-document-bytes", defaults.maximumContentBytes)

  @Option(help: "Clients up to which another one may write in a document; each page that was ever loaded is one.")
  var maximumDocumentClients: Int = environmentDefault("maximum-document-clients", defaults.maximumClients)

  @Option(help: "Maps, lists and texts that a document ever held up to which edits are taken.")
  var maximumDocumentTypes: Int = environmentDefault("maximum-document-types", defaults.maximumTypes)

  @Option(help: "Structs and deleted ranges of one update at most.")
  var maximumUpdateStructs: Int = environmentDefault("maximum-update-structs", defaults.maximumStructsPerUpdate)

  @Option(help: "Bytes of updates that may wait in a document for others that they build on.")
  var maximumIncompleteBytes: Int = environmentDefault("maximum-incomplete-bytes", defaults.maximumIncompleteBytes)

  @Option(help: "By how much one update may advance the clock of a client.")
  var maximumClockJump: UInt64 = environmentDefault("maximum-clock-jump", defaults.maximumClockJump)

  @Option(help: "How long clients wait for changed rows to be merged before they get what there is.")
  var openReconcileTimeout: Duration = environmentDefault(
    "open-reconcile-timeout", .milliseconds(defaults.openReconcileTimeout))

  @Option(help: "How long an edit that builds on what is not there waits for its client to bring what is missing.")
  var answerTimeout: Duration = environmentDefault("answer-timeout", .milliseconds(defaults.answerTimeout))

  @Option(help: "How long after its first failure a merge, a save or a look at the log is tried again.")
  var retryDelay: Duration = environmentDefault("retry-delay", .milliseconds(defaults.retryDelay))

  @Option(help: "How long after further failures at most.")
  var retryLimit: Duration = environmentDefault("retry-limit", .milliseconds(defaults.maximumRetryDelay))

  @Option(help: "How long after a failure at most while somebody waits for the outcome.")
  var awaitedRetryLimit: Duration = environmentDefault(
    "awaited-retry-limit", .milliseconds(defaults.maximumAwaitedRetryDelay))

  @Option(help: "How often a save or a reset is worked out that others are always faster with.")
  var maximumAttempts: Int = environmentDefault("maximum-attempts", defaults.maximumAttempts)

  @OptionGroup var winners: PolicyOptions

  @Option(help: "How long the server may take to store everything when it is asked to end.")
  var drainTimeout: Duration = environmentDefault(
    "drain-timeout", GatewayConfiguration(network: ServerConfiguration(endpoints: [])).drainTimeout)

  @Option(help: "How many clients are let go in a second then, so that not all come back at once; 0 for any number.")
  var drainClosesPerSecond: Int = environmentDefault(
    "drain-closes-per-second", GatewayConfiguration(network: ServerConfiguration(endpoints: [])).drainClosesPerSecond)

  private static let defaults = RoomConfiguration()

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout GatewayConfiguration) {
    configuration.room.unloadGrace = unloadGrace.milliseconds
    configuration.room.checkpointUpdates = checkpointUpdates
    configuration.room.checkpointBytes = checkpointBytes
    configuration.room.maximumPendingBytes = maximumPendingBytes
    configuration.room.maximumEarlyBytes = maximumEarlyBytes
    configuration.room.maximumContentBytes = maximumDocumentBytes
    configuration.room.maximumClients = maximumDocumentClients
    configuration.room.maximumTypes = maximumDocumentTypes
    configuration.room.maximumStructsPerUpdate = maximumUpdateStructs
    configuration.room.maximumIncompleteBytes = maximumIncompleteBytes
    configuration.room.maximumClockJump = maximumClockJump
    configuration.room.openReconcileTimeout = openReconcileTimeout.milliseconds
    configuration.room.answerTimeout = answerTimeout.milliseconds
    configuration.room.retryDelay = retryDelay.milliseconds
    configuration.room.maximumRetryDelay = retryLimit.milliseconds
    configuration.room.maximumAwaitedRetryDelay = awaitedRetryLimit.milliseconds
    configuration.room.maximumAttempts = maximumAttempts
    configuration.drainTimeout = drainTimeout
    configuration.drainClosesPerSecond = drainClosesPerSecond
    configuration.room.policy = winners.policy
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
