/// Finds what two sequences of symbols have in common, in order.
///
/// Equal ends first, then symbols that occur once on either side (the longest run of them in ascending order: patience
/// diff), and where there are none, Myers' divide and conquer by the middle snake ("An O(ND) Difference Algorithm and
/// Its Variations", 1986), up to a bounded number of edits. O((n + m) log n) beside what Myers spends of the budget.
struct SequenceMatcher {
  private struct Occurrence {
    var inOld: Int32 = 0
    var inNew: Int32 = 0
    var newIndex: Int32 = 0
  }

  private let old: [Int32]
  private let new: [Int32]
  private var occurrences: [Occurrence]
  private var pending: [Gap] = []
  private var found: [Match] = []

  /// Symbols are numbers in `0..<symbolCount`; equal numbers mean equal tokens.
  init(old: [Int32], new: [Int32], symbolCount: Int) {
    self.old = old
    self.new = new
    occurrences = Array(repeating: Occurrence(), count: symbolCount)
  }

  /// The matches within `gap`, ascending and joined.
  mutating func matches(in gap: Gap, budget: inout DiffBudget) -> [Match] {
    found = []
    pending = [gap]
    while let next = pending.popLast() {
      let gap = trimmed(next)
      guard gap.isOpen, budget.spend(gap.old.count + gap.new.count) else { continue }
      if splitAtUniqueSymbols(gap) { continue }
      splitAtMiddleSnake(gap, budget: &budget)
    }
    found.sort { $0.old < $1.old }
    return found.coalesced()
  }

  private mutating func trimmed(_ gap: Gap) -> Gap {
    var (oldStart, newStart) = (gap.old.lowerBound, gap.new.lowerBound)
    var (oldEnd, newEnd) = (gap.old.upperBound, gap.new.upperBound)
    while oldStart < oldEnd, newStart < newEnd, old[oldStart] == new[newStart] {
      oldStart += 1
      newStart += 1
    }
    note(old: gap.old.lowerBound, new: gap.new.lowerBound, count: oldStart - gap.old.lowerBound)
    while oldStart < oldEnd, newStart < newEnd, old[oldEnd - 1] == new[newEnd - 1] {
      oldEnd -= 1
      newEnd -= 1
    }
    note(old: oldEnd, new: newEnd, count: gap.old.upperBound - oldEnd)
    return Gap(old: oldStart..<oldEnd, new: newStart..<newEnd)
  }

  private mutating func note(old: Int, new: Int, count: Int) {
    if count > 0 { found.append(Match(old: old, new: new, count: count)) }
  }

  // MARK: Unique symbols

  private mutating func splitAtUniqueSymbols(_ gap: Gap) -> Bool {
    for index in gap.old { occurrences[Int(old[index])].inOld += 1 }
    for index in gap.new {
      occurrences[Int(new[index])].inNew += 1
      occurrences[Int(new[index])].newIndex = Int32(index)
    }
    var candidates: [Match] = []
    for index in gap.old {
      let occurrence = occurrences[Int(old[index])]
      if occurrence.inOld == 1, occurrence.inNew == 1 {
        candidates.append(Match(old: index, new: Int(occurrence.newIndex), count: 1))
      }
    }
    for index in gap.old { occurrences[Int(old[index])] = Occurrence() }
    for index in gap.new { occurrences[Int(new[index])] = Occurrence() }

    let anchors = Self.longestAscending(candidates)
    guard !anchors.isEmpty else { return false }
    found.append(contentsOf: anchors)
    pending.append(contentsOf: anchors.gaps(in: gap).filter(\.isOpen))
    return true
  }

  /// The longest selection of `candidates`, ascending in `old`, that ascends in `new` too.
  private static func longestAscending(_ candidates: [Match]) -> [Match] {
    var tails: [Int] = []  // tails[length - 1]: the candidate with the smallest end of all selections of that length
    var previous = Array(repeating: -1, count: candidates.count)
    for (index, candidate) in candidates.enumerated() {
      var (low, high) = (0, tails.count)
      while low < high {
        let middle = (low + high) / 2
        if candidates[tails[middle]].new < candidate.new { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[index] = tails[low - 1] }
      if low == tails.count { tails.append(index) } else { tails[low] = index }
    }
    var result: [Match] = []
    var index = tails.last ?? -1
    while index >= 0 {
      result.append(candidates[index])
      index = previous[index]
    }
    result.reverse()
    return result
  }

  // MARK: Middle snake

  /// Splits a gap whose ends differ at the middle of a shortest edit script; leaves it unmatched when that is too long.
  private mutating func splitAtMiddleSnake(_ gap: Gap, budget: inout DiffBudget) {
    guard let snake = middleSnake(gap, budget: &budget) else { return }
    note(old: snake.old, new: snake.new, count: snake.count)
    for part in [snake].gaps(in: gap) where part.isOpen { pending.append(part) }
  }

  private func middleSnake(_ gap: Gap, budget: inout DiffBudget) -> Match? {
    let (oldCount, newCount) = (gap.old.count, gap.new.count)
    let delta = oldCount - newCount
    let limit = min((oldCount + newCount + 1) / 2, budget.limits.searchDepth)
    // Furthest reaching x on diagonal k (x - y), at index k + center; one array from either end.
    let center = limit + 1
    var ahead = Array(repeating: 0, count: 2 * center + 1)
    var back = ahead
    for edits in 0...limit {
      var steps = 4 * edits + 4
      let lowest = -(edits - 2 * max(0, edits - newCount))
      let highest = edits - 2 * max(0, edits - oldCount)
      for k in stride(from: lowest, through: highest, by: 2) {
        let start = Self.step(ahead, center: center, k: k, edits: edits)
        var (x, y) = (start, start - k)
        while x < oldCount, y < newCount, old[gap.old.lowerBound + x] == new[gap.new.lowerBound + y] {
          x += 1
          y += 1
        }
        ahead[center + k] = x
        steps += x - start
        let opposite = delta - k
        if delta % 2 != 0, abs(opposite) < edits, x + back[center + opposite] >= oldCount {
          return Match(old: gap.old.lowerBound + start, new: gap.new.lowerBound + start - k, count: x - start)
        }
      }
      for k in stride(from: lowest, through: highest, by: 2) {
        let start = Self.step(back, center: center, k: k, edits: edits)
        var (x, y) = (start, start - k)
        while x < oldCount, y < newCount, old[gap.old.upperBound - 1 - x] == new[gap.new.upperBound - 1 - y] {
          x += 1
          y += 1
        }
        back[center + k] = x
        steps += x - start
        let opposite = delta - k
        if delta % 2 == 0, abs(opposite) <= edits, x + ahead[center + opposite] >= oldCount {
          return Match(old: gap.old.upperBound - x, new: gap.new.upperBound - y, count: x - start)
        }
      }
      guard budget.spend(steps) else { return nil }
    }
    return nil
  }

  private static func step(_ reached: [Int], center: Int, k: Int, edits: Int) -> Int {
    let (below, above) = (reached[center + k - 1], reached[center + k + 1])
    return k == -edits || (k != edits && below < above) ? above : below + 1
  }
}
