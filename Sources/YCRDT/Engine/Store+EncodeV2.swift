/// Writing the state as an update V2, straight into its columns. What is rare goes there by way of V1.
extension Store {
  /// Everything beyond a state vector, and the whole delete set.
  mutating func encodedStateV2(since known: StateVector) -> [UInt8] {
    var columns = UpdateV2Columns(expecting: encodedSize(since: known))
    let missing = clientsBeyond(known)
    columns.rest.varUInt(missing.count)
    for client in missing { encodeStructs(client, from: known[clients.records[client].id], into: &columns) }
    encodeDeletions(into: &columns.rest)
    return columns.finished()
  }

  private func encodeStructs(_ client: ClientIndex, from clock: UInt64, into columns: inout UpdateV2Columns) {
    let record = clients.records[client]
    let start = record.items.locate(clock)
    columns.rest.varUInt(record.items.countToEnd(from: start))
    columns.clients.write(record.id)
    columns.rest.varUInt(clock)
    var scratch = ByteWriter(capacity: 256)
    let first = items.pointer(record.items.item(at: start))
    copy(first, offset: clock - first.pointee.clock, by: &scratch, into: &columns)
    var slot = start.slot + 1
    for chunk in start.chunk..<record.items.chunks.count {
      let entries = record.items.chunks[chunk].entries
      while slot < entries.count {
        let item = items.pointer(entries[slot].item)
        if !encodeSimple(item, into: &columns), !encodeOther(item, into: &columns) {
          copy(item, offset: 0, by: &scratch, into: &columns)
        }
        slot += 1
      }
      slot = 0
    }
  }

  /// Writes a text or a deleted run that has an origin: nearly all structs of most documents. False if it is not one.
  @inline(__always)
  private func encodeSimple(_ item: UnsafePointer<Item>, into columns: inout UpdateV2Columns) -> Bool {
    let kind = item.pointee.kind
    guard kind == .string || kind == .deleted, item.pointee.hasOrigin, item.pointee.key == .none else { return false }
    columns.infos.write(kind.rawValue | 0x80 | (item.pointee.hasRightOrigin ? 0x40 : 0))
    columns.clients.write(clients.records.pointer(item.pointee.originClient).pointee.id)
    columns.leftClocks.write(item.pointee.originClock)
    if item.pointee.hasRightOrigin {
      columns.clients.write(clients.records.pointer(item.pointee.rightClient).pointee.id)
      columns.rightClocks.write(item.pointee.rightClock)
    }
    let length = item.pointee.length
    if kind == .string {
      let content = bytes.pointer(item.pointee.content)
      columns.strings.write(quickly: content, Int(item.pointee.byteCount), utf16Count: Int(length))
    } else {
      columns.lengths.write(length)
    }
    return true
  }

  /// Writes what else maps and lists of values consist of. False if it is something rarer, of which nothing is written.
  @inline(never)
  private func encodeOther(_ pointer: UnsafePointer<Item>, into columns: inout UpdateV2Columns) -> Bool {
    let item = pointer.pointee
    switch item.kind {
    case .gc:
      columns.infos.write(0)
      columns.lengths.write(item.length)
      return true
    case .deleted, .string, .any, .type: break
    case .json, .binary, .embed, .format, .doc, .skip: return false
    }
    encodeAnchors(item, into: &columns)
    switch item.kind {
    case .string:
      columns.strings.write(bytes.bytes(item.content, item.byteCount), utf16Count: Int(item.length))
    case .any:
      columns.lengths.write(item.length)
      columns.rest.raw(bytes.bytes(item.content, item.byteCount))
    case .type:
      let type = types[item.content]
      columns.typeKinds.write(UInt64(type.kind.rawValue))
      if type.kind.hasName { columns.write(key: keys.utf8(type.name)) }
    default: columns.lengths.write(item.length)
    }
    return true
  }

  /// Writes the info byte, and the origins or the parent.
  private func encodeAnchors(_ item: Item, into columns: inout UpdateV2Columns) {
    let anchors: UInt8 = (item.hasOrigin ? 0x80 : 0) | (item.hasRightOrigin ? 0x40 : 0)
    columns.infos.write(item.kind.rawValue | anchors | (item.key != .none ? 0x20 : 0))
    if item.hasOrigin {
      columns.clients.write(clients.records.pointer(item.originClient).pointee.id)
      columns.leftClocks.write(item.originClock)
    }
    if item.hasRightOrigin {
      columns.clients.write(clients.records.pointer(item.rightClient).pointee.id)
      columns.rightClocks.write(item.rightClock)
    }
    guard anchors == 0 else { return }
    let parent = types[item.parent]
    if parent.isRoot {
      columns.parentInfos.write(1)
      columns.write(name: keys.utf8(parent.name))
    } else {
      let holder = items.pointer(parent.item)
      columns.parentInfos.write(0)
      columns.clients.write(clients.records.pointer(holder.pointee.client).pointee.id)
      columns.leftClocks.write(holder.pointee.clock)
    }
    if item.key != .none { columns.write(name: keys.utf8(item.key)) }
  }

  /// Writes any struct without its first units, by way of V1.
  @inline(never)
  private func copy(
    _ item: UnsafePointer<Item>, offset: UInt64, by scratch: inout ByteWriter, into columns: inout UpdateV2Columns
  ) {
    scratch.reset()
    encode(item, offset: offset, false, into: &scratch)
    scratch.withBytes { bytes in
      var reader = ByteReader(bytes)
      do throws(UpdateError) {
        try columns.copyStruct(&reader, .unknown, depth: .max)
      } catch {
        preconditionFailure("what the engine wrote does not parse: \(error)")
      }
    }
  }

  private mutating func encodeDeletions(into writer: inout ByteWriter) {
    let deleting = clients.sortedDescending().filter { !clients.records.pointer($0).pointee.deleted.isEmpty }
    writer.varUInt(deleting.count)
    for client in deleting {
      let runs = clients.records.mutablePointer(client).pointee.deleted.normalized()
      writer.varUInt(clients.records[client].id)
      writer.varUInt(runs.count)
      var end: UInt64 = 0
      for number in 0..<runs.count {
        writer.write(upTo: 24) { target in
          var out = target
          out.putVarUIntQuickly(runs[number].clock - end)
          out.putVarUIntQuickly(runs[number].length - 1)
          return out
        }
        end = runs[number].end
      }
    }
  }
}
