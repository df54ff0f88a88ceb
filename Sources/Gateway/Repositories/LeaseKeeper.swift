import Storage

/// Keeps a lease as long as a sync goes on, on a thread of its own.
struct LeaseKeeper {
  private let thread: ServiceThread
  private let isDone = Monitor(false)

  init(_ lease: RepositoryLease, for duration: Duration, _ store: Store) {
    let isDone = isDone
    thread = ServiceThread {
      while isDone.wait(for: duration / 3, until: { $0 ? true : nil }) == nil {
        // Where it cannot be renewed, what holds the lease is refused when it wants to write.
        _ = try? store.wait { store.renew(lease, for: duration, $0) }
      }
    }
  }

  /// Ends it, and waits for that.
  func stop() {
    isDone.change { $0 = true }
    thread.join()
  }
}
