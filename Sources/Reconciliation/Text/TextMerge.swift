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
    var stretches: [Range<Int>] = []
    var start = 0
    for change in TextDiff.changes(from: a, to: b, budget: &budget) {
      if start < change.range.lowerBound { stretches.append(start..<change.range.lowerBound) }
      start = change.range.upperBound
    }
    let length = a.utf16.count
    if start < length { stretches.append(start..<length) }
    let shorter = min(length, b.utf16.count)
    if stretches.count == 1, stretches[0].count == shorter { return stretches }
    let telling = stretches.filter { $0.count >= tellingLength }
    return telling.reduce(0) { $0 + $1.count } * 4 >= shorter * 3 ? telling : []
  }

  /// UTF-16 units that two people do not write the same by chance.
  private static let tellingLength = 12

  /// The pending changes as edits of the live text, for texts whose characters cannot be told by their ids: ascending and
  /// disjoint; an insertion comes behind the last character in front of it that is still there.
  func liveEdits(live: [TextChange]) -> [TextChange] {
    var edits: [TextChange] = []
    for change in pending {
      if !change.replacement.isEmpty {
        let offset = Self.liveOffset(behind: change.range.lowerBound, live)
        edits.append(TextChange(range: offset..<offset, replacement: change.replacement))
      }
      edits.append(
        contentsOf: Self.surviving(change.range, live).map { TextChange(range: $0, replacement: "") })
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

  /// Where the live text has the end of the base's first `offset` characters, or of those of them that are left.
  private static func liveOffset(behind offset: Int, _ live: [TextChange]) -> Int {
    var shift = 0
    for change in live {
      if offset > change.range.upperBound {
        shift += change.shift
      } else if offset > change.range.lowerBound {
        return change.range.lowerBound + shift
      } else {
        break
      }
    }
    return offset + shift
  }

  /// The stretches of the live text that hold what is left of a range of the base.
  private static func surviving(_ range: Range<Int>, _ live: [TextChange]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (start, shift) = (0, 0)
    func add(to end: Int) {
      let part = (start..<end).clamped(to: range)
      if !part.isEmpty { result.append(part.lowerBound + shift..<part.upperBound + shift) }
    }
    for change in live {
      add(to: change.range.lowerBound)
      start = change.range.upperBound
      shift += change.shift
    }
    add(to: max(start, range.upperBound))
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
