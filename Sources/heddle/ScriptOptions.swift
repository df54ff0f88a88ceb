import ArgumentParser
import Gateway
import Workflow

/// The limits of what scripts do over HTTP, each a flag.
struct ScriptOptions: ParsableArguments {
  @Option(help: "A patch of a document at most, in bytes.")
  var maximumPatchBytes: Int = environmentDefault("maximum-patch-bytes", PatchLimits().bytes)

  @Option(help: "Operations of a JSON Patch at most.")
  var maximumPatchOperations: Int = environmentDefault("maximum-patch-operations", PatchLimits().operations)

  @Option(help: "Requests for changes that may be open, waiting ones and streams.")
  var maximumFeeds: Int = environmentDefault("maximum-feeds", FeedConfiguration().maximumFeeds)

  @Option(help: "How long a request for changes may wait for one.")
  var maximumFeedWait: Duration = environmentDefault("maximum-feed-wait", FeedConfiguration().maximumWait)

  @Option(help: "How often a stream of changes says something at least.")
  var feedHeartbeat: Duration = environmentDefault("feed-heartbeat", FeedConfiguration().heartbeat)

  @Option(help: "How long changes are collected before those who wait for them are told.")
  var feedInterval: Duration = environmentDefault("feed-interval", FeedConfiguration().interval)

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout GatewayConfiguration) {
    configuration.patch.bytes = maximumPatchBytes
    configuration.patch.operations = maximumPatchOperations
    configuration.feeds.maximumFeeds = maximumFeeds
    configuration.feeds.maximumWait = maximumFeedWait
    configuration.feeds.heartbeat = feedHeartbeat
    configuration.feeds.interval = feedInterval
  }
}
