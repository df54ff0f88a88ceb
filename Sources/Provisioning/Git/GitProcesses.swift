/// The git processes of a server, so that all of them end when it does.
public final class GitProcesses: Sendable {
  public init() {}

  /// Stops what is running, and refuses to run more.
  public func stop() {}
}
