/// Where the last local edit of a list or text was made: the next one is mostly near.
struct ListCursor {
  /// The type edited last; `.none` if the place is not known any more.
  var type = TypeIndex.none
  /// An item of its list, and the index at which it starts.
  var item = ItemIndex.none
  var index = 0
}

/// Finding list indexes from the place of the last local edit, in either direction.
///
/// The place is forgotten when the type changes in any other way than by a local edit, which sets it anew.
extension Store {
  /// The item that ends right before an index that is in bounds, after splitting the one around it; `.none` for 0.
  mutating func listPosition(_ type: TypeIndex, _ index: Int) -> ItemIndex {
    guard index > 0 else {
      forgetCursor(in: type)
      return .none
    }
    var (item, start) = nearestStart(type, index)
    while start >= index {
      item = items[item].left
      if items[item].isLiveAndCountable { start -= Int(items[item].length) }
    }
    while true {
      let record = items[item]
      if record.isLiveAndCountable {
        let end = start + Int(record.length)
        if end >= index {
          if end > index { _ = split(item, at: UInt64(index - start)) }
          cursor = ListCursor(type: type, item: item, index: start)
          return item
        }
        start = end
      }
      item = record.right
    }
  }

  /// The first item, the last, or that of the last edit: whichever is nearest, with the index at which it starts.
  func nearestStart(_ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int) {
    let record = types[type]
    let length = Int(record.length)
    let isKnown = cursor.type == type
    if isKnown, abs(index - cursor.index) <= min(index, length - index) { return (cursor.item, cursor.index) }
    if index <= length - index { return (record.first, 0) }
    let last = items[record.last]
    return (record.last, length - (last.isLiveAndCountable ? Int(last.length) : 0))
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
