/// Threads with a session each that take work from one queue.
final class WorkerPool: Sendable {
  typealias Work = @Sendable (Session) -> Void

  private struct State {
    var queue: [Work] = []
    var isStopping = false
    var threads: [ServiceThread] = []
  }

  private let state = Monitor(State())

  init(count: Int, makeSession: @escaping @Sendable () -> Session) {
    state.change { state in
      state.threads = (0..<max(1, count)).map { _ in
        ServiceThread { [weak self] in
          let session = makeSession()
          while let work = self?.next() { work(session) }
        }
      }
    }
  }

  /// False when the pool was stopped; then the work is not done.
  func submit(_ work: @escaping Work) -> Bool {
    state.change { state in
      guard !state.isStopping else { return false }
      state.queue.append(work)
      return true
    }
  }

  /// How much waits for a thread.
  var waiting: Int { state.read { $0.queue.count } }

  private func next() -> Work? {
    state.wait { state -> Work?? in
      if !state.queue.isEmpty { return .some(state.queue.removeFirst()) }
      return state.isStopping ? .some(nil) : nil
    } ?? nil
  }

  /// Does what was submitted and ends.
  func stop() {
    let threads = state.change { state in
      state.isStopping = true
      defer { state.threads = [] }
      return state.threads
    }
    for thread in threads { thread.join() }
  }
}
