import Glibc

/// A lock on the folder of a copy, among all processes and threads, until it is let go. The system lets go of it when the
/// process ends, whatever it ends of.
struct GitLock: ~Copyable {
  enum Mode {
    case shared, exclusive
  }

  private static let interval: useconds_t = 5000
  private let descriptor: Int32

  init(_ path: String, _ mode: Mode, timeout: Duration) throws(GitError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw GitError(system: "\(path) can't be opened") }
    let deadline = ContinuousClock.now + timeout
    while flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
        close(descriptor)
        throw GitError(
          .timedOut,
          "another process, or thread, has had the copy of the repository for \(timeout.components.seconds) s")
      }
      usleep(Self.interval)
    }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }
}

extension GitError {
  /// What the system last refused.
  init(system what: String) {
    let code = errno
    let kind: Kind = code == ENOSPC || code == EDQUOT ? .diskFull : .failed
    self.init(kind, "\(what): \(String(cString: strerror(code)))")
  }
}
