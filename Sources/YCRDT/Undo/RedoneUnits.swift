/// Which units were brought back by undo managers of this document, and as which new units.
///
/// It is local: other replicas know nothing of it.
struct RedoneUnits {
  private struct Run {
    var clocks: Range<UInt64>
    var target: ID
  }

  /// Per client, ascending by clock and apart.
  private var runs: [ClientID: [Run]] = [:]

  var isEmpty: Bool { runs.isEmpty }

  /// The new unit of one that was brought back.
  func next(of id: ID) -> ID? {
    guard let runs = runs[id.client] else { return nil }
    let index = Self.place(of: id.clock, in: runs)
    guard index < runs.count, runs[index].clocks.contains(id.clock) else { return nil }
    let target = runs[index].target
    return ID(client: target.client, clock: target.clock + id.clock - runs[index].clocks.lowerBound)
  }

  /// The newest unit that a unit has become; itself if it was not brought back.
  func last(of id: ID) -> ID {
    var id = id
    while let next = next(of: id) { id = next }
    return id
  }

  /// Notes that units were brought back, for the first time.
  mutating func insert(_ client: ClientID, _ clocks: Range<UInt64>, as target: ID) {
    let index = Self.place(of: clocks.lowerBound, in: runs[client] ?? [])
    runs[client, default: []].insert(Run(clocks: clocks, target: target), at: index)
  }

  /// The first run that ends behind a clock.
  private static func place(of clock: UInt64, in runs: [Run]) -> Int {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].clocks.upperBound > clock { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
