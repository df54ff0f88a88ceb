/// How long to wait before the next attempt: twice as long each time, up to a bound, with some chance, so that the clients
/// of a server that restarts do not come back all at once.
struct Backoff {
  private let shortest: Duration
  private let longest: Duration
  private var next: Duration

  init(from shortest: Duration = .milliseconds(100), to longest: Duration = .seconds(10)) {
    (self.shortest, self.longest, next) = (shortest, longest, shortest)
  }

  /// How long to wait now. `chance` is between 0 and 1.
  mutating func delay(chance: Double = .random(in: 0...1)) -> Duration {
    defer { next = min(next * 2, longest) }
    return next * (0.5 + chance / 2)
  }

  /// The next attempt is a first one again.
  mutating func reset() {
    next = shortest
  }
}
