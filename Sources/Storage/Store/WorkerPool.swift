/// Threads with a session each that take work from one queue.
final class WorkerPool: Sendable {
  /// Something to do. It returns what is left of it, where somebody was in its way.
  struct Work: Sendable {
    let run: @Sendable (Session) -> Work?
  }

  private struct State {
    var queue: [Work] = []
    /// What was tried, and has to wait for somebody: so it stands behind all that was not.
    var tried: [Work] = []
    var isStopping = false
    var threads: [ServiceThread] = []
  }

  private let state = Monitor(State())

  init(count: Int, makeSession: @escaping @Sendable () -> Session) {
    state.change { state in
      state.threads = (0..<max(1, count)).map { _ in
        ServiceThread { [weak self] in
          let session = makeSession()
          while let work = self?.next() {
            if let rest = work.run(session) { self?.state.change { $0.tried.append(rest) } }
          }
        }
      }
    }
  }

  /// False when the pool was stopped; then the work is not done.
  func submit(_ work: Work) -> Bool {
    let work = Self.carrying(RequestContext.current, work)
    return state.change { state in
      guard !state.isStopping else { return false }
      state.queue.append(work)
      return true
    }
  }

  func submit(_ body: @escaping @Sendable (Session) -> Void) -> Bool {
    submit(
      Work { session in
        body(session)
        return nil
      })
  }

  /// The work, on behalf of the request that it was submitted for.
  private static func carrying(_ context: RequestContext?, _ work: Work) -> Work {
    guard let context else { return work }
    let begin = ContinuousClock.now
    return Work { session in
      RequestContext.$current.withValue(context) {
        let waited = ["waited_ms": "\(Int((.now - begin) / .milliseconds(1)))"]
        return RequestContext.measure("database", waited) { work.run(session) }.map { carrying(context, $0) }
      }
    }
  }

  /// How much waits for a thread.
  var waiting: Int { state.read { $0.queue.count + $0.tried.count } }

  private func next() -> Work? {
    state.wait { state -> Work?? in
      if !state.queue.isEmpty { return .some(state.queue.removeFirst()) }
      if !state.tried.isEmpty { return .some(state.tried.removeFirst()) }
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
