import Synchronization

/// The git processes of a server, so that all of them end when it does.
public final class GitProcesses: Sendable {
  private struct State {
    var isStopped = false
    var next = 0
    var running: [Int: GitRun] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Ends what is running, and refuses to run more: calls that wait for git throw `.stopped`.
  public func stop() {
    let running = state.withLock {
      $0.isStopped = true
      return Array($0.running.values)
    }
    for run in running { run.stop(because: Self.stopped) }
  }

  /// Runs git to its end.
  func run(_ command: GitCommand) throws(GitError) -> GitOutput {
    let run = GitRun(command)
    let number: Int? = state.withLock {
      guard !$0.isStopped else { return nil }
      $0.next += 1
      $0.running[$0.next] = run
      return $0.next
    }
    guard let number else { throw Self.stopped }
    defer { state.withLock { $0.running[number] = nil } }
    return try run.output()
  }

  private static let stopped = GitError(.stopped, "the server is ending, and git was stopped")
}
