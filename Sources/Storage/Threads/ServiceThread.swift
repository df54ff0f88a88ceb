import Glibc

/// A thread of our own for work that blocks.
package struct ServiceThread: Sendable {
  private let id: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Enough for values of every depth that documents take, whatever the system's default is.
  private static let stackSize = 8 << 20

  /// Starts a thread that ends when `body` returns.
  package init(_ body: @escaping @Sendable () -> Void) {
    var id = pthread_t()
    let argument = Unmanaged.passRetained(Body(body)).toOpaque()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackSize)
    let error = pthread_create(
      &id, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(error == 0, "no thread could be started: \(String(cString: strerror(error)))")
    self.id = id
  }

  /// Waits until it has ended. Once, by one thread.
  package func join() {
    pthread_join(id, nil)
  }
}
