import Logging
import Synchronization

/// Whether the database answers, put together from what the store's threads meet.
final class Health: Sendable {
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    /// Nil as long as no connection was tried.
    var writerWorks: Bool?
    var listenerWorks: Bool?
    var failures = 0
    var status = StoreStatus()

    var isReachable: Bool { writerWorks == true && listenerWorks == true }
  }

  init(logger: Logger) {
    self.logger = logger
  }

  var status: StoreStatus {
    state.withLock { state in
      var status = state.status
      status.isReachable = state.isReachable
      status.connectionFailures = state.failures
      return status
    }
  }

  /// Whether it is known that nothing can be written. Right after the start that is not known yet. Who only listens in vain
  /// hears of rows later, which is no reason not to write.
  var isAway: Bool { state.withLock { $0.writerWorks == false } }

  func setWriter(works: Bool) { change { $0.writerWorks = works } }
  func setListener(works: Bool) { change { $0.listenerWorks = works } }

  func committed(appends: Int, in duration: Duration) {
    state.withLock { state in
      state.status.appends += appends
      state.status.commits += 1
      state.status.commitLatency.observe(duration / .seconds(1))
    }
  }

  func report(_ error: PostgresError) {
    state.withLock { $0.failures += 1 }
    logger.warning("the database does not answer as it should", metadata: ["error": "\(error)"])
  }

  private func change(_ body: (inout State) -> Void) {
    let (before, after) = state.withLock { state in
      let before = state.isReachable
      body(&state)
      return (before, state.isReachable)
    }
    guard before != after else { return }
    if after {
      logger.notice("the database can be reached")
    } else {
      logger.error("the database cannot be reached: edits are kept in memory and not acknowledged")
    }
  }
}
