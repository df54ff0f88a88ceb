/// A set of ids: per client sorted, disjoint ranges of clocks. The delete set of a document is one.
public struct IdSet: Hashable, Sendable {
  private(set) var runs: [ClientID: [Range<UInt64>]] = [:]

  /// The empty set.
  public init() {}

  /// The set of ranges in any order, which may overlap.
  init(collected: [ClientID: [Range<UInt64>]]) {
    runs = collected.mapValues { $0.sortedAndJoined() }.filter { !$0.value.isEmpty }
  }

  /// Whether it holds nothing.
  public var isEmpty: Bool { runs.isEmpty }

  /// The clients with ids in the set, greatest first.
  public var clients: [ClientID] { runs.keys.sorted(by: >) }

  /// How many ids it holds; the greatest number where they are more than that.
  public var count: UInt64 {
    var count: UInt64 = 0
    for range in runs.values.joined() {
      let (sum, overflows) = count.addingReportingOverflow(range.upperBound - range.lowerBound)
      if overflows { return .max }
      count = sum
    }
    return count
  }

  /// The clocks of a client, ascending, neither overlapping nor touching.
  public func ranges(of client: ClientID) -> [Range<UInt64>] {
    runs[client] ?? []
  }

  /// Adds a range of clocks. Amortised O(1) behind the client's last range, else O(ranges of the client).
  public mutating func insert(_ client: ClientID, _ range: Range<UInt64>) {
    guard !range.isEmpty else { return }
    runs[client, default: []].insert(range)
  }

  /// Whether it holds the id. O(log ranges).
  public func contains(_ id: ID) -> Bool {
    guard let ranges = runs[id.client] else { return false }
    let index = ranges.firstIndex(endingAfter: id.clock)
    return index < ranges.count && ranges[index].contains(id.clock)
  }

  /// Adds all ids of the other set.
  public mutating func formUnion(_ other: IdSet) {
    for (client, ranges) in other.runs {
      runs[client] = runs[client].map { $0.united(with: ranges) } ?? ranges
    }
  }

  /// Removes all ids of the other set.
  public mutating func subtract(_ other: IdSet) {
    for (client, ranges) in other.runs {
      guard let mine = runs[client] else { continue }
      let rest = mine.subtracting(ranges)
      runs[client] = rest.isEmpty ? nil : rest
    }
  }

  /// Keeps only the ids that are in the other set too.
  public mutating func formIntersection(_ other: IdSet) {
    for (client, mine) in runs {
      let common = mine.intersection(with: other.ranges(of: client))
      runs[client] = common.isEmpty ? nil : common
    }
  }
}

extension [Range<UInt64>] {
  /// The first range that ends after `clock`. O(log n).
  func firstIndex(endingAfter clock: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].upperBound > clock { high = middle } else { low = middle + 1 }
    }
    return low
  }

  fileprivate mutating func insert(_ range: Range<UInt64>) {
    guard let last, last.upperBound >= range.lowerBound else { return append(range) }
    // Everything in start..<end touches or overlaps the new range.
    let start = range.lowerBound == 0 ? 0 : firstIndex(endingAfter: range.lowerBound - 1)
    var end = start
    var joined = range
    while end < count, self[end].lowerBound <= range.upperBound {
      joined = Swift.min(joined.lowerBound, self[end].lowerBound)..<Swift.max(joined.upperBound, self[end].upperBound)
      end += 1
    }
    replaceSubrange(start..<end, with: CollectionOfOne(joined))
  }

  fileprivate func sortedAndJoined() -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = result.last, last.upperBound >= range.lowerBound {
        result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  fileprivate func united(with other: [Range<UInt64>]) -> [Range<UInt64>] {
    (self + other).sortedAndJoined()
  }

  fileprivate func intersection(with other: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    var a = 0
    var b = 0
    while a < count, b < other.count {
      let common = self[a].clamped(to: other[b])
      if !common.isEmpty { result.append(common) }
      if self[a].upperBound < other[b].upperBound { a += 1 } else { b += 1 }
    }
    return result
  }

  fileprivate func subtracting(_ other: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    var b = 0
    for range in self {
      var start = range.lowerBound
      while b < other.count, other[b].upperBound <= start { b += 1 }
      var cut = b
      while cut < other.count, other[cut].lowerBound < range.upperBound {
        if other[cut].lowerBound > start { result.append(start..<other[cut].lowerBound) }
        start = Swift.max(start, other[cut].upperBound)
        cut += 1
      }
      if start < range.upperBound { result.append(start..<range.upperBound) }
    }
    return result
  }
}
