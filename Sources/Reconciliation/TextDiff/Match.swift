/// A run that is equal in the old and in the new sequence.
struct Match: Equatable {
  var old: Int
  var new: Int
  var count: Int

  var oldEnd: Int { old + count }
  var newEnd: Int { new + count }
}

/// A stretch of both sequences in which nothing is matched yet.
struct Gap {
  var old: Range<Int>
  var new: Range<Int>

  /// Whether matching inside can find anything.
  var isOpen: Bool { !old.isEmpty && !new.isEmpty }
}

extension [Match] {
  /// Joins matches that continue each other. The matches must be in ascending order.
  func coalesced() -> [Match] {
    var result: [Match] = []
    for match in self where match.count > 0 {
      if let last = result.last, last.oldEnd == match.old, last.newEnd == match.new {
        result[result.count - 1].count += match.count
      } else {
        result.append(match)
      }
    }
    return result
  }

  /// What the matches leave out of `whole`, ascending.
  func gaps(in whole: Gap) -> [Gap] {
    var result: [Gap] = []
    var old = whole.old.lowerBound
    var new = whole.new.lowerBound
    for match in self {
      if old < match.old || new < match.new { result.append(Gap(old: old..<match.old, new: new..<match.new)) }
      (old, new) = (match.oldEnd, match.newEnd)
    }
    if old < whole.old.upperBound || new < whole.new.upperBound {
      result.append(Gap(old: old..<whole.old.upperBound, new: new..<whole.new.upperBound))
    }
    return result
  }
}
