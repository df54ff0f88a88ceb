import Storage

/// What became of HTTP requests, since the start.
struct HTTPStatistics {
  /// By the first digit of their status.
  private var counts = [Int](repeating: 0, count: 6)
  /// How long answers took from the end of the request on, in seconds.
  private(set) var durations = LatencyHistogram()

  mutating func note(status: Int, after milliseconds: Milliseconds) {
    counts[min(max(status / 100, 0), 5)] += 1
    durations.observe(Double(milliseconds) / 1000)
  }

  /// As labels have it: `2xx` and how many.
  var byStatus: [(status: String, count: Int)] {
    (1...5).map { ("\($0)xx", counts[$0]) }
  }
}
