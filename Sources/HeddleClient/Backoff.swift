/// How long to wait before the next attempt to connect: twice as long each time, up to a bound, with some chance, so
/// that the clients of a server that restarts do not come back all at once.
struct Backoff {
  private static let shortest = Duration.milliseconds(100)
  private static let longest = Duration.seconds(10)

  private var next = Self.shortest

  /// How long to wait now. `chance` is between 0 and 1.
  mutating func delay(chance: Double) -> Duration {
    defer { next = min(next * 2, Self.longest) }
    return next * (0.5 + chance / 2)
  }

  /// The next attempt is a first one again.
  mutating func reset() {
    next = Self.shortest
  }
}
