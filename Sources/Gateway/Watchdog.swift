import Storage

/// Sees to it that a server whose event loop stands still does not go on looking alive: the kernel still takes connections, so
/// a load balancer that only connects would send people to it for ever.
///
/// Asks the loop for a sign of life again and again, from a thread of its own. Time is counted in rounds of that thread and not
/// on a clock: a process that was stopped as a whole and goes on is not stuck.
public final class Watchdog: Sendable {
  /// How often the loop is asked.
  public static let interval = Duration.seconds(1)

  private struct State {
    var isStopped = false
    var awaitsAnswer = false
  }

  private let state: Monitor<State>
  private let thread: ServiceThread

  /// Watches until it is stopped. `alive` is called in each round that began with an answer, and `stuck` once, when there was
  /// none for `timeout` (zero: never). Both are called on the watchdog's thread.
  ///
  /// - Parameter ask: Has the loop call what it is given; false where the loop does not run, which is no fault.
  init(
    timeout: Duration, interval: Duration = interval,
    ask: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool,
    alive: @escaping @Sendable () -> Void, stuck: @escaping @Sendable () -> Void
  ) {
    let rounds = timeout == .zero ? Int.max : max(1, Int((timeout / interval).rounded(.up)))
    let state = Monitor(State())
    self.state = state
    thread = ServiceThread {
      var missed = 0
      while state.wait(for: interval, until: { $0.isStopped ? true : nil }) == nil {
        if state.read({ $0.awaitsAnswer }) {
          missed += 1
          if missed >= rounds { return stuck() }
        } else {
          missed = 0
          alive()
          state.change { $0.awaitsAnswer = true }
          if !ask({ state.change { $0.awaitsAnswer = false } }) { state.change { $0.awaitsAnswer = false } }
        }
      }
    }
  }

  /// Watches no longer. Returns when nothing is called any more.
  public func stop() {
    state.change { $0.isStopped = true }
    thread.join()
  }
}
