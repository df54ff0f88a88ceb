import Glibc

/// A value behind a lock, for what several threads share.
///
/// Like `Synchronization.Mutex`, but on a lock that the thread sanitizer sees: on Linux it reports races between two
/// closures of one contended `Mutex`. `@unchecked Sendable` is sound because the value is reached in `withLock` only.
final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
