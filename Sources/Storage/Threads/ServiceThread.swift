import Glibc

/// A thread of our own for work that blocks.
struct ServiceThread: Sendable {
  private let id: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread that ends when `body` returns.
  init(_ body: @escaping @Sendable () -> Void) {
    var id = pthread_t()
    let argument = Unmanaged.passRetained(Body(body)).toOpaque()
    let error = pthread_create(
      &id, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(error == 0, "no thread could be started: \(String(cString: strerror(error)))")
    self.id = id
  }

  /// Waits until it has ended. Once, by one thread.
  func join() {
    pthread_join(id, nil)
  }
}
