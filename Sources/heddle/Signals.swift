import Glibc

/// The signals that end the server: waiting for them, on the thread that calls.
///
/// `block()` runs before any other thread starts, so that every thread inherits the mask and `wait()` alone sees them.
enum Signals {
  /// Keeps SIGINT and SIGTERM for `wait()`, and lets a write to a closed socket fail instead of ending the process.
  static func block() {
    signal(SIGPIPE, SIG_IGN)
    var set = termination()
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Does something that may take long and that may be broken off anywhere: a signal ends the process meanwhile.
  static func unblocked<Result>(_ body: () throws -> Result) rethrows -> Result {
    var set = termination()
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    defer { pthread_sigmask(SIG_BLOCK, &set, nil) }
    return try body()
  }

  /// Blocks until the process is asked to end, and returns the signal.
  static func wait() -> Int32 {
    var set = termination()
    var received: Int32 = 0
    while sigwait(&set, &received) != 0 {}
    return received
  }

  private static func termination() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGTERM)
    return set
  }
}
