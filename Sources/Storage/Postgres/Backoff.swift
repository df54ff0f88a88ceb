/// How long to wait before the next attempt: twice as long each time up to a limit, with jitter, so that not everybody
/// comes back at once.
struct Backoff {
  private let first: Duration
  private let limit: Duration
  private var failures = 0

  init(first: Duration = .milliseconds(50), limit: Duration = .seconds(5)) {
    self.first = first
    self.limit = limit
  }

  mutating func reset() { failures = 0 }

  /// Half to all of the doubled delay.
  mutating func next() -> Duration {
    let delay = min(first * (1 << min(failures, 20)), limit)
    failures += 1
    return delay * Double.random(in: 0.5...1)
  }
}
