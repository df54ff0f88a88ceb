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

  @Option(help: "How long clients wait for changed rows to be merged before they get what there is.")
  var openReconcileTimeout: Duration = environmentDefault(
    "open-reconcile-timeout", .milliseconds(defaults.openReconcileTimeout))

  @OptionGroup var winners: PolicyOptions

  @Option(help: "How long the server may take to store everything when it is asked to end.")
  var drainTimeout: Duration = environmentDefault(
    "drain-timeout", GatewayConfiguration(network: ServerConfiguration(endpoints: [])).drainTimeout)

  private static let defaults = RoomConfiguration()

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout GatewayConfiguration) {
    configuration.room.unloadGrace = unloadGrace.milliseconds
    configuration.room.checkpointUpdates = checkpointUpdates
    configuration.room.checkpointBytes = checkpointBytes
    configuration.room.maximumPendingBytes = maximumPendingBytes
    configuration.room.maximumEarlyBytes = maximumEarlyBytes
    configuration.room.openReconcileTimeout = openReconcileTimeout.milliseconds
    configuration.drainTimeout = drainTimeout
    configuration.room.policy = winners.policy
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
