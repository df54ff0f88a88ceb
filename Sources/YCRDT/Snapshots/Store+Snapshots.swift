extension Store {
  /// What a snapshot knows, as an update V1. Cuts the runs that go on beyond it.
  mutating func encodedState(at snapshot: Snapshot) throws(SnapshotError) -> [UInt8] {
    var groups: [(client: ClientIndex, end: UInt64)] = []
    for id in snapshot.stateVector.clients {
      let client = clients.find(id)
      let end = snapshot.stateVector[id]
      guard client != .none, end <= clients.records[client].next else { throw .unknownState }
      groups.append((client, end))
      if end < clients.records[client].next { _ = cleanStart(client, end) }
    }
    var writer = ByteWriter(capacity: 256)
    writer.varUInt(groups.count)
    for (client, end) in groups { try encodeStructs(client, before: end, snapshot, into: &writer) }
    // What else it says is deleted it does not know.
    var deletions = snapshot.deleteSet
    var known = IdSet()
    for (client, end) in groups { known.insert(clients.records[client].id, 0..<end) }
    deletions.formIntersection(known)
    deletions.write(to: &writer, format: .v1)
    return writer.bytes
  }

  private func encodeStructs(
    _ client: ClientIndex, before end: UInt64, _ snapshot: Snapshot, into writer: inout ByteWriter
  ) throws(SnapshotError) {
    let index = clients.records[client].items
    let deleted = snapshot.deleteSet.ranges(of: clients.records[client].id)
    let last = index.locate(end - 1)
    writer.varUInt(index.countToEnd(from: index.locate(0)) - index.countToEnd(from: last) + 1)
    writer.varUInt(clients.records[client].id)
    writer.varUInt(0)
    var next: ClockIndex.Position? = index.locate(0)
    while let position = next, items[index.item(at: position)].clock < end {
      let item = items.pointer(index.item(at: position))
      if item.pointee.kind.isBare { try checkDeleted(item.pointee, before: end, deleted) }
      if item.pointee.isGC {
        writer.byte(0)
        writer.varUInt(min(item.pointee.end, end) - item.pointee.clock)
      } else {
        encode(item, offset: 0, false, into: &writer)
      }
      next = index.next(position)
    }
  }

  /// Checks that nothing that was collected is shown.
  private func checkDeleted(_ item: Item, before end: UInt64, _ deleted: [Range<UInt64>]) throws(SnapshotError) {
    let place = deleted.firstIndex(endingAfter: item.clock)
    let known = place < deleted.count && deleted[place].contains(item.clock) ? deleted[place].upperBound : item.clock
    guard known < min(item.end, end) else { return }
    throw .collected(ID(client: clients.records[item.client].id, clock: known))
  }
}
