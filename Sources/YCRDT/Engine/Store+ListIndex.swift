/// Making, using and keeping the indexes of long lists.
extension Store {
  // MARK: - Making

  /// The slot of a list's index, which is made if there is none.
  @discardableResult mutating func makeListIndex(_ type: TypeIndex) -> Int {
    if types[type].listIndex != .none { return Int(types[type].listIndex) }
    var count = 0
    var item = types[type].first
    while item != .none {
      count += 1
      item = items[item].right
    }
    var index = ListIndex(type, itemCount: count)
    var number = 0
    item = types[type].first
    while item != .none {
      if number.isMultiple(of: index.chunkSize) {
        index.chunks.append(ListIndex.Chunk(first: item, units: 0))
        items[item].flags.insert(.marked)
      }
      index.chunks[index.chunks.count - 1].units += liveUnits(item)
      number += 1
      item = items[item].right
    }
    visitedItems &+= 2 * count
    let slot = listIndexes.firstIndex { $0.type == .none } ?? listIndexes.count
    if slot == listIndexes.count { listIndexes.append(index) } else { listIndexes[slot] = index }
    types[type].listIndex = UInt32(slot)
    return slot
  }

  mutating func dropListIndex(_ type: TypeIndex) {
    let slot = types[type].listIndex
    guard slot != .none else { return }
    for chunk in listIndexes[Int(slot)].chunks { items[chunk.first].flags.remove(.marked) }
    listIndexes[Int(slot)] = ListIndex(.none, itemCount: 0)
    types[type].listIndex = .none
  }

  @inline(__always) func liveUnits(_ item: ItemIndex) -> Int {
    items[item].isLiveAndCountable ? Int(items[item].length) : 0
  }

  // MARK: - Finding

  /// The chunk that holds the unit before an index, which is in bounds and not 0, and the index at which it starts.
  private mutating func chunk(_ slot: Int, before index: Int) -> (chunk: Int, start: Int) {
    var chunk = 0
    var start = 0
    while start + listIndexes[slot].chunks[chunk].units < index {
      start += listIndexes[slot].chunks[chunk].units
      chunk += 1
    }
    visitedItems &+= chunk + 1
    return (chunk, start)
  }

  /// The live item that holds the unit before an index, which is in bounds and not 0, and the index at which it starts.
  mutating func locateByChunk(_ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int) {
    let slot = makeListIndex(type)
    var (chunk, start) = chunk(slot, before: index)
    var item = listIndexes[slot].chunks[chunk].first
    var chunkStart = start
    var steps = 0
    while true {
      let units = liveUnits(item)
      if units > 0, start + units >= index { break }
      start += units
      item = items[item].right
      steps += 1
      visitedItems &+= 1
      if steps == 2 * listIndexes[slot].chunkSize {
        divide(slot, chunk, at: item, units: start - chunkStart)
        chunk += 1
        chunkStart = start
        steps = 0
      }
    }
    listIndexes[slot].near = item
    listIndexes[slot].nearChunk = chunk
    if listIndexes[slot].isScattered { dropListIndex(type) }
    return (item, start)
  }

  /// Makes two chunks of one: the first part has `units` units, the second begins with an item.
  private mutating func divide(_ slot: Int, _ chunk: Int, at item: ItemIndex, units: Int) {
    assert(!items[item].flags.contains(.marked), "a chunk without the units it counts")
    let rest = listIndexes[slot].chunks[chunk].units - units
    listIndexes[slot].chunks[chunk].units = units
    listIndexes[slot].chunks[chunk].formats = nil
    listIndexes[slot].chunks.insert(ListIndex.Chunk(first: item, units: rest), at: chunk + 1)
    items[item].flags.insert(.marked)
  }

  /// A place not far in front of an index, with the index of its right neighbour and the formats in force there.
  mutating func formattedPlace(_ type: TypeIndex, before index: Int) -> (position: TextPosition, start: Int) {
    let slot = makeListIndex(type)
    let (chunk, start) = chunk(slot, before: index)
    let first = listIndexes[slot].chunks[chunk].first
    var position = TextPosition(left: items[first].left, right: first)
    for number in 0..<chunk { position.attributes.apply(formats(slot, number)) }
    return (position, start)
  }

  private mutating func formats(_ slot: Int, _ chunk: Int) -> FormatEffect {
    if let known = listIndexes[slot].chunks[chunk].formats { return known }
    var effect = FormatEffect()
    var item = listIndexes[slot].chunks[chunk].first
    repeat {
      if items[item].kind == .format, !items[item].isDeleted {
        let (key, value) = format(item)
        effect.apply(key, value)
      }
      item = items[item].right
      visitedItems &+= 1
    } while item != .none && !items[item].flags.contains(.marked)
    listIndexes[slot].chunks[chunk].formats = effect
    return effect
  }

  // MARK: - Keeping

  /// Notes that an item was put into a list that has an index.
  mutating func noteInserted(_ item: ItemIndex, in type: TypeIndex) {
    let slot = Int(types[type].listIndex)
    if items[item].left == .none {
      items[listIndexes[slot].chunks[0].first].flags.remove(.marked)
      listIndexes[slot].chunks[0].first = item
      listIndexes[slot].forgetNear()
      items[item].flags.insert(.marked)
    }
    noteChanged(item, in: type, by: liveUnits(item))
  }

  /// Notes that an item of a list that has an index has become longer or, being deleted, counts no more.
  mutating func noteChanged(_ item: ItemIndex, in type: TypeIndex, by units: Int) {
    let slot = Int(types[type].listIndex)
    guard let chunk = chunk(slot, of: item) else { return dropListIndex(type) }
    listIndexes[slot].chunks[chunk].units += units
    if items[item].kind == .format { listIndexes[slot].chunks[chunk].formats = nil }
  }

  /// The chunk of an item; nil if that has become too long.
  private mutating func chunk(_ slot: Int, of item: ItemIndex) -> Int? {
    let near = listIndexes[slot].near
    let limit = 4 * listIndexes[slot].chunkSize
    var start = item
    var steps = 0
    while start != near, !items[start].flags.contains(.marked) {
      start = items[start].left
      steps += 1
      if steps > limit { return nil }
    }
    visitedItems &+= steps
    guard let chunk = start == near ? listIndexes[slot].nearChunk : listIndexes[slot].chunk(startingWith: start) else {
      return nil
    }
    listIndexes[slot].near = item
    listIndexes[slot].nearChunk = chunk
    return chunk
  }

  /// Notes that `right`, whose record was `gone`, has become part of `left`.
  mutating func noteMerged(_ right: ItemIndex, _ gone: Item, into left: ItemIndex) {
    guard types[gone.parent].listIndex != .none, gone.key == .none else { return }
    let slot = Int(types[gone.parent].listIndex)
    guard gone.flags.contains(.marked) else {
      if listIndexes[slot].near == right { listIndexes[slot].near = left }
      return
    }
    listIndexes[slot].forgetNear()
    guard let chunk = listIndexes[slot].chunk(startingWith: right) else { return }
    let units = gone.isLiveAndCountable ? Int(gone.length) : 0
    listIndexes[slot].chunks[chunk - 1].units += units
    listIndexes[slot].chunks[chunk].units -= units
    if gone.right == .none || items[gone.right].flags.contains(.marked) {
      listIndexes[slot].chunks.remove(at: chunk)
    } else {
      listIndexes[slot].chunks[chunk].first = gone.right
      items[gone.right].flags.insert(.marked)
    }
  }
}
