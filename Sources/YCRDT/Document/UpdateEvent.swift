/// What one transaction changed, ready to be sent to other replicas.
public struct UpdateEvent: Sendable {
  /// The change as an update V1. If the transaction applied one update that was all news, these are its very bytes.
  public let update: [UInt8]
  /// Who or what caused the transaction.
  public let origin: Origin?
  /// Whether the change was made here, by `transact`, rather than applied.
  public let isLocal: Bool
}

/// Keeps an observer attached, until it is cancelled or released.
public final class Subscription {
  private var onCancel: (() -> Void)?

  init(_ onCancel: @escaping () -> Void) {
    self.onCancel = onCancel
  }

  deinit {
    cancel()
  }

  /// Detaches the observer; it is not called again.
  public func cancel() {
    onCancel?()
    onCancel = nil
  }
}

/// Observers by number, called in the order in which they were attached.
struct ObserverList<Event> {
  private var handlers: [(number: Int, handler: (Event) -> Void)] = []
  private var lastNumber = 0

  var isEmpty: Bool { handlers.isEmpty }

  mutating func add(_ handler: @escaping (Event) -> Void) -> Int {
    lastNumber += 1
    handlers.append((lastNumber, handler))
    return lastNumber
  }

  mutating func remove(_ number: Int) {
    handlers.removeAll { $0.number == number }
  }

  func callAsFunction(_ event: Event) {
    for (_, handler) in handlers { handler(event) }
  }
}
