/// The limits of feeds of changes.
public struct FeedConfiguration: Sendable {
  /// How many may be open, waiting requests included.
  public var maximumFeeds = 1024
  /// How long a request may wait for a change; never longer than three quarters of the response timeout.
  public var maximumWait = Duration.seconds(30)
  /// How often a stream says something at least.
  public var heartbeat = Duration.seconds(15)
  /// How long changes are collected that come one after the other.
  public var interval = Duration.milliseconds(200)

  public init() {}
}
