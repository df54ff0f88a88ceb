import ArgumentParser
import Gateway
import Workflow

/// The limits of what scripts do over HTTP, each a flag.
struct SyncOptions: ParsableArguments {
  @Option(help: "A patch of a document at most, in bytes.")
  var maximumPatchBytes: Int = environmentDefault("maximum-patch-bytes", PatchLimits().bytes)

  @Option(help: "Operations of a JSON Patch at most.")
  var maximumPatchOperations: Int = environmentDefault("maximum-patch-operations", PatchLimits().operations)

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout GatewayConfiguration) {
    configuration.patch.bytes = maximumPatchBytes
    configuration.patch.operations = maximumPatchOperations
  }
}
