extension Store {
  // MARK: - Whole updates

  /// Writes everything beyond a state vector, and the whole delete set.
  mutating func encode(since known: StateVector, into writer: inout ByteWriter) {
    let missing = clientsBeyond(known)
    writer.varUInt(missing.count)
    for client in missing { encodeStructs(client, from: known[clients.records[client].id], into: &writer) }
    let sorted = clients.sortedDescending()
    var deleting = 0
    for client in sorted where !clients.records.pointer(client).pointee.deleted.isEmpty { deleting += 1 }
    writer.varUInt(deleting)
    for client in sorted where !clients.records.pointer(client).pointee.deleted.isEmpty {
      let record = clients.records.mutablePointer(client)
      writer.varUInt(record.pointee.id)
      let (count, encoded) = record.pointee.deleted.encoded()
      writer.varUInt(count)
      writer.raw(encoded.buffer)
    }
  }

  /// The clients of whom more is known than a state vector says, greatest id first.
  mutating func clientsBeyond(_ known: StateVector) -> [ClientIndex] {
    let sorted = clients.sortedDescending()
    if known.isEmpty { return sorted.filter { clients.records[$0].next > 0 } }
    return sorted.filter { clients.records[$0].next > known[clients.records[$0].id] }
  }

  /// About how many bytes `encode(since:)` writes, rather too many than too few.
  mutating func encodedSize(since known: StateVector) -> Int {
    var size = Self.simpleRoom
    var structs = 0
    var idLength = 1
    for client in 0..<UInt32(clients.count) {
      let record = clients.records.mutablePointer(client)
      if !record.pointee.deleted.isEmpty { size += 16 + record.pointee.deleted.encoded().bytes.count }
      let from = known[record.pointee.id]
      guard record.pointee.next > from else { continue }
      structs += record.pointee.items.countToEnd(from: record.pointee.items.locate(from))
      idLength = max(idLength, ByteWriter.length(record.pointee.id) + ByteWriter.length(record.pointee.next))
    }
    let content = items.count == 0 ? 0 : (bytes.count - bytes.waste) / items.count + 1
    return size + structs * (2 + 2 * idLength + content)
  }

  /// Writes what the transaction added and deleted. Its deletions are normalised.
  func encodeTransaction(into writer: inout ByteWriter) {
    var grown: [ClientIndex] = []
    for number in 0..<UInt32(transaction.touched.count) {
      let client = transaction.touched[number]
      if clients.records[client].next > clients.records[client].before { grown.append(client) }
    }
    if grown.count > 1 { grown.sort { clients.records[$0].id > clients.records[$1].id } }
    writer.varUInt(grown.count)
    for client in grown { encodeStructs(client, from: clients.records[client].before, into: &writer) }

    var groups: [Range<UInt32>] = []
    for number in 0..<UInt32(transaction.deletions.count) {
      if let last = groups.last, transaction.deletions[last.lowerBound].client == transaction.deletions[number].client {
        groups[groups.count - 1] = last.lowerBound..<(number + 1)
      } else {
        groups.append(number..<(number + 1))
      }
    }
    if groups.count > 1 {
      groups.sort {
        clients.records[transaction.deletions[$0.lowerBound].client].id
          > clients.records[transaction.deletions[$1.lowerBound].client].id
      }
    }
    writer.varUInt(groups.count)
    for group in groups {
      writer.varUInt(clients.records[transaction.deletions[group.lowerBound].client].id)
      writer.varUInt(group.count)
      for number in group {
        writer.varUInt(transaction.deletions[number].clock)
        writer.varUInt(transaction.deletions[number].length)
      }
    }
  }

  // MARK: - Structs

  /// Writes a client's group: everything from a clock on, the first struct cut if need be.
  private func encodeStructs(_ client: ClientIndex, from clock: UInt64, into writer: inout ByteWriter) {
    let record = clients.records[client]
    writer.varUInt(record.items.countToEnd(from: record.items.locate(clock)))
    writer.varUInt(record.id)
    writer.varUInt(clock)
    _ = encodeRun(client, from: clock, into: &writer)
  }

  /// Writes the structs of a client from a clock on, and returns how many. The bit that marks map entries is redundant
  /// where an origin is given; Yjs leaves it out (`isMerged`) when it has merged updates.
  func encodeRun(
    _ client: ClientIndex, from clock: UInt64, isMerged: Bool = false, into writer: inout ByteWriter
  ) -> Int {
    let record = clients.records[client]
    let start = record.items.locate(clock)
    let first = record.items.item(at: start)
    encode(items.pointer(first), offset: clock - items[first].clock, isMerged, into: &writer)
    var slot = start.slot + 1
    for chunk in start.chunk..<record.items.chunks.count {
      let entries = record.items.chunks[chunk].entries
      while slot < entries.count {
        let item = items.pointer(entries[slot].item)
        if !encodeSimple(item, into: &writer) { encode(item, offset: 0, isMerged, into: &writer) }
        slot += 1
      }
      slot = 0
    }
    return record.items.countToEnd(from: start)
  }

