/// Where the last local edit of a list or text was made: the next one is mostly near.
struct ListCursor {
  /// The type edited last; `.none` if the place is not known any more.
  var type = TypeIndex.none
  /// An item of its list, and the index at which it starts.
  var item = ItemIndex.none
  var index = 0
}

/// Finding list indexes from the place of the last local edit, in either direction; if that is far, by the list's index.
///
/// The place is forgotten when the type changes in any other way than by a local edit, which sets it anew.
extension Store {
  /// The item that ends right before an index that is in bounds, after splitting the one around it; `.none` for 0.
  mutating func listPosition(_ type: TypeIndex, _ index: Int) -> ItemIndex {
    guard index > 0 else {
      forgetCursor(in: type)
      return .none
    }
    let (item, start) = locate(type, index)
    if start + Int(items[item].length) > index { _ = split(item, at: UInt64(index - start)) }
    return item
  }

  /// The last of the deleted items that follow an item without a gap, or the item itself.
  func behindDeleted(_ type: TypeIndex, _ item: ItemIndex) -> ItemIndex {
    var left = item
    var right = left == .none ? types[type].first : items[left].right
    while right != .none, items[right].isDeleted {
      left = right
      right = items[right].right
    }
    return left
  }

  /// The live item that holds the unit before an index, which is in bounds and not 0, and the index at which it starts.
  /// The place found is kept for the edit that follows.
  mutating func locate(_ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int) {
    let found = locateNear(type, index) ?? locateByChunk(type, index)
    cursor = ListCursor(type: type, item: found.item, index: found.start)
    return found
  }

  /// The same by walking; nil if that is long.
  private mutating func locateNear(_ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int)? {
    let limit = types[type].listIndex == .none ? ListIndex.minimumItems : ListIndex.nearby
    var (item, start) = nearestStart(type, index)
    var steps = 0
    defer { visitedItems &+= steps }
    while start >= index {
      item = items[item].left
      start -= liveUnits(item)
      steps += 1
      if steps > limit { return nil }
    }
    while true {
      let units = liveUnits(item)
      if units > 0, start + units >= index { return (item, start) }
      start += units
      item = items[item].right
      steps += 1
      if steps > limit { return nil }
    }
  }

  /// The first item, the last, or that of the last edit: whichever is nearest, with the index at which it starts.
  private func nearestStart(_ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int) {
    let record = types[type]
    let length = Int(record.length)
    let isKnown = cursor.type == type
    if isKnown, abs(index - cursor.index) <= min(index, length - index) { return (cursor.item, cursor.index) }
    if index <= length - index { return (record.first, 0) }
    return (record.last, length - liveUnits(record.last))
  }

  @inline(__always) mutating func forgetCursor(in type: TypeIndex) {
    if cursor.type == type { cursor.type = .none }
  }

  /// Notes the place found last again, after an edit behind it.
  mutating func keepCursor<R>(_ edit: (inout Store) -> R) -> R {
    let place = cursor
    let result = edit(&self)
    cursor = place
    return result
  }
}
