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
      encode(wire, offset: clock - wire.clock, into: &structs)
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

  /// Writes a pending struct without its first `offset` units.
  private func encode(_ wire: WireStruct, offset: UInt64, into writer: inout ByteWriter) {
    guard wire.kind != .gc else {
      writer.byte(0)
      return writer.varUInt(wire.length - offset)
    }
    let hasOrigin = wire.flags.contains(.hasOrigin) || offset > 0
    let hasRight = wire.flags.contains(.hasRightOrigin)
    writer.byte(
      wire.kind.rawValue | (hasOrigin ? 0x80 : 0) | (hasRight ? 0x40 : 0) | (wire.flags.contains(.hasKey) ? 0x20 : 0))
    if hasOrigin {
      writer.varUInt(offset > 0 ? wire.client : wire.originClient)
      writer.varUInt(offset > 0 ? wire.clock + offset - 1 : wire.originClock)
    }
    if hasRight {
      writer.varUInt(wire.rightClient)
      writer.varUInt(wire.rightClock)
    }
    if !hasOrigin && !hasRight {
      if wire.flags.contains(.hasParentName) {
        writer.byte(1)
        writer.prefixed(pending.bytes.bytes(wire.name, wire.nameLength))
      } else {
        writer.byte(0)
        writer.varUInt(wire.rightClient)
        writer.varUInt(wire.rightClock)
      }
      if wire.flags.contains(.hasKey) { writer.prefixed(pending.bytes.bytes(wire.key, wire.keyLength)) }
    }
    let content = wire.kind.isBare ? pending.bytes.bytes(0, 0) : pending.bytes.bytes(wire.content, wire.contentLength)
    switch wire.kind {
    case .deleted: writer.varUInt(wire.length - offset)
    case .string: encodeTail(of: content, offset, wire.flags.contains(.isASCII), into: &writer)
    case .any, .json:
      var reader = ByteReader(content)
      for _ in 0..<offset { reader.skipTrusted(wire.kind) }
      writer.varUInt(wire.length - offset)
      writer.raw(UnsafeBufferPointer(rebasing: content[reader.position...]))
    case .type:
      writer.byte(wire.typeKind.rawValue)
      if wire.typeKind.hasName { writer.prefixed(content) }
    case .binary, .embed, .format, .doc: writer.raw(content)
    case .gc, .skip: preconditionFailure("has no content")
    }
  }
}
