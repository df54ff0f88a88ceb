extension Store {
  /// Writes everything beyond a state vector with the pending structs and deletions behind it. Where clocks between
  /// are missing a Skip says so.
  mutating func encodeWithPending(since known: StateVector, into writer: inout ByteWriter) {
    pending.sort()
    var groups: [ClientID: Range<UInt32>] = [:]
    for index in 0..<UInt32(pending.structs.count) {
      let client = pending.structs[index].client
      groups[client] = (groups[client]?.lowerBound ?? index)..<(index + 1)
    }
    for client in 0..<UInt32(clients.count) {
      let record = clients.records[client]
      if record.next > known[record.id], groups[record.id] == nil { groups[record.id] = 0..<0 }
    }
    var body = ByteWriter(capacity: 256)
    var count = 0
    for (client, structs) in groups.sorted(by: { $0.key > $1.key }) {
      if encodeGroup(client, structs, since: known[client], into: &body) { count += 1 }
    }
    writer.varUInt(count)
    body.withBytes { writer.raw($0) }
    var deletions = deleteSet
    for client in 0..<UInt32(clients.count) {
      let runs = waitingDeletions(of: client)
      for index in 0..<runs.count { deletions.insert(clients.records[client].id, runs[index].clock..<runs[index].end) }
    }
    writer.raw(deletions.encoded())
  }

  private func encodeGroup(
    _ client: ClientID, _ waiting: Range<UInt32>, since known: UInt64, into writer: inout ByteWriter
  ) -> Bool {
    let index = clients.find(client)
    let next = index == .none ? 0 : clients.records[index].next
    var structs = ByteWriter(capacity: 64)
    var count = 0
    var clock = known
    if next > known {
      count = encodeRun(index, from: known, isMerged: true, into: &structs)
      clock = next
    }
    var first = next > known ? known : 0
    for number in waiting {
      let wire = pending.structs[number]
      guard wire.end > clock else { continue }
      if count == 0 {
        first = max(wire.clock, clock)
        clock = first
      } else if wire.clock > clock {
        structs.byte(ContentKind.skip.rawValue)
        structs.varUInt(wire.clock - clock)
        count += 1
        clock = wire.clock
      }
      wire.write(from: pending.bytes.pointer(0), offset: clock - wire.clock, into: &structs)
      count += 1
      clock = wire.end
    }
    guard count > 0 else { return false }
    writer.varUInt(count)
    writer.varUInt(client)
    writer.varUInt(first)
    structs.withBytes { writer.raw($0) }
    return true
  }
}
