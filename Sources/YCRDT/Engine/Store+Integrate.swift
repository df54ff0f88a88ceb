extension Store {
  /// Makes a decoded struct part of the document. Everything it depends on is known; what is known of it already is
  /// left out. It cannot fail. Of a bulk that is integrated in place, `slot` is the record that the struct lies in.
  ///
  /// The new item is kept in registers until it is whole: nobody gets its address.
  mutating func integrate(
    _ wire: UnsafePointer<WireStruct>, by client: ClientIndex, from source: UnsafePointer<UInt8>, isBulk: Bool,
    slot: ItemIndex = .none
  ) {
    let next = clients.records.pointer(client).pointee.next
    let clock = wire.pointee.clock
    let end = wire.pointee.end
    guard end > next else {
      transaction.isVerbatim = false
      if slot != .none { freeItem(slot) }
      return
    }
    assert(clock <= next, "gap before a struct")
    if wire.pointee.kind == .gc {
      if clock < next { transaction.isVerbatim = false }
      return appendCollected(client, end - next, slot: slot)
    }
    // Structs of a bulk are hardly ever continued by the next one: their writer has joined what could be joined.
    if !isBulk, clock == next, wire.pointee.kind == .string, extendLast(client, wire, source) { return }

    var item = Item(clock: next, length: end &- next, client: client, kind: wire.pointee.kind)
    if clock < next {
      transaction.isVerbatim = false
      item.originClient = client
      item.originClock = next - 1
    } else if wire.pointee.flags.contains(.hasOrigin) {
      let origin = wire.pointee.originClient
      item.originClient = origin == wire.pointee.client ? client : clients.find(origin)
      item.originClock = wire.pointee.originClock
    }
    if item.hasOrigin {
      let followsOwn = item.originClient == client && item.originClock &+ 1 == next
      item.left =
        followsOwn
        ? clients.records.pointer(client).pointee.items.last : cleanEnd(item.originClient, item.originClock)
    }
    if wire.pointee.flags.contains(.hasRightOrigin) {
      let origin = wire.pointee.rightClient
      item.rightClient = origin == wire.pointee.client ? client : clients.find(origin)
      item.rightClock = wire.pointee.rightClock
      item.right = rightNeighbour(item)
    }
    guard resolveParent(&item, wire, source) else {
      transaction.isVerbatim = false
      return appendCollected(client, item.length, slot: slot)
    }
    fill(&item, wire, source)
    let index = newItem(item, slot: slot)
    if item.kind == .type { types[item.content].item = index }
    place(index)
  }

  /// The item that starts at the right origin; mostly it stands right behind the left neighbour.
  @inline(__always) private mutating func rightNeighbour(_ item: borrowing Item) -> ItemIndex {
    if item.left != .none {
      let next = items.pointer(item.left).pointee.right
      if next != .none {
        let record = items.pointer(next)
        if record.pointee.clock == item.rightClock, record.pointee.client == item.rightClient { return next }
      }
    }
    return cleanStart(item.rightClient, item.rightClock)
  }

  /// Finds the type and key the item belongs to; false if its surroundings were collected.
  @inline(__always)
  private mutating func resolveParent(
    _ item: inout Item, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) -> Bool {
    if item.left != .none {
      let left = items.pointer(item.left)
      if left.pointee.isGC { return false }
      if item.right != .none, items.pointer(item.right).pointee.isGC { return false }
      item.parent = left.pointee.parent
      item.key = left.pointee.key
      return true
    }
    if item.right != .none {
      let right = items.pointer(item.right)
      if right.pointee.isGC { return false }
      item.parent = right.pointee.parent
      item.key = right.pointee.key
      return true
    }
    (item.parent, item.key) = namedParent(wire, source)
    return item.parent != .none
  }

  /// The type and the key that the struct names; no type if its holder was collected.
  @inline(never)
  private mutating func namedParent(
    _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) -> (type: TypeIndex, key: KeyIndex) {
    var type = TypeIndex.none
    if wire.pointee.flags.contains(.hasParentName) {
      let name = UnsafeBufferPointer(start: source + Int(wire.pointee.name), count: Int(wire.pointee.nameLength))
      type = root(keys.intern(name))
    } else {
      let holder = find(clients.find(wire.pointee.rightClient), wire.pointee.rightClock)
      guard items[holder].kind == .type else { return (.none, .none) }
      type = items[holder].content
    }
    guard wire.pointee.flags.contains(.hasKey) else { return (type, .none) }
    let key = UnsafeBufferPointer(start: source + Int(wire.pointee.key), count: Int(wire.pointee.keyLength))
    return (type, keys.intern(key))
  }

  /// Copies the content, without its part that is known already.
  @inline(__always)
  private mutating func fill(_ item: inout Item, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>) {
    switch item.kind {
    case .deleted: return
    case .type: item.content = newType(wire, source)
    default:
      if wire.pointee.flags.contains(.needsNormalizing) {
        (item.content, item.byteCount) = appendNormalized(wire, source)
      } else {
        item.content = bytes.append(source + Int(wire.pointee.content), Int(wire.pointee.contentLength))
        item.byteCount = wire.pointee.contentLength
      }
      if wire.pointee.flags.contains(.isASCII) { item.flags.insert(.ascii) }
      let known = item.clock - wire.pointee.clock
      if known > 0 { item = withoutContent(item, known) }
    }
  }

  @inline(never)
  private mutating func newType(_ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>) -> TypeIndex {
    var name = KeyIndex.none
    if wire.pointee.typeKind.hasName {
      name = keys.intern(
        UnsafeBufferPointer(start: source + Int(wire.pointee.content), count: Int(wire.pointee.contentLength)))
    }
    return types.append(TypeRecord(item: .none, name: name, kind: wire.pointee.typeKind, isRoot: false))
  }

  @inline(never)
  private mutating func appendNormalized(
    _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) -> (content: UInt32, count: UInt32) {
    transaction.isVerbatim = false
    let normalized = wire.pointee.normalizedContent(source)
    return (normalized.withUnsafeBufferPointer { appendBytes($0) }, UInt32(normalized.count))
  }

  /// The item without the content of the first `known` units, which are not counted to it any more.
  @inline(never)
  private mutating func withoutContent(_ item: Item, _ known: UInt64) -> Item {
    var whole = item
    whole.length += known
    let left = newItem(whole)
    let right = newItem(item)
    splitContent(left, right, at: known)
    let rest = items[right]
    bytes.waste += Int(items[left].byteCount)
    freeItem(right)
    freeItem(left)
    return rest
  }

  /// The commonest case, typing: the text continues the client's last item, and nothing stands between.
  @inline(__always)
  private mutating func extendLast(
    _ client: ClientIndex, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) -> Bool {
    guard wire.pointee.originClient == wire.pointee.client, wire.pointee.originClock &+ 1 == wire.pointee.clock,
      wire.pointee.flags.contains(.hasOrigin),
      wire.pointee.clock > 0
    else { return false }
    let record = clients.records.mutablePointer(client)
    let last = record.pointee.items.last
    let item = items.mutablePointer(last)
    guard item.pointee.kind == .string, !item.pointee.isDeleted, item.pointee.key == .none else { return false }
    let right = item.pointee.right
    if wire.pointee.flags.contains(.hasRightOrigin) {
      let rightClock = wire.pointee.rightClock
      guard item.pointee.hasRightOrigin, item.pointee.rightClock == rightClock, right != .none,
        clients.records.pointer(item.pointee.rightClient).pointee.id == wire.pointee.rightClient,
        items.pointer(right).pointee.clock == rightClock,
        items.pointer(right).pointee.client == item.pointee.rightClient
      else { return false }
    } else {
      guard !item.pointee.hasRightOrigin, right == .none else { return false }
    }
    makeRoom(last, for: wire.pointee.contentLength)
    bytes.write(
      source + Int(wire.pointee.content), Int(wire.pointee.contentLength),
      at: item.pointee.content + item.pointee.byteCount)
    item.pointee.byteCount += wire.pointee.contentLength
    item.pointee.length += wire.pointee.length
    if !wire.pointee.flags.contains(.isASCII) { item.pointee.flags.remove(.ascii) }
    forgetCursor(in: item.pointee.parent)
    let parent = types.mutablePointer(item.pointee.parent)
    parent.pointee.length += wire.pointee.length
    if parent.pointee.listIndex != .none {
      noteChanged(last, in: item.pointee.parent, by: Int(wire.pointee.length))
    }
    // What continues an item in place has no neighbour to be joined with.
    if record.pointee.unjoined == record.pointee.next { record.pointee.unjoined += wire.pointee.length }
    record.pointee.next += wire.pointee.length
    noteChange(item.pointee.parent, .none)
    return true
  }

  /// Adds a run of which nothing is left but its clocks.
  mutating func appendCollected(_ client: ClientIndex, _ length: UInt64, slot: ItemIndex = .none) {
    let clock = clients.records[client].next
    var item = Item(clock: clock, length: length, client: client, kind: .gc)
    item.flags.insert(.deleted)
    let index = newItem(item, slot: slot)
    clients.records[client].items.append(index, clock: clock)
    clients.records[client].next += length
    clients.records[client].deleted.insert(clock, length)
  }

  /// Links a new item whose neighbours, parent and content are set, at the place that the YATA rules give it, and
  /// counts it to its client.
  @inline(__always) mutating func place(_ index: ItemIndex) {
    let item = items.mutablePointer(index)
    let parent = types.mutablePointer(item.pointee.parent)
    forgetCursor(in: item.pointee.parent)
    let entry = item.pointee.key == .none ? .none : entry(item.pointee.parent, item.pointee.key)
    if needsScan(UnsafePointer(item)) { item.pointee.left = findPlace(item.pointee, entry) }
    let left = item.pointee.left
    if siblings != nil { noteForSiblings(item.pointee) }
    if left != .none {
      let neighbour = items.mutablePointer(left)
      item.pointee.right = neighbour.pointee.right
      neighbour.pointee.right = index
    } else if entry != .none {
      item.pointee.right = entries.entries[entry].first
      entries.entries[entry].first = index
    } else {
      item.pointee.right = parent.pointee.first
      parent.pointee.first = index
    }
    if fronts != nil { noteForFronts(item.pointee) }
    let right = item.pointee.right
    if right != .none {
      items.mutablePointer(right).pointee.left = index
    } else if entry != .none {
      entries.entries[entry].last = index
      if left != .none { delete(left) }
    } else {
      parent.pointee.last = index
    }
    countIn(index, item, parent)
    if entry == .none, parent.pointee.listIndex != .none { noteInserted(index, in: item.pointee.parent) }
    let holder = parent.pointee.item
    if (entry != .none && right != .none) || parent.pointee.isCollected
      || (holder != .none && items.pointer(holder).pointee.isDeleted)
    {
      delete(index)
    }
  }

  /// Adds a linked item to its client's clocks and to what its type and the transaction count.
  @inline(__always)
  private mutating func countIn(
    _ index: ItemIndex, _ item: UnsafeMutablePointer<Item>, _ parent: UnsafeMutablePointer<TypeRecord>
  ) {
    let record = clients.records.mutablePointer(item.pointee.client)
    record.pointee.items.append(index, clock: item.pointee.clock)
    record.pointee.next = item.pointee.end
    noteChange(item.pointee.parent, item.pointee.key)
    let kind = item.pointee.kind
    if kind == .deleted {
      item.pointee.flags.insert(.deleted)
      record.pointee.deleted.insert(item.pointee.clock, item.pointee.length)
      transaction.deletions.append(
        TransactionState.Deletion(
          client: item.pointee.client, clock: item.pointee.clock, length: item.pointee.length))
    } else if kind == .format {
      parent.pointee.hasFormatting = true
    } else if item.pointee.key == .none {
      parent.pointee.length += item.pointee.length
    }
  }
}
