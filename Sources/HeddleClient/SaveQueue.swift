/// Who waits for the server to have stored what was sent, by the number that was sent with the question.
struct SaveQueue {
  private var waiting: [UInt64: CheckedContinuation<Void, any Error>] = [:]
  private var last: UInt64 = 0

  /// The questions that are open, in order.
  var numbers: [UInt64] { waiting.keys.sorted() }

  mutating func newNumber() -> UInt64 {
    last += 1
    return last
  }

  mutating func add(_ number: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
    waiting[number] = continuation
  }

  /// The answer to a question answers all earlier ones.
  mutating func succeed(_ payload: [UInt8]) {
    guard let answered = Self.number(payload) else { return }
    for number in numbers where number <= answered { waiting.removeValue(forKey: number)?.resume() }
  }

  mutating func fail(_ number: UInt64, _ error: any Error) {
    waiting.removeValue(forKey: number)?.resume(throwing: error)
  }

  mutating func failAll(_ error: any Error) {
    for number in numbers { fail(number, error) }
  }

  /// What goes over the wire: eight bytes, highest first.
  static func payload(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }

  private static func number(_ payload: [UInt8]) -> UInt64? {
    payload.count == 8 ? payload.reduce(0) { $0 << 8 | UInt64($1) } : nil
  }
}
