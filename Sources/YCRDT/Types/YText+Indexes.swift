/// Checking indexes, as ``Doc/surrogatePairs`` wants it.
extension YText {
  /// An index at which content can be inserted.
  func checkedIndex(_ index: Int) throws(YError) -> Int {
    try check(index)
    guard try isInsideRefusedPair(index) else { return index }
    return index - 1
  }

  /// A range that can be edited. If it may pass the end, what lies beyond has to have room.
  func checkedRange(_ range: Range<Int>, mayPass: Bool = false) throws(YError) -> Range<Int> {
    try check(range.lowerBound)
    if mayPass {
      try doc.reserve(max(0, range.upperBound - length))
    } else {
      try check(range.upperBound)
    }
    var (start, end) = (range.lowerBound, range.upperBound)
    if try isInsideRefusedPair(start) { start -= 1 }
    guard !range.isEmpty else { return start..<start }
    if try isInsideRefusedPair(end) { end += 1 }
    return start..<end
  }

  /// Whether the index lies inside a surrogate pair that is not to be torn apart. Throws if it has to.
  private func isInsideRefusedPair(_ index: Int) throws(YError) -> Bool {
    guard doc.surrogatePairs != .tear, index > 0, index < length, !doc.store.isAtASCII(type, index),
      doc.store.splitsPair(type, index)
    else { return false }
    guard doc.surrogatePairs == .snap else { throw .insideSurrogatePair(index: index) }
    return true
  }
}

extension Store {
  /// Whether the index is at ASCII where the last edit was: while somebody types, nothing has to be looked for.
  @inline(__always) func isAtASCII(_ type: TypeIndex, _ index: Int) -> Bool {
    guard cursor.type == type, index >= cursor.index else { return false }
    let item = items.pointer(cursor.item)
    return item.pointee.flags.contains(.ascii) && !item.pointee.isDeleted
      && index - cursor.index <= Int(item.pointee.length)
  }

  /// Whether an index in bounds lies inside a surrogate pair. The place found is kept for the edit that follows.
  mutating func splitsPair(_ type: TypeIndex, _ index: Int) -> Bool {
    let (item, start) = locate(type, index)
    let record = items[item]
    guard start + Int(record.length) > index, record.kind == .string, !record.flags.contains(.ascii) else {
      return false
    }
    return UTF8Shape.byteOffset(of: index - start, in: contentBytes(item), utf16Count: Int(record.length)).splitsPair
  }
}
