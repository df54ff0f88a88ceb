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
    let work = Self.carrying(RequestContext.current, work)
    return state.change { state in
      guard !state.isStopping else { return false }
      state.queue.append(work)
      return true
    }
  }

  /// The work, on behalf of the request that it was submitted for.
  private static func carrying(_ context: RequestContext?, _ work: @escaping Work) -> Work {
    guard let context else { return work }
    let begin = ContinuousClock.now
    return { session in
      RequestContext.$current.withValue(context) {
        let waited = ["waited_ms": "\(Int((.now - begin) / .milliseconds(1)))"]
        RequestContext.measure("database", waited) { work(session) }
      }
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
