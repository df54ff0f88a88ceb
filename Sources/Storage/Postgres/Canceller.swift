import CLibPQ
import Synchronization

/// Interrupts what a connection is doing, from any thread.
final class Canceller: Sendable {
  /// A cancel request of libpq. `@unchecked Sendable` is sound because libpq allows its use from any thread, and the
  /// mutex below keeps it alive while it is used.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let handle = Mutex<Handle?>(nil)

  deinit { set(nil) }

  func set(_ pointer: OpaquePointer?) {
    handle.withLock { handle in
      if let old = handle { PQfreeCancel(old.pointer) }
      handle = pointer.map(Handle.init)
    }
  }

  /// Asks the server to stop the running statement, which then fails with 57014. Does nothing without a connection.
  func cancel() {
    handle.withLock { handle in
      guard let handle else { return }
      var message = [CChar](repeating: 0, count: 256)
      _ = PQcancel(handle.pointer, &message, Int32(message.count))
    }
  }
}
