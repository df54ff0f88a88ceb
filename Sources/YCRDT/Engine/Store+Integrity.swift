extension Doc {
  /// Goes through all structures of the document and stops the program if they contradict each other. For tests and
  /// debugging; O(size of the document). In release builds it does nothing.
  public func checkIntegrity() {
    assert(store.isSound())
  }
}

/// The invariants of the storage. Every function asserts and returns true, so that release builds skip the work.
extension Store {
  mutating func isSound() -> Bool {
    let indexed = checkClients()
    var free = 0
    var item = firstFree
    while item != .none {
      assert(items[item].flags == .free)
      free += 1
      item = items[item].right
    }
    assert(indexed + free == items.count, "an item is neither indexed nor free")
    for type in 0..<UInt32(types.count) { checkType(type) }
    checkContents()
    checkPending()
    assert(transaction.isEmpty || transaction.number > 0)
    return true
  }

  /// Clocks are without gaps, positions agree with them, and the delete set with the items. Returns the item count.
  private mutating func checkClients() -> Int {
    var total = 0
    for client in 0..<UInt32(clients.count) {
      let record = clients.records[client]
      var clock: UInt64 = 0
      var count = 0
      var deleted = ClockRuns()
      for chunk in 0..<record.items.chunks.count {
        let entries = record.items.chunks[chunk].entries
        assert(entries.count > 0 && entries.count <= ClockIndex.chunkSize)
        assert(entries[0].offset == 0)
        for slot in 0..<entries.count {
          let item = entries[slot].item
          assert(record.items.chunks[chunk].firstClock + UInt64(entries[slot].offset) == items[item].clock)
          assert(items[item].clock == clock && items[item].client == client)
          checkItem(item)
          clock += items[item].length
          count += 1
          if items[item].isDeleted { deleted.insert(items[item].clock, items[item].length) }
        }
      }
      assert(clock == record.next && count == record.items.count)
      let expected = deleted.normalized()
      let actual = clients.records[client].deleted.normalized()
      assert(expected.count == actual.count)
      for index in 0..<expected.count {
        assert(expected[index].clock == actual[index].clock && expected[index].length == actual[index].length)
      }
      deleted.free()
      total += count
    }
    return total
  }

  private func checkItem(_ index: ItemIndex) {
    let item = items[index]
    assert(item.length > 0 && !item.flags.contains(.free))
    assert(item.kind != .gc || (item.parent == .none && item.left == .none && item.right == .none && item.isDeleted))
    guard item.kind != .gc else { return }
    assert(item.kind != .deleted || item.isDeleted)
    assert(item.parent != .none && !types[item.parent].isCollected)
    assert(item.key == .none || Int(item.key) < keys.count)
    assert(!item.kind.isBare && item.kind != .type || !item.hasBytes, "bytes without a content")
    checkAnchor(item.originClient, item.originClock, of: item)
    checkAnchor(item.rightClient, item.rightClock, of: item)
    // Its place is in a list or in the chain of a key: the first there has nobody on its left.
    assert(item.left != .none || chain(item).first == index, "an item that is in no list")
    assert(item.right != .none || chain(item).last == index, "an item that is in no list")
    assert(item.left == .none || items[item.left].right == index)
    assert(item.right == .none || items[item.right].left == index)
    if item.kind == .type { assert(types[item.content].item == index && item.length == 1) }
    if item.kind == .string {
      let shape = UTF8Shape(scanning: contentBytes(index).baseAddress.unsafelyUnwrapped, Int(item.byteCount))
      assert(shape.map { UInt64($0.utf16Count) == item.length } ?? false, "text of another length")
      assert(shape.map { $0.isASCII || !item.flags.contains(.ascii) } ?? false)
    }
    if item.kind == .any || item.kind == .json {
      assert(elementOffset(item, Int(item.length)) == item.byteCount)
    }
  }

  private func checkAnchor(_ client: ClientIndex, _ clock: UInt64, of item: Item) {
    guard client != .none else { return }
    assert(clock < clients.records[client].next, "an anchor that is unknown")
    assert(client != item.client || clock < item.clock, "an anchor that is newer than its item")
  }

  private func chain(_ item: Item) -> (first: ItemIndex, last: ItemIndex) {
    guard item.key != .none else { return (types[item.parent].first, types[item.parent].last) }
    let entry = entries.find(item.parent, item.key)
    assert(entry != .none, "a value without an entry")
    return (entries.entries[entry].first, entries.entries[entry].last)
  }

  private func checkType(_ type: TypeIndex) {
    let record = types[type]
    assert(!record.isRoot || (record.item == .none && findRoot(record.name) == type), "a root that is not found")
    assert(record.isRoot || record.isCollected || record.item != .none, "a type without an item")
    assert(record.item == .none || (items[record.item].kind == .type && items[record.item].content == type))
    assert(!record.isCollected || (record.first == .none && record.length == 0), "a collected type with content")
    let isDead = record.isCollected || (record.item != .none && items[record.item].isDeleted)
    var length: UInt64 = 0
    var previous = ItemIndex.none
    var item = record.first
    while item != .none {
      assert(items[item].parent == type && items[item].key == .none && items[item].left == previous)
      assert(!isDead || items[item].isDeleted)
      if items[item].isLiveAndCountable { length += items[item].length }
      previous = item
      item = items[item].right
    }
    assert(record.last == previous && record.length == length)
    assert(isIndexSound(type))
    var entry = record.firstEntry
    while entry != .none {
      checkEntry(entry, of: type, isDead)
      entry = entries.entries[entry].next
    }
  }

  /// The chunks of a list's index hold its items in order, count them rightly, and know what their markers do.
  private func isIndexSound(_ type: TypeIndex) -> Bool {
    let slot = types[type].listIndex
    assert(slot == .none || listIndexes[Int(slot)].type == type)
    var chunks = slot == .none ? [] : listIndexes[Int(slot)].chunks[...]
    var units = 0
    var effect = FormatEffect()
    var item = types[type].first
    while item != .none {
      if items[item].flags.contains(.marked) {
        assert(chunks.first?.first == item, "marked, but no chunk begins here")
        units = 0
        effect = FormatEffect()
      }
      units += liveUnits(item)
      if items[item].kind == .format, !items[item].isDeleted {
        let (key, value) = format(item)
        effect.apply(key, value)
      }
      item = items[item].right
      if slot != .none, item == .none || items[item].flags.contains(.marked), let chunk = chunks.popFirst() {
        assert(chunk.units == units, "a chunk counts wrong")
        assert(
          chunk.formats.map { $0.steps.elementsEqual(effect.steps) { $0.key == $1.key && $0.value == $1.value } }
            ?? true)
      }
    }
    assert(chunks.isEmpty, "chunks without items")
    return true
  }

  private func checkEntry(_ entry: UInt32, of type: TypeIndex, _ isDead: Bool) {
    let record = entries.entries[entry]
    assert(record.type == type && entries.find(type, record.key) == entry)
    var previous = ItemIndex.none
    var item = record.first
    while item != .none {
      assert(items[item].parent == type && items[item].key == record.key && items[item].left == previous)
      assert(items[item].isDeleted || (item == record.last && !isDead), "a value that was overwritten is live")
      previous = item
      item = items[item].right
    }
    assert(record.last == previous)
  }
}
