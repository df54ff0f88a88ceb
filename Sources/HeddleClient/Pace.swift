/// When the next attempt to connect is made.
struct Pace {
  /// A connection that lasted this long was a good one: what went wrong before it counts no more.
  private static let steady = Duration.seconds(5)

  private var backoff = Backoff()
  /// Tokens are asked of people, or of services that should not be stormed either.
  private var tokenBackoff = Backoff(from: .seconds(1), to: .seconds(60))
  private var refusedTokens = 0
  private var connectedSince: ContinuousClock.Instant?

  mutating func connected() {
    connectedSince = .now
  }

  mutating func disconnected() {
    if let connectedSince, connectedSince.duration(to: .now) > Self.steady { self = Pace() }
    connectedSince = nil
  }

  /// After something that time may mend.
  mutating func delay() -> Duration { backoff.delay() }

  /// After a token was refused. Nil for the first one: it may just have expired, and another one is to be had at once.
  mutating func delayForToken() -> Duration? {
    refusedTokens += 1
    return refusedTokens == 1 ? nil : tokenBackoff.delay()
  }
}
