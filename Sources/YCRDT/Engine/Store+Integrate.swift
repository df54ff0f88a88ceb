extension Store {
  /// Makes a decoded struct part of the document. Everything it depends on is known; what is known of it already is
  /// left out. It cannot fail.
  mutating func integrate(_ wire: UnsafePointer<WireStruct>, from source: UnsafePointer<UInt8>) {
    let client = clients.intern(wire.pointee.client)
    let next = clients.records[client].next
    guard wire.pointee.end > next else {
      transaction.isVerbatim = false
      return
    }
    assert(wire.pointee.clock <= next, "gap before a struct")
    if wire.pointee.clock < next { transaction.isVerbatim = false }
    touch(client)
    if wire.pointee.kind == .gc { return appendCollected(client, wire.pointee.end - next) }
    if wire.pointee.clock == next, wire.pointee.kind == .string, extendLast(client, wire, source) { return }

    var item = Item(clock: next, length: wire.pointee.end - next, client: client, kind: wire.pointee.kind)
    if wire.pointee.clock < next {
      item.originClient = client
      item.originClock = next - 1
    } else if wire.pointee.flags.contains(.hasOrigin) {
      item.originClient = clients.find(wire.pointee.originClient)
      item.originClock = wire.pointee.originClock
    }
    if wire.pointee.flags.contains(.hasRightOrigin) {
      item.rightClient = clients.find(wire.pointee.rightClient)
      item.rightClock = wire.pointee.rightClock
    }
    if item.hasOrigin { item.left = cleanEnd(item.originClient, item.originClock) }
    if item.hasRightOrigin { item.right = rightNeighbour(item) }
    guard resolveParent(&item, wire, source) else {
      transaction.isVerbatim = false
      return appendCollected(client, item.length)
    }
    fill(&item, wire, source)
    let index = newItem(item)
    if item.kind == .type { types[item.content].item = index }
    place(index)
  }

  /// The item that starts at the right origin; mostly it stands right behind the left neighbour.
  @inline(__always) private mutating func rightNeighbour(_ item: Item) -> ItemIndex {
    if item.left != .none, items[item.left].right != .none {
      let next = items[item.left].right
      if items[next].clock == item.rightClock, items[next].client == item.rightClient { return next }
    }
    return cleanStart(item.rightClient, item.rightClock)
  }

  /// Finds the type and key the item belongs to; false if its surroundings were collected.
  private mutating func resolveParent(
    _ item: inout Item, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) -> Bool {
    if item.left != .none, items[item.left].isGC { return false }
    if item.right != .none, items[item.right].isGC { return false }
    if item.left != .none || item.right != .none {
      let neighbour = item.left != .none ? item.left : item.right
      item.parent = items[neighbour].parent
      item.key = items[neighbour].key
      return true
    }
    if wire.pointee.flags.contains(.hasParentName) {
      let name = UnsafeBufferPointer(start: source + Int(wire.pointee.name), count: Int(wire.pointee.nameLength))
      item.parent = root(keys.intern(name))
    } else {
      let holder = find(clients.find(wire.pointee.rightClient), wire.pointee.rightClock)
      guard items[holder].kind == .type else { return false }
      item.parent = items[holder].content
    }
    if wire.pointee.flags.contains(.hasKey) {
      item.key = keys.intern(
        UnsafeBufferPointer(start: source + Int(wire.pointee.key), count: Int(wire.pointee.keyLength)))
    }
    return true
  }

  /// Copies the content, without its part that is known already.
  private mutating func fill(_ item: inout Item, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>) {
    switch item.kind {
    case .type:
      var name = KeyIndex.none
      if wire.pointee.typeKind.hasName {
        name = keys.intern(
          UnsafeBufferPointer(start: source + Int(wire.pointee.content), count: Int(wire.pointee.contentLength)))
      }
      item.content = types.append(TypeRecord(item: .none, name: name, kind: wire.pointee.typeKind, isRoot: false))
    case .deleted, .gc, .skip: break
    default:
      if wire.pointee.flags.contains(.needsNormalizing) {
        fillNormalized(&item, wire, source)
      } else {
        item.content = bytes.append(source + Int(wire.pointee.content), Int(wire.pointee.contentLength))
        item.byteCount = wire.pointee.contentLength
      }
      if wire.pointee.flags.contains(.isASCII) { item.flags.insert(.ascii) }
      let known = item.clock - wire.pointee.clock
      if known > 0 { cutContent(&item, known) }
    }
  }

  @inline(never)
  private mutating func fillNormalized(
    _ item: inout Item, _ wire: UnsafePointer<WireStruct>, _ source: UnsafePointer<UInt8>
  ) {
    let normalized = wire.pointee.normalizedContent(source)
    item.content = normalized.withUnsafeBufferPointer { appendBytes($0) }
    item.byteCount = UInt32(normalized.count)
    transaction.isVerbatim = false
  }

  private mutating func cutContent(_ item: inout Item, _ known: UInt64) {
    var whole = item
    whole.length += known
    let left = newItem(whole)
    let right = newItem(item)
    splitContent(left, right, at: known)
    item = items[right]
    bytes.waste += Int(items[left].byteCount)
    freeItem(right)
    freeItem(left)
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
    let last = clients.records[client].items.last
    let item = items[last]
    guard item.kind == .string, !item.isDeleted, item.key == .none else { return false }
    if wire.pointee.flags.contains(.hasRightOrigin) {
      guard item.hasRightOrigin, item.rightClock == wire.pointee.rightClock, item.right != .none,
        clients.records[item.rightClient].id == wire.pointee.rightClient,
        items[item.right].clock == wire.pointee.rightClock, items[item.right].client == item.rightClient
      else { return false }
    } else {
      guard !item.hasRightOrigin, item.right == .none else { return false }
    }
    makeRoom(last, for: wire.pointee.contentLength)
    bytes.write(
      source + Int(wire.pointee.content), Int(wire.pointee.contentLength), at: items[last].content + item.byteCount)
    items[last].byteCount = item.byteCount + wire.pointee.contentLength
    items[last].length = item.length + wire.pointee.length
    if !wire.pointee.flags.contains(.isASCII) { items[last].flags.remove(.ascii) }
    forgetCursor(in: item.parent)
    types[item.parent].length += wire.pointee.length
    clients.records[client].next += wire.pointee.length
    noteChange(item.parent, .none)
    return true
  }

  /// Adds a run of which nothing is left but its clocks.
  mutating func appendCollected(_ client: ClientIndex, _ length: UInt64) {
    let clock = clients.records[client].next
    var item = Item(clock: clock, length: length, client: client, kind: .gc)
    item.flags = .deleted
    let index = newItem(item)
    clients.records[client].items.append(index, clock: clock)
    clients.records[client].next += length
    clients.records[client].deleted.insert(clock, length)
  }

  /// Links a new item whose neighbours, parent and content are set, at the place that the YATA rules give it, and
  /// counts it to its client.
  mutating func place(_ index: ItemIndex) {
    var item = items[index]
    forgetCursor(in: item.parent)
    let entry = item.key == .none ? .none : entry(item.parent, item.key)
    if needsScan(item) { item.left = scan(item, entry) }
    if item.left != .none {
      item.right = items[item.left].right
      items[item.left].right = index
    } else if entry != .none {
      item.right = entries.entries[entry].first
      entries.entries[entry].first = index
    } else {
      item.right = types[item.parent].first
      types[item.parent].first = index
    }
    if item.kind == .deleted { item.flags.insert(.deleted) }
    items[index] = item
    if item.right != .none {
      items[item.right].left = index
    } else if entry != .none {
      entries.entries[entry].last = index
      if item.left != .none { delete(item.left) }
    } else {
      types[item.parent].last = index
    }
    if entry == .none, item.kind.isCountable { types[item.parent].length += item.length }
    clients.records[item.client].items.append(index, clock: item.clock)
    clients.records[item.client].next = item.end
    noteChange(item.parent, item.key)
    if item.kind == .deleted {
      clients.records[item.client].deleted.insert(item.clock, item.length)
      transaction.deletions.append(
        TransactionState.Deletion(client: item.client, clock: item.clock, length: item.length))
    } else if item.kind == .format {
      types[item.parent].hasFormatting = true
    }
    let holder = types[item.parent].item
    if (entry != .none && item.right != .none) || types[item.parent].isCollected
      || (holder != .none && items[holder].isDeleted)
    {
      delete(index)
    }
  }

  @inline(__always) private func needsScan(_ item: Item) -> Bool {
    if item.left != .none { return items[item.left].right != item.right }
    return item.right == .none || items[item.right].left != .none
  }

  /// Finds the item to stand behind among those that were put at the same place without knowing of each other.
  ///
  /// The algorithm is that of Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data
  /// Types" (2016), as Yjs applies it.
  private func scan(_ item: Item, _ entry: UInt32) -> ItemIndex {
    var left = item.left
    var other =
      left != .none
      ? items[left].right : entry != .none ? entries.entries[entry].first : types[item.parent].first
    let id = clients.records[item.client].id
    var passed = PassedItems()
    while other != .none && other != item.right {
      let candidate = items[other]
      passed.append(other)
      if candidate.originClient == item.originClient && candidate.originClock == item.originClock {
        if clients.records[candidate.client].id < id {
          left = other
          passed.clearConflicting()
        } else if candidate.rightClient == item.rightClient && candidate.rightClock == item.rightClock {
          break
        }
      } else if candidate.hasOrigin {
        guard let place = passed.place(of: find(candidate.originClient, candidate.originClock)) else { break }
        if place < passed.firstConflicting {
          left = other
          passed.clearConflicting()
        }
      } else {
        break
      }
      other = candidate.right
    }
    return left
  }
}

/// The items a scan has passed, in order. Those from `firstConflicting` on still conflict with the new item.
private struct PassedItems {
  private var items: [ItemIndex] = []
  /// Places of the first items; filled only when somebody asks for one that is far back.
  private var places: [ItemIndex: Int] = [:]
  private(set) var firstConflicting = 0

  mutating func append(_ item: ItemIndex) {
    items.append(item)
  }

  mutating func clearConflicting() {
    firstConflicting = items.count
  }

  mutating func place(of item: ItemIndex) -> Int? {
    let near = max(0, items.count - 16)
    if let place = items[near...].lastIndex(of: item) { return place }
    while places.count < near { places[items[places.count]] = places.count }
    return places[item]
  }
}
