import Glibc

/// A lock with a condition: threads wait until something that others change under the lock is so.
///
/// `@unchecked Sendable` is sound because the state is only reached under the lock, which lies, like the condition, at
/// an address that does not change as long as the object lives.
package final class Monitor<State>: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  package init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(lock)
    condition.deallocate()
    lock.deallocate()
  }

  /// Looks at the state, or changes it; whoever waits looks again.
  package func change<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result
  {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    defer { pthread_cond_broadcast(condition) }
    return try body(&state)
  }

  package func read<Result>(_ body: (State) -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body(state)
  }

  /// Waits until `body` returns something, which it does under the lock. Nil when the time is over first.
  package func wait<Result>(for limit: Duration? = nil, until body: (inout State) -> Result?) -> Result? {
    var deadline = timespec()
    if let limit {
      clock_gettime(CLOCK_MONOTONIC, &deadline)
      let nanoseconds = deadline.tv_nsec + Int(limit.components.attoseconds / 1_000_000_000)
      deadline.tv_sec += Int(limit.components.seconds) + nanoseconds / 1_000_000_000
      deadline.tv_nsec = nanoseconds % 1_000_000_000
    }
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while true {
      if let result = body(&state) { return result }
      if limit == nil {
        pthread_cond_wait(condition, lock)
      } else if pthread_cond_timedwait(condition, lock, &deadline) == ETIMEDOUT {
        return body(&state)
      }
    }
  }
}
