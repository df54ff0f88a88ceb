/// Since when documents have been waiting to be merged with their rows.
struct StaleTimes {
  private var since: [String: ContinuousClock.Instant] = [:]
  private var end: ContinuousClock.Instant?

  /// These wait now, and no others.
  mutating func found(_ ids: [String], at now: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
    since = Dictionary(ids.map { ($0, since[$0] ?? now) }) { first, _ in first }
    self.end = end
  }

  /// How many wait, and how long the longest has, in seconds; none where it is too long ago that anybody looked.
  func figures(at now: ContinuousClock.Instant) -> (count: Int, longest: Double) {
    guard let end, now < end, let first = since.values.min() else { return (0, 0) }
    return (since.count, (now - first) / .seconds(1))
  }
}
