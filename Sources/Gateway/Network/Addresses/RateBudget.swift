/// How much of something may still happen, which grows with time: so much per second, and as much at once as ten seconds bring.
struct RateBudget: Hashable, Sendable {
  /// How many seconds' worth may come at once.
  static let burst = 10.0

  private var left: Double
  private var since: Milliseconds

  init(perSecond rate: Double, now: Milliseconds) {
    (left, since) = (rate * Self.burst, now)
  }

  /// Whether there is room for one more, which is taken. With a rate of 0 there always is.
  mutating func take(perSecond rate: Double, now: Milliseconds) -> Bool {
    guard rate > 0 else { return true }
    refill(rate, now)
    guard left >= 1 else { return false }
    left -= 1
    return true
  }

  /// Whether there is room for one more.
  mutating func hasRoom(perSecond rate: Double, now: Milliseconds) -> Bool {
    guard rate > 0 else { return true }
    refill(rate, now)
    return left >= 1
  }

  /// Whether nothing was taken for so long that it makes no difference.
  mutating func isFull(perSecond rate: Double, now: Milliseconds) -> Bool {
    refill(rate, now)
    return left >= rate * Self.burst
  }

  private mutating func refill(_ rate: Double, _ now: Milliseconds) {
    left = min(rate * Self.burst, left + Double(now &- since) / 1000 * rate)
    since = now
  }
}
