/// Writing deleted items anew. They get new ids; the old ones remember what they have become.
extension Store {
  /// Writes an item anew, after what holds it if that was deleted with it. Returns the new item, or the one it was
  /// written anew as before; `.none` if that is not possible.
  mutating func redo(_ item: ItemIndex, _ context: inout RedoContext) -> ItemIndex {
    var chain = [item]
    var holder = types[items[item].parent].item
    while holder != .none, items[holder].isDeleted, redoneTarget(holder) == nil, context.items.contains(holder) {
      chain.append(holder)
      holder = types[items[holder].parent].item
    }
    var result = ItemIndex.none
    for link in chain.reversed() {
      result = redoOne(link, context)
      if result == .none { break }
    }
    return result
  }

  private mutating func redoOne(_ item: ItemIndex, _ context: RedoContext) -> ItemIndex {
    let known = redoneItem(item)
    if known != .none { return known }
    guard let parent = presentParent(of: item) else { return .none }
    var left = ItemIndex.none
    var right = ItemIndex.none
    if items[item].key == .none {
      left = counterpart(from: items[item].left, in: parent, \.left)
      right = counterpart(from: item, in: parent, \.right)
    } else if items[item].right != .none, !context.overridesRemoteMapChanges {
      guard let place = keyPlace(item, context) else { return .none }
      left = place
    } else {
      left = chainEnd(parent, items[item].key)
    }
    return insertCopy(of: item, by: context.author, in: parent, left, right)
  }

  /// The type that an item belongs into now; nil if what held it is gone.
  private mutating func presentParent(of item: ItemIndex) -> TypeIndex? {
    var holder = types[items[item].parent].item
    guard holder != .none else { return items[item].parent }
    if items[holder].isDeleted {
      guard redoneTarget(holder) != nil else { return nil }
      while redoneTarget(holder) != nil { holder = redoneItem(holder) }
    }
    return items[holder].kind == .type ? items[holder].content : nil
  }

  /// The first item from one on, in one direction, that stands in a type, itself or as what it has become.
  private mutating func counterpart(
    from start: ItemIndex, in parent: TypeIndex, _ next: KeyPath<Item, ItemIndex>
  ) -> ItemIndex {
    var item = start
    while item != .none {
      var trace = item
      while trace != .none, items[trace].parent != parent { trace = redoneItem(trace) }
      if trace != .none { return trace }
      item = items[item][keyPath: next]
    }
    return .none
  }

  /// The end of a key's chain, if everything behind an item comes from this replica's own steps; else the key was set
  /// by somebody else, whose value stays.
  private mutating func keyPlace(_ item: ItemIndex, _ context: RedoContext) -> ItemIndex? {
    var left = item
    while items[left].right != .none {
      let right = items[left].right
      let rightID = id(of: right)
      guard
        items[right].flags.contains(.redone) || context.insertions.contains(rightID)
          || context.abandoned.contains(rightID) || context.steps.contains(where: { $0.deletions.contains(rightID) })
      else { return nil }
      left = right
      while redoneTarget(left) != nil { left = redoneItem(left) }
    }
    return left
  }

  private mutating func insertCopy(
    of item: ItemIndex, by author: ClientIndex, in parent: TypeIndex, _ left: ItemIndex, _ right: ItemIndex
  ) -> ItemIndex {
    touch(author)
    transaction.isVerbatim = false
    let original = items[item]
    var copy = Item(clock: clients.records[author].next, length: original.length, client: author, kind: original.kind)
    copy.parent = parent
    copy.key = original.key
    if original.kind == .type {
      let type = types[original.content]
      copy.content = types.append(TypeRecord(item: .none, name: type.name, kind: type.kind, isRoot: false))
    } else if original.hasBytes {
      copy.content = bytes.duplicate(original.content, original.byteCount, room: 0)
      copy.byteCount = original.byteCount
      if original.flags.contains(.ascii) { copy.flags.insert(.ascii) }
    }
    if left != .none {
      copy.left = left
      copy.originClient = items[left].client
      copy.originClock = items[left].end - 1
    }
    if right != .none {
      copy.right = right
      copy.rightClient = items[right].client
      copy.rightClock = items[right].clock
    }
    let index = newItem(copy)
    if original.kind == .type { types[copy.content].item = index }
    items[item].flags.insert(.redone)
    redone.insert(
      clients.records[original.client].id, original.clock..<original.end,
      as: ID(client: clients.records[author].id, clock: copy.clock))
    place(index)
    keep(index, true)
    return index
  }
}