  /// For an info byte, five numbers of at most eight bytes, and what is written quickly beyond the end.
  private static let simpleRoom = 48 + ByteArena.slack

  /// Writes a text or a deleted run that has an origin: nearly all structs of most documents. False if it is not one.
  @inline(__always)
  private func encodeSimple(_ item: UnsafePointer<Item>, into writer: inout ByteWriter) -> Bool {
    let kind = item.pointee.kind
    guard kind == .string || kind == .deleted, item.pointee.hasOrigin, item.pointee.key == .none else { return false }
    writer.write(upTo: Self.simpleRoom + Int(item.pointee.byteCount)) { start in
      var out = start
      out.put(kind.rawValue | 0x80 | (item.pointee.hasRightOrigin ? 0x40 : 0))
      out.put(clients.records.pointer(item.pointee.originClient).pointee.spelling)
      out.putVarUIntQuickly(item.pointee.originClock)
      if item.pointee.hasRightOrigin {
        out.put(clients.records.pointer(item.pointee.rightClient).pointee.spelling)
        out.putVarUIntQuickly(item.pointee.rightClock)
      }
      if kind == .string {
        out.putVarUIntQuickly(UInt64(item.pointee.byteCount))
        out.putQuickly(bytes.pointer(item.pointee.content), Int(item.pointee.byteCount))
      } else {
        out.putVarUIntQuickly(item.pointee.length)
      }
      return out
    }
    return true
  }

  /// Writes one struct without its first `offset` units.
  @inline(never)
  func encode(_ pointer: UnsafePointer<Item>, offset: UInt64, _ isMerged: Bool, into writer: inout ByteWriter) {
    let item = pointer.pointee
    writer.reserve(64 + Int(item.byteCount))
    let hasOrigin = item.hasOrigin || offset > 0
    guard !item.isGC else {
      writer.byte(0)
      return writer.varUInt(item.length - offset)
    }
    let hasKey = item.key != .none && !(isMerged && (hasOrigin || item.hasRightOrigin))
    writer.byte(
      item.kind.rawValue | (hasOrigin ? 0x80 : 0) | (item.hasRightOrigin ? 0x40 : 0) | (hasKey ? 0x20 : 0))
    if offset > 0 {
      writer.varUInt(clients.records[item.client].id)
      writer.varUInt(item.clock + offset - 1)
    } else if item.hasOrigin {
      writer.varUInt(clients.records[item.originClient].id)
      writer.varUInt(item.originClock)
    }
    if item.hasRightOrigin {
      writer.varUInt(clients.records[item.rightClient].id)
      writer.varUInt(item.rightClock)
    }
    if !hasOrigin && !item.hasRightOrigin { encodeParent(item, into: &writer) }
    if item.kind == .string && offset == 0 {
      writer.prefixed(bytes.bytes(item.content, item.byteCount))
    } else {
      encodeContent(item, offset, into: &writer)
    }
  }

  private func encodeParent(_ item: Item, into writer: inout ByteWriter) {
    let parent = types[item.parent]
    if parent.isRoot {
      writer.byte(1)
      writer.prefixed(keys.utf8(parent.name))
    } else {
      writer.byte(0)
      writer.varUInt(clients.records[items[parent.item].client].id)
      writer.varUInt(items[parent.item].clock)
    }
    if item.key != .none { writer.prefixed(keys.utf8(item.key)) }
  }

  @inline(never)
  private func encodeContent(_ item: Item, _ offset: UInt64, into writer: inout ByteWriter) {
    let content = bytes.bytes(item.kind == .type || item.kind.isBare ? 0 : item.content, item.byteCount)
    switch item.kind {
    case .deleted: writer.varUInt(item.length - offset)
    case .string: writer.textTail(of: content, from: offset, isASCII: item.flags.contains(.ascii))
    case .any, .json:
      writer.varUInt(item.length - offset)
      let start = offset == 0 ? 0 : Int(elementOffset(item, Int(offset)))
      writer.raw(UnsafeBufferPointer(rebasing: content[start...]))
    case .binary, .embed, .format, .doc: writer.raw(content)
    case .type:
      let type = types[item.content]
      writer.byte(type.kind.rawValue)
      if type.kind.hasName { writer.prefixed(keys.utf8(type.name)) }
    case .gc, .skip: preconditionFailure("has no content")
    }
  }
}
