/// The difference of two strings as a few replacements of whole words.
enum TextDifference {
  /// Words on either side above which what differs is replaced as a whole.
  private static let maximumWords = 400

  /// The changes that make `new` out of `old`: ascending, apart, in UTF-16 offsets of `old`.
  static func changes(from old: String, to new: String) -> [TextChange] {
    let (a, b) = (Array(old.unicodeScalars), Array(new.unicodeScalars))
    guard let whole = gap(a[...], b[...]) else { return [] }
    let (words, newWords) = (split(a[whole.old]), split(b[whole.new]))
    var gaps = [whole]
    if words.count <= maximumWords, newWords.count <= maximumWords {
      gaps = matched(words, newWords, whole).compactMap { gap(a[$0.old], b[$0.new]) }
    }
    var offset = 0
    var scalar = 0
    return gaps.map { gap in
      offset += a[scalar..<gap.old.lowerBound].utf16Count
      let start = offset
      offset += a[gap.old].utf16Count
      scalar = gap.old.upperBound
      var replacement = String.UnicodeScalarView()
      replacement.append(contentsOf: b[gap.new])
      return TextChange(range: start..<offset, replacement: String(replacement))
    }
  }

  private struct Gap {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// What is left between the common start and the common end; nil if nothing is.
  private static func gap(_ a: ArraySlice<Unicode.Scalar>, _ b: ArraySlice<Unicode.Scalar>) -> Gap? {
    var (start, newStart) = (a.startIndex, b.startIndex)
    var (end, newEnd) = (a.endIndex, b.endIndex)
    while start < end, newStart < newEnd, a[start] == b[newStart] {
      start += 1
      newStart += 1
    }
    while end > start, newEnd > newStart, a[end - 1] == b[newEnd - 1] {
      end -= 1
      newEnd -= 1
    }
    return start == end && newStart == newEnd ? nil : Gap(old: start..<end, new: newStart..<newEnd)
  }

  /// Runs of letters and digits, and every other scalar on its own.
  private static func split(_ scalars: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
    var words: [ArraySlice<Unicode.Scalar>] = []
    var start = scalars.startIndex
    for index in scalars.indices {
      let next = index + 1
      let isInside =
        next < scalars.endIndex && scalars[index].properties.isAlphanumeric && scalars[next].properties.isAlphanumeric
      if !isInside {
        words.append(scalars[start..<next])
        start = next
      }
    }
    return words
  }

  /// The places where the words differ.
  private static func matched(
    _ old: [ArraySlice<Unicode.Scalar>], _ new: [ArraySlice<Unicode.Scalar>], _ whole: Gap
  ) -> [Gap] {
    let difference = new.difference(from: old)
    let removed = offsets(difference.removals)
    let inserted = offsets(difference.insertions)
    var gaps: [Gap] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      let (start, newStart) = (i, j)
      while removed.contains(i) { i += 1 }
      while inserted.contains(j) { j += 1 }
      if i > start || j > newStart {
        gaps.append(Gap(old: range(old, start..<i, whole.old), new: range(new, newStart..<j, whole.new)))
      } else {
        i += 1
        j += 1
      }
    }
    return gaps
  }

  private static func offsets(_ changes: [CollectionDifference<ArraySlice<Unicode.Scalar>>.Change]) -> Set<Int> {
    Set(
      changes.map { change in
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
      })
  }

  /// The scalars that some of the words cover.
  private static func range(
    _ words: [ArraySlice<Unicode.Scalar>], _ range: Range<Int>, _ all: Range<Int>
  ) -> Range<Int> {
    let start = range.lowerBound < words.count ? words[range.lowerBound].startIndex : all.upperBound
    return start..<(range.isEmpty ? start : words[range.upperBound - 1].endIndex)
  }
}

extension Unicode.Scalar.Properties {
  fileprivate var isAlphanumeric: Bool { isAlphabetic || numericType != nil }
}

extension ArraySlice<Unicode.Scalar> {
  fileprivate var utf16Count: Int { reduce(0) { $0 + ($1.value > 0xFFFF ? 2 : 1) } }
}
