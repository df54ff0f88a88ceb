/// What the syncs of this server came to, for the metrics.
struct SyncStatistics: Sendable {
  struct Key: Hashable, Sendable {
    var direction: String
    var outcome: String
  }

  /// How many of each kind there were.
  private(set) var counts: [Key: Int] = [:]
  /// Of those that had something to do, by `bounds`, and above them.
  private(set) var durations = [Int](repeating: 0, count: bounds.count + 1)
  private(set) var seconds = 0.0
  /// Connections that fail, on all servers.
  var failingConnections = 0
  /// Syncs that go on.
  var running = 0

  /// In seconds.
  static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

  mutating func add(_ direction: String, _ outcome: String, _ elapsed: Duration) {
    counts[Key(direction: direction, outcome: outcome), default: 0] += 1
    let time = elapsed / .seconds(1)
    durations[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
    seconds += time
  }
}
