extension Store {
  /// Makes a decoded struct part of the document. Everything it depends on is known; what is known of it already is
  /// left out. It cannot fail.
  mutating func integrate(_ wire: WireStruct, from source: UnsafePointer<UInt8>) {
    let client = clients.intern(wire.client)
    let next = clients.records[client].next
    guard wire.end > next else {
      transaction.isVerbatim = false
      return
    }
    assert(wire.clock <= next, "gap before a struct")
    if wire.clock < next { transaction.isVerbatim = false }
    touch(client)
    if wire.kind == .gc { return appendCollected(client, wire.end - next) }
    if wire.clock == next, wire.kind == .string, extendLast(client, wire, source) { return }

    var item = Item(clock: next, length: wire.end - next, client: client, kind: wire.kind)
    if wire.clock < next {
      item.originClient = client
      item.originClock = next - 1
    } else if wire.flags.contains(.hasOrigin) {
      item.originClient = clients.find(wire.originClient)
      item.originClock = wire.originClock
    }
    if wire.flags.contains(.hasRightOrigin) {
      item.rightClient = clients.find(wire.rightClient)
      item.rightClock = wire.rightClock
    }
    if item.hasOrigin { item.left = cleanEnd(item.originClient, item.originClock) }
    if item.hasRightOrigin { item.right = cleanStart(item.rightClient, item.rightClock) }
    guard resolveParent(&item, wire, source) else {
      transaction.isVerbatim = false
      return appendCollected(client, item.length)
    }
    fill(&item, wire, source)
    let index = newItem(item)
    if item.kind == .type { types[item.content].item = index }
    place(index)
  }

  /// Finds the type and key the item belongs to; false if its surroundings were collected.
  private mutating func resolveParent(
    _ item: inout Item, _ wire: WireStruct, _ source: UnsafePointer<UInt8>
  ) -> Bool {
    if item.left != .none, items[item.left].isGC { return false }
    if item.right != .none, items[item.right].isGC { return false }
    if item.left != .none || item.right != .none {
      let neighbour = item.left != .none ? item.left : item.right
      item.parent = items[neighbour].parent
      item.key = items[neighbour].key
      return true
    }
    if wire.flags.contains(.hasParentName) {
      let name = UnsafeBufferPointer(start: source + Int(wire.name), count: Int(wire.nameLength))
      item.parent = root(keys.intern(name))
    } else {
      let holder = find(clients.find(wire.rightClient), wire.rightClock)
      guard items[holder].kind == .type else { return false }
      item.parent = items[holder].content
    }
    if wire.flags.contains(.hasKey) {
      item.key = keys.intern(UnsafeBufferPointer(start: source + Int(wire.key), count: Int(wire.keyLength)))
    }
    return true
  }

  /// Copies the content, without its part that is known already.
  private mutating func fill(_ item: inout Item, _ wire: WireStruct, _ source: UnsafePointer<UInt8>) {
    switch item.kind {
    case .type:
      var name = KeyIndex.none
      if wire.typeKind.hasName {
        name = keys.intern(UnsafeBufferPointer(start: source + Int(wire.content), count: Int(wire.contentLength)))
      }
      item.content = types.append(TypeRecord(item: .none, name: name, kind: wire.typeKind, isRoot: false))
    case .deleted, .gc, .skip: break
    default:
      if wire.flags.contains(.needsNormalizing) {
        fillNormalized(&item, wire, source)
      } else {
        item.content = bytes.append(source + Int(wire.content), Int(wire.contentLength))
        item.byteCount = wire.contentLength
      }
      if wire.flags.contains(.isASCII) { item.flags.insert(.ascii) }
      let known = item.clock - wire.clock
      if known > 0 { cutContent(&item, known) }
    }
  }

  @inline(never)
  private mutating func fillNormalized(_ item: inout Item, _ wire: WireStruct, _ source: UnsafePointer<UInt8>) {
    let normalized = wire.normalizedContent(source)
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
    _ client: ClientIndex, _ wire: WireStruct, _ source: UnsafePointer<UInt8>
  ) -> Bool {
    guard wire.originClient == wire.client, wire.originClock &+ 1 == wire.clock, wire.flags.contains(.hasOrigin),
      wire.clock > 0
    else { return false }
    let last = clients.records[client].items.last
    let item = items[last]
    guard item.kind == .string, !item.isDeleted, item.key == .none else { return false }
    if wire.flags.contains(.hasRightOrigin) {
      guard item.hasRightOrigin, item.rightClock == wire.rightClock, item.right != .none,
        clients.records[item.rightClient].id == wire.rightClient,
        items[item.right].clock == wire.rightClock, items[item.right].client == item.rightClient
      else { return false }
    } else {
      guard !item.hasRightOrigin, item.right == .none else { return false }
    }
    makeRoom(last, for: wire.contentLength)
    bytes.write(source + Int(wire.content), Int(wire.contentLength), at: items[last].content + item.byteCount)
    items[last].byteCount = item.byteCount + wire.contentLength
    items[last].length = item.length + wire.length
    if !wire.flags.contains(.isASCII) { items[last].flags.remove(.ascii) }
    types[item.parent].length += wire.length
    clients.records[client].next += wire.length
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
