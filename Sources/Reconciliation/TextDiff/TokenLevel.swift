/// How a text is cut into the tokens that are compared: coarse first, finer inside what differs.
enum TokenLevel: Int, CaseIterable, Comparable {
  case line, word, unit

  static func < (a: TokenLevel, b: TokenLevel) -> Bool { a.rawValue < b.rawValue }

  /// The ends of the tokens that `range` of `units` consists of.
  func tokenEnds(in range: Range<Int>, of units: [UInt16]) -> [Int] {
    var ends: [Int] = []
    var start = range.lowerBound
    while start < range.upperBound {
      start = tokenEnd(from: start, limit: range.upperBound, of: units)
      ends.append(start)
    }
    return ends
  }

  private func tokenEnd(from start: Int, limit: Int, of units: [UInt16]) -> Int {
    switch self {
    case .unit:
      return start + 1
    case .line:
      var end = start
      while end < limit {
        end += 1
        if units[end - 1] == 0x0A { break }
      }
      return end
    case .word:
      let kind = Kind(units[start])
      var end = start + 1
      if kind == .leadingSurrogate { return min(end + 1, limit) }
      guard kind != .single else { return end }
      while end < limit, Kind(units[end]) == kind { end += 1 }
      return end
    }
  }

  private enum Kind {
    case word, space, single, leadingSurrogate

    /// Letters of alphabets form words. Punctuation, ideographs and symbols stand for themselves.
    init(_ unit: UInt16) {
      switch unit {
      case 0x20, 0x09: self = .space
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0x1FFF: self = .word
      case 0xD800...0xDBFF: self = .leadingSurrogate
      default: self = .single
      }
    }
  }
}
