/// The invariants of the memory behind items and of what waits.
extension Store {
  /// Contents lie within the arena and apart from each other, and what is between them is known as waste.
  func checkContents() {
    var ranges: [(start: Int, end: Int)] = []
    for index in 0..<UInt32(items.count) where !items[index].flags.contains(.free) && items[index].hasBytes {
      let item = items[index]
      let room = item.flags.contains(.roomy) ? Int(Self.room(item.byteCount)) : 0
      ranges.append((Int(item.content), Int(item.content) + Int(item.byteCount) + room))
    }
    ranges.sort { $0.start < $1.start }
    var end = 0
    var used = 0
    for range in ranges {
      assert(range.start >= end, "contents that overlap")
      end = range.end
      used += range.end - range.start
    }
    assert(end <= bytes.count, "content beyond the arena")
    assert(bytes.waste >= 0 && used + bytes.waste <= bytes.count, "waste that is in use")
  }

  /// What waits is counted, lies within its bytes, and waits for something that is not known.
  mutating func checkPending() {
    var deletions = 0
    for client in 0..<UInt32(clients.count) {
      deletions += clients.records[client].pendingDeletes.storedCount
      var copy = clients.records[client].pendingDeletes.copied()
      let runs = copy.normalized()
      for number in 0..<runs.count {
        assert(runs[number].clock >= clients.records[client].next, "a deletion that waits for known clocks")
      }
      copy.free()
    }
    assert(deletions == pending.deletionCount, "deletions that wait are counted wrongly")
    for number in 0..<UInt32(pending.structs.count) {
      let wire = pending.structs[number]
      assert(wire.kind.isBare || Int(wire.content) + Int(wire.contentLength) <= pending.bytes.count)
      if wire.flags.contains(.hasParentName) { assert(Int(wire.name) + Int(wire.nameLength) <= pending.bytes.count) }
      if wire.flags.contains(.hasKey) { assert(Int(wire.key) + Int(wire.keyLength) <= pending.bytes.count) }
    }
  }
}
