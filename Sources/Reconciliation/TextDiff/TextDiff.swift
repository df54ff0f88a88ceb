import YCRDT

/// The difference of two texts, as few and small changes as fit people's edits: whole lines where lines were added, words
/// and characters where a line was touched. Offsets are UTF-16; no change begins or ends inside a grapheme cluster.
struct TextDiff {
  private let units: [UInt16]  // the old text, then the new one
  private let oldCount: Int
  private var newCount: Int { units.count - oldCount }

  /// The changes that make `new` out of `old`: ascending, disjoint, not touching. Nothing finer than `finest` is told apart.
  /// Close to linear in the texts' length; what the budget does not reach becomes one coarse change.
  static func changes(
    from old: String, to new: String, finest: TokenLevel = .unit, budget: inout DiffBudget
  ) -> [TextChange] {
    let diff = TextDiff(old, new)
    let matches = diff.snapped(diff.matches(finest: finest, budget: &budget))
    return matches.gaps(in: diff.whole).map { gap in
      TextChange(range: gap.old, replacement: String(units: diff.units[diff.newRange(gap.new)]))
    }
  }

  private init(_ old: String, _ new: String) {
    var units = old.units
    oldCount = units.count
    units += new.units
    self.units = units
  }

  private var whole: Gap { Gap(old: 0..<oldCount, new: 0..<newCount) }

  private func newRange(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound + oldCount..<range.upperBound + oldCount
  }

  // MARK: Matching

  private func matches(finest: TokenLevel, budget: inout DiffBudget) -> [Match] {
    var found = affixes()
    for level in TokenLevel.allCases where level <= finest {
      let gaps = found.gaps(in: whole)
      guard gaps.contains(where: \.isOpen) else { break }
      found.append(contentsOf: matches(in: gaps.filter(\.isOpen), level: level, budget: &budget))
      found.sort { $0.old < $1.old }
      found = found.coalesced()
    }
    return found
  }

  /// The whole lines both texts begin and end with. (Cutting inside a line here would slide an inserted line into its
  /// neighbour.)
  private func affixes() -> [Match] {
    let limit = min(oldCount, newCount)
    var prefix = 0
    while prefix < limit, units[prefix] == units[oldCount + prefix] { prefix += 1 }
    if prefix < max(oldCount, newCount) {
      while !isLineStart(prefix, in: 0) { prefix -= 1 }
    }
    var suffix = 0
    while suffix < limit - prefix, units[oldCount - 1 - suffix] == units[units.count - 1 - suffix] { suffix += 1 }
    while suffix > 0, !(isLineStart(oldCount - suffix, in: 0) && isLineStart(newCount - suffix, in: oldCount)) {
      suffix -= 1
    }
    return [
      Match(old: 0, new: 0, count: prefix), Match(old: oldCount - suffix, new: newCount - suffix, count: suffix),
    ].coalesced()
  }

  private func isLineStart(_ offset: Int, in textStart: Int) -> Bool {
    offset == 0 || units[textStart + offset - 1] == 0x0A
  }

  /// Cuts the gaps into tokens of one level and matches these, gap by gap.
  private func matches(in gaps: [Gap], level: TokenLevel, budget: inout DiffBudget) -> [Match] {
    var table = SymbolTable(units: units)
    var old = TokenSequence()
    var new = TokenSequence()
    let tokenGaps = gaps.map { gap in
      Gap(
        old: old.append(gap.old, of: units, level: level, table: &table),
        new: new.append(newRange(gap.new), of: units, level: level, table: &table))
    }
    var matcher = SequenceMatcher(old: old.symbols, new: new.symbols, symbolCount: table.count)
    var result: [Match] = []
    for (gap, tokenGap) in zip(gaps, tokenGaps) {
      let matches = matcher.matches(in: tokenGap, budget: &budget).map { match in
        let start = old.starts[match.old]
        let end = old.ends[match.oldEnd - 1]
        return Match(old: start, new: new.starts[match.new] - oldCount, count: end - start)
      }
      result.append(contentsOf: level == .unit ? Self.withoutChance(matches, in: gap) : matches)
    }
    return result
  }

  /// Single characters that two different words have in common by chance are no reason to shred a change: what is
  /// between the equal ends counts only when it is at least half of the shorter side.
  private static func withoutChance(_ matches: [Match], in gap: Gap) -> [Match] {
    func isAtEnd(_ match: Match) -> Bool {
      (match.old == gap.old.lowerBound && match.new == gap.new.lowerBound)
        || (match.oldEnd == gap.old.upperBound && match.newEnd == gap.new.upperBound)
    }
    var (ends, inner) = (0, 0)
    for match in matches {
      if isAtEnd(match) { ends += match.count } else { inner += match.count }
    }
    return inner * 2 >= min(gap.old.count, gap.new.count) - ends ? matches : matches.filter(isAtEnd)
  }

  // MARK: Grapheme clusters

  private func snapped(_ matches: [Match]) -> [Match] {
    var oldBoundaries = GraphemeBoundaries(Array(units[..<oldCount]))
    var newBoundaries = GraphemeBoundaries(Array(units[oldCount...]))
    return matches.map { match in
      var (start, end) = (0, match.count)
      while start < end, !(oldBoundaries.contains(match.old + start) && newBoundaries.contains(match.new + start)) {
        start += 1
      }
      while start < end, !(oldBoundaries.contains(match.old + end) && newBoundaries.contains(match.new + end)) {
        end -= 1
      }
      return Match(old: match.old + start, new: match.new + start, count: end - start)
    }.coalesced()
  }
}

/// Tokens of one side: where they are in the units, and their symbols.
private struct TokenSequence {
  var starts: [Int] = []
  var ends: [Int] = []
  var symbols: [Int32] = []

  /// Appends the tokens of `range`, and returns their indexes.
  mutating func append(
    _ range: Range<Int>, of units: [UInt16], level: TokenLevel, table: inout SymbolTable
  ) -> Range<Int> {
    let first = starts.count
    var start = range.lowerBound
    for end in level.tokenEnds(in: range, of: units) {
      starts.append(start)
      ends.append(end)
      symbols.append(table.symbol(of: start..<end))
      start = end
    }
    return first..<starts.count
  }
}
