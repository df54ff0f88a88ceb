import YCRDT

/// The database's changes to a text, seen against the live ones; both are offsets into the same base.
struct TextMerge {
  /// What the document does not have yet.
  private(set) var pending: [TextChange] = []
  /// What the document has already, change for change: both sides did the same.
  private(set) var shared: [TextChange] = []
  /// The stretch of the base within which both sides changed the same characters or wrote in the same place.
  private(set) var overlap: Range<Int>?

  /// Both ascending and disjoint. O(live + database).
  init(live: [TextChange], database: [TextChange]) {
    for (change, near) in Self.neighbours(of: database, in: live) {
      if near.contains(change) {
        shared.append(change)
        continue
      }
      pending.append(change)
      for other in near where Self.overlaps(change.range, other.range) {
        let bounds = [change.range, other.range, overlap ?? change.range]
        overlap = (bounds.map(\.lowerBound).min() ?? 0)..<(bounds.map(\.upperBound).max() ?? 0)
      }
    }
  }

  /// Each change with the live ones that overlap or touch it.
  private static func neighbours(
    of changes: [TextChange], in live: [TextChange]
  ) -> [(change: TextChange, near: ArraySlice<TextChange>)] {
    var rest = live[...]
    return changes.map { change in
      while let first = rest.first, first.range.upperBound < change.range.lowerBound { rest.removeFirst() }
      return (change, rest.prefix { $0.range.lowerBound <= change.range.upperBound })
    }
  }

  /// Whether two changes are about the same place: common characters, an insertion inside what the other replaces, or two
  /// insertions at one point. Changes that only touch get along.
  private static func overlaps(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    a == b || max(a.lowerBound, b.lowerBound) < min(a.upperBound, b.upperBound)
      || (a.isEmpty && b.lowerBound < a.lowerBound && a.lowerBound < b.upperBound)
      || (b.isEmpty && a.lowerBound < b.lowerBound && b.lowerBound < a.upperBound)
  }

  /// The stretches of the live text that both sides wrote in the same place, as happens when somebody imports what he
  /// read from the document before: where one wrote all that the other did and more, or nearly the same.
  static func writtenByBoth(
    live: [TextChange], database: [TextChange], budget: inout DiffBudget
  ) -> [Range<Int>] {
    var starts: [Range<Int>: Int] = [:]
    var shift = 0
    for change in live {
      starts[change.range] = change.range.lowerBound + shift
      shift += change.shift
    }
    var result: [Range<Int>] = []
    for (ours, near) in neighbours(of: database, in: live) {
      for theirs in near where !ours.replacement.isEmpty && !theirs.replacement.isEmpty {
        guard let start = starts[theirs.range] else { continue }
        let common = commonStretches(theirs.replacement, ours.replacement, budget: &budget)
        result.append(contentsOf: common.map { $0.lowerBound + start..<$0.upperBound + start })
      }
    }
    return result
  }

  /// Where two writings are word for word the same; nothing where that is not most of the shorter one. A few letters that
  /// happen to agree say nothing: taking them for the same would tear both writings apart.
  private static func commonStretches(_ a: String, _ b: String, budget: inout DiffBudget) -> [Range<Int>] {
    // Many changes can be about the same place as one long writing.
    guard budget.spend(a.utf16.count + b.utf16.count) else { return [] }
    var stretches: [Range<Int>] = []
    var start = 0
    for change in TextDiff.changes(from: a, to: b, budget: &budget) {
      if start < change.range.lowerBound { stretches.append(start..<change.range.lowerBound) }
      start = change.range.upperBound
    }
    let length = a.utf16.count
    if start < length { stretches.append(start..<length) }
    let shorter = min(length, b.utf16.count)
    if stretches.first?.count == length, length == b.utf16.count { return stretches }
    let telling = stretches.filter { $0.count >= tellingLength }
    return telling.reduce(0) { $0 + $1.count } * 4 >= shorter * 3 ? telling : []
  }

  /// UTF-16 units that two people do not write the same by chance.
  private static let tellingLength = 12

  /// The pending changes as edits of the live text, for texts whose characters cannot be told by their ids: ascending and
  /// disjoint; an insertion comes behind the last character in front of it that is still there.
  func liveEdits(live: [TextChange]) -> [TextChange] {
    let places = LivePlaces(live)
    var edits: [TextChange] = []
    for change in pending {
      if !change.replacement.isEmpty {
        let offset = places.offset(behind: change.range.lowerBound)
        edits.append(TextChange(range: offset..<offset, replacement: change.replacement))
      }
      edits += places.surviving(change.range).map { TextChange(range: $0, replacement: "") }
    }
    return edits
  }

  /// Where the live text has the replacements of these changes, which are some of `live`.
  static func liveRanges(of changes: [TextChange], in live: [TextChange]) -> [Range<Int>] {
    let wanted = Set(changes.map(\.range))
    var result: [Range<Int>] = []
    var shift = 0
    for change in live {
      let start = change.range.lowerBound + shift
      if wanted.contains(change.range), !change.replacement.isEmpty {
        result.append(start..<start + change.replacement.utf16.count)
      }
      shift += change.shift
    }
    return result
  }

  /// Whether a change replaces something in one of the ranges. Both ascend.
  static func touch(_ changes: [TextChange], _ ranges: [Range<Int>]) -> Bool {
    var rest = ranges[...]
    for change in changes {
      while let first = rest.first, first.upperBound <= change.range.lowerBound { rest.removeFirst() }
      if let first = rest.first, first.overlaps(change.range) { return true }
    }
    return false
  }
}

/// Finds places of a base in the live text. Lookups are O(log changes).
private struct LivePlaces {
  private let changes: [TextChange]
  /// How much longer the live text is than the base in front of each change; one more for the end.
  private var shifts = [0]

  init(_ changes: [TextChange]) {
    self.changes = changes
    for change in changes { shifts.append(shifts[shifts.count - 1] + change.shift) }
  }

  /// The first change that ends at `offset` or behind it.
  private func firstChange(endingFrom offset: Int) -> Int {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].range.upperBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where the live text has the end of the base's first `offset` characters, or of those of them that are left.
  func offset(behind offset: Int) -> Int {
    let index = firstChange(endingFrom: offset)
    let isInside = index < changes.count && changes[index].range.lowerBound < offset
    return (isInside ? changes[index].range.lowerBound : offset) + shifts[index]
  }

  /// The stretches of the live text that hold what is left of a range of the base.
  func surviving(_ range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = range.lowerBound
    var index = firstChange(endingFrom: start)
    while start < range.upperBound {
      let change = index < changes.count ? changes[index].range : range.upperBound..<range.upperBound
      let end = min(change.lowerBound, range.upperBound)
      if start < end { result.append(start + shifts[index]..<end + shifts[index]) }
      start = max(start, change.upperBound)
      index = min(index + 1, changes.count)
    }
    return result
  }
}

extension TextChange {
  /// How much longer the text becomes.
  var shift: Int { replacement.utf16.count - range.count }
}

extension [TextChange] {
  /// `text` with these changes, which are ascending and disjoint.
  func applied(to text: String) -> String {
    let units = text.units
    var result: [UInt16] = []
    var start = 0
    for change in self {
      result.append(contentsOf: units[start..<change.range.lowerBound])
      result += change.replacement.units
      start = change.range.upperBound
    }
    result.append(contentsOf: units[start...])
    return String(units: result[...])
  }
}
