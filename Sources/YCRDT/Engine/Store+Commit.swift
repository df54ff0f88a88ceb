extension Store {
  /// Ends a transaction: collects what it deleted and joins neighbours. What observers need to see of deleted content
  /// has to be taken before.
  mutating func finishTransaction() {
    transaction.normalizeDeletions()
    if collectsGarbage { collectDeleted() }
    mergeChanged()
    compactIfWasteful()
  }

  /// Forgets the transaction, of which the event was made, and what a large update left behind.
  mutating func endTransaction() {
    transaction.reset()
    decoded.releaseIfLarge()
    plan.releaseIfLarge()
  }

  // MARK: - Collecting

  private mutating func collectDeleted() {
    for number in 0..<UInt32(transaction.garbage.count) { collect(transaction.garbage[number]) }
  }

  /// Drops the content of a deleted item. The item keeps its place; what was inside a deleted type keeps nothing.
  private mutating func collect(_ item: ItemIndex) {
    let record = items.mutablePointer(item)
    let kind = record.pointee.kind
    guard record.pointee.isDeleted, kind != .gc, kind != .deleted, !record.pointee.flags.contains(.kept) else { return }
    if kind == .type {
      let type = record.pointee.content
      record.pointee.kind = .deleted
      record.pointee.content = 0
      collectType(type)
    } else {
      dropBytes(item)
      record.pointee.kind = .deleted
    }
  }

  private mutating func dropBytes(_ item: ItemIndex) {
    let record = items.mutablePointer(item)
    bytes.waste += Int(record.pointee.byteCount)
    if record.pointee.flags.contains(.roomy) { bytes.waste += Int(Self.room(record.pointee.byteCount)) }
    record.pointee.byteCount = 0
    record.pointee.flags.remove([.roomy, .ascii])
  }

  private mutating func collectType(_ type: TypeIndex) {
    var stack = [type]
    while let type = stack.popLast() {
      dropListIndex(type)
      types[type].isCollected = true
      types[type].item = .none
      types[type].length = 0
      collectChain(from: types[type].first, &stack, isList: true)
      types[type].first = .none
      types[type].last = .none
      var entry = types[type].firstEntry
      while entry != .none {
        collectChain(from: entries.entries[entry].first, &stack, isList: false)
        entries.entries[entry].first = .none
        entries.entries[entry].last = .none
        entry = entries.entries[entry].next
      }
    }
  }

  private mutating func collectChain(from first: ItemIndex, _ stack: inout [TypeIndex], isList: Bool) {
    var child = first
    while child != .none {
      let record = items[child]
      assert(record.isDeleted, "live content in a deleted type")
      if record.kind == .type { stack.append(record.content) } else { dropBytes(child) }
      var collected = Item(clock: record.clock, length: record.length, client: record.client, kind: .gc)
      collected.flags.insert(.deleted)
      items[child] = collected
      // What is deleted by this very transaction is merged as such, and overwritten values are not looked at again: so
      // does Yjs, and full states are the same byte for byte.
      if isList || record.right == .none, !transaction.deletes(record.client, record.clock) {
        transaction.splits.append(TransactionState.Split(client: record.client, clock: record.clock))
      }
      child = record.right
    }
  }

  // MARK: - Merging

  private mutating func mergeChanged() {
    for number in 0..<UInt32(transaction.deletions.count) {
      // New items are joined below.
      let deletion = transaction.deletions[number]
      let end = min(deletion.end, firstUnjoined(deletion.client))
      if deletion.clock < end { mergeNeighbours(deletion.client, deletion.clock, end) }
    }
    for number in 0..<UInt32(transaction.touched.count) {
      let client = transaction.touched[number]
      let record = clients.records.pointer(client)
      if record.pointee.next > record.pointee.unjoined {
        mergeNeighbours(client, record.pointee.unjoined, record.pointee.next)
      }
    }
    for number in 0..<UInt32(transaction.splits.count) {
      let split = transaction.splits[number]
      if wasMerged(split) { continue }
      mergeNeighbours(split.client, split.clock, items[find(split.client, split.clock)].end)
    }
  }

  @inline(__always) private func firstUnjoined(_ client: ClientIndex) -> UInt64 {
    let record = clients.records.pointer(client)
    return record.pointee.touchedIn == transaction.number ? record.pointee.unjoined : record.pointee.next
  }

  /// Whether a split lies at the edge of or inside what the transaction deleted or added.
  private mutating func wasMerged(_ split: TransactionState.Split) -> Bool {
    if split.clock >= firstUnjoined(split.client) { return true }
    return transaction.deletes(split.client, split.clock)
      || (split.clock > 0 && transaction.deletes(split.client, split.clock - 1))
  }

  /// Joins what can be joined among the items that hold `start..<end` and their neighbours on both sides.
  private mutating func mergeNeighbours(_ client: ClientIndex, _ start: UInt64, _ end: UInt64) {
    var index = clients.records.pointer(client).pointee.items
    var position = index.locate(start)
    while let before = index.previous(position) {
      let isMergeable = canMerge(index.item(at: before), index.item(at: position))
      guard isMergeable else { break }
      position = before
    }
    var left = index.item(at: position)
    if position.chunk == index.chunks.count - 1, position.slot == index.chunks[position.chunk].entries.count - 1 {
      return
    }
    var removed = 0
    var chunk = position.chunk
    var slot = position.slot + 1
    var isDone = false
    while !isDone, chunk < index.chunks.count {
      let entries = index.chunks[chunk].entries
      var kept = slot
      var read = slot
      while read < entries.count {
        let right = entries[read].item
        if items[right].clock > end {
          isDone = true
          break
        }
        if canMerge(left, right) {
          merge(left, right)
        } else {
          left = right
          if kept != read { entries[kept] = entries[read] }
          kept += 1
        }
        read += 1
      }
      if kept != read {
        removed += read - kept
        index.chunks[chunk].entries.removeSubrange(kept..<read)
        if index.chunks[chunk].entries.isEmpty {
          index.removeChunk(chunk)
          chunk -= 1
        } else {
          index.rebase(chunk)
        }
      }
      chunk += 1
      slot = 0
    }
    if removed > 0 {
      index.noteRemoved(removed)
      clients.records[client].items = index
    }
  }
}
