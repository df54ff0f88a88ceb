/// A cumulative histogram with fixed bounds, as Prometheus understands it.
public struct Histogram: Sendable {
  /// The upper bounds of the buckets, ascending, in the unit of the observations.
  public let bounds: [Double]
  /// How many observations fell into each bucket; the last one counts what lies above every bound.
  public private(set) var counts: [Int]
  /// The sum of all observations.
  public private(set) var sum: Double = 0

  /// An empty histogram.
  public init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// Bounds in seconds that suit a commit to a local or a remote Postgres: 0.25 ms to 10 s.
  public static let latencyBounds: [Double] = [
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// Counts one observation. O(number of buckets).
  public mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  /// The number of observations.
  public var total: Int { counts.reduce(0, +) }
}
