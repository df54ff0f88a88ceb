/// What one transaction changed, ready to be sent to other replicas.
public struct UpdateEvent: Sendable {
  private let bytes: [UInt8]
  private let format: UpdateFormat
  /// Who or what caused the transaction.
  public let origin: Origin?
  /// Whether the change was made here, by `transact`, rather than applied.
  public let isLocal: Bool

  init(_ bytes: [UInt8], _ format: UpdateFormat, origin: Origin?, isLocal: Bool) {
    self.bytes = bytes
    self.format = format
    self.origin = origin
    self.isLocal = isLocal
  }

  /// The change as an update V1.
  public var update: [UInt8] { update(in: .v1) }

  /// The change as an update of the given format. If the transaction applied one update of that format that was all
  /// news, these are its very bytes.
  ///
  /// O(1) in the format in which the change came or, if it was made here, in V1; else O(bytes).
  public func update(in format: UpdateFormat) -> [UInt8] { bytes.converted(from: self.format, to: format) }
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

  /// The handler, if there is one only.
  var only: ((Event) -> Void)? { handlers.count == 1 ? handlers[0].handler : nil }
  var numbers: [Int] { handlers.map(\.number) }

  /// The handler of a number, unless it was removed.
  func handler(_ number: Int) -> ((Event) -> Void)? {
    handlers.first { $0.number == number }?.handler
  }
}
