/// A text beside Swift strings. Indexes of a text are UTF-16 offsets; strings of the standard library give them with
/// `utf16Offset(in:)`, and what is here takes and gives whole strings.
extension YText {
  /// Whether there is neither text nor an embed. O(1).
  public var isEmpty: Bool { length == 0 }

  /// The text in a range of UTF-16 offsets, without formats and embeds.
  public func substring(_ range: Range<Int>) throws(YError) -> String {
    try check(range)
    return doc.store.string(type, in: range)
  }

  /// Replaces a range of UTF-16 offsets. New text takes on the formats in force at the place.
  public func replaceSubrange(_ range: Range<Int>, with string: String) throws(YError) {
    _ = try doc.author(writing: type)
    let range = try checkedRange(range)
    try doc.reserve(string.utf8.count)
    try insert(string, at: range.upperBound)
    try remove(range)
  }

  /// The UTF-16 offsets of a range of a string: where to edit the text if it shows just this string.
  public static func offsets(of range: Range<String.Index>, in string: String) -> Range<Int> {
    range.lowerBound.utf16Offset(in: string)..<range.upperBound.utf16Offset(in: string)
  }

  /// Changes the text so that it reads `string`, as people do: words that stay are not touched, nor are embeds, and
  /// what others write in them meanwhile is kept. For text views, which tell the whole string after each edit.
  ///
  /// Time is linear in the lengths, plus the square of the words that differ, up to a bound.
  public func replace(with string: String) throws(YError) {
    _ = try doc.author(writing: type)
    try doc.reserve(string.utf8.count)
    let changes = TextDifference.changes(from: self.string, to: string)
    for change in changes.reversed() {
      let places = doc.store.indexes(type, ofText: change.range)
      guard let last = places.last else { continue }
      if !change.replacement.isEmpty { try insert(change.replacement, at: last.upperBound) }
      for place in places.reversed() where !place.isEmpty { try remove(place) }
    }
  }
}

extension Store {
  /// The text of a range of list indexes.
  mutating func string(_ type: TypeIndex, in range: Range<Int>) -> String {
    guard !range.isEmpty else { return "" }
    var result = ""
    var (item, start) = locate(type, range.lowerBound + 1)
    while start < range.upperBound {
      let end = start + liveUnits(item)
      if start < end, items[item].kind == .string {
        let common = range.clamped(to: start..<end)
        result += text(item, UInt64(common.lowerBound - start)..<UInt64(common.upperBound - start))
      }
      start = end
      item = items[item].right
    }
    return result
  }

  /// Where a range of a text's string lies in the text, whose indexes count embeds: several ranges if embeds lie
  /// between. An empty range lies behind the text before it.
  func indexes(_ type: TypeIndex, ofText range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var index = 0
    var offset = 0
    forEachLiveItem(type) { item in
      let length = Int(items[item].length)
      if items[item].kind == .string {
        let common = range.clamped(to: offset..<offset + length)
        let isHere = range.isEmpty ? range.lowerBound > offset && range.lowerBound <= offset + length : !common.isEmpty
        if isHere {
          let start = index - offset + common.lowerBound
          if let last = found.last, last.upperBound == start {
            found[found.count - 1] = last.lowerBound..<start + common.count
          } else {
            found.append(start..<start + common.count)
          }
        }
        offset += length
      }
      index += length
    }
    return found.isEmpty ? [0..<0] : found
  }
}
