import Glibc
import Synchronization

/// Lets other threads interrupt one that waits for a socket.
final class Wakeup: Sendable {
  private let reading: Int32
  private let writing: Int32
  private let stopped = Atomic(false)
  private let woken = Atomic(false)

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0, "no pipe: \(String(cString: strerror(errno)))")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  /// Whether `wake` was called since this was asked last.
  var wasWoken: Bool { woken.exchange(false, ordering: .acquiringAndReleasing) }

  func wake() {
    woken.store(true, ordering: .releasing)
    interrupt()
  }

  /// Ends a wait, and is no call of `wake`.
  func interrupt() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  func stop() {
    stopped.store(true, ordering: .releasing)
    wake()
  }

  /// Returns when the socket (-1: none) has something to read, when woken, or when the time is over.
  func wait(socket: Int32, limit: Duration) {
    var descriptors = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
    ]
    let milliseconds = Int32(clamping: Int64(limit / .milliseconds(1)) + 1)
    _ = poll(&descriptors, 2, milliseconds)
    var buffer = [UInt8](repeating: 0, count: 64)
    while read(reading, &buffer, buffer.count) > 0 {}
  }
}
