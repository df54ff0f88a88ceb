extension Store {
  @inline(__always) func contentBytes(_ item: ItemIndex) -> UnsafeBufferPointer<UInt8> {
    bytes.bytes(items[item].content, items[item].byteCount)
  }

  /// Divides the content of an item that was just split: `left` has the first `offset` units.
  mutating func splitContent(_ left: ItemIndex, _ right: ItemIndex, at offset: UInt64) {
    let whole = items[right]
    switch whole.kind {
    case .string:
      if whole.flags.contains(.ascii) {
        divideBytes(left, right, at: UInt32(truncatingIfNeeded: offset))
      } else {
        splitText(left, right, at: Int(offset))
      }
    case .any, .json: divideBytes(left, right, at: indexedElementOffset(whole, Int(offset)))
    case .gc, .deleted: break
    case .binary, .embed, .format, .type, .doc, .skip: preconditionFailure("content of length 1 cannot be split")
    }
  }

  private mutating func divideBytes(_ left: ItemIndex, _ right: ItemIndex, at offset: UInt32) {
    items[left].byteCount = offset
    items[right].content += offset
    items[right].byteCount -= offset
  }

  private mutating func splitText(_ left: ItemIndex, _ right: ItemIndex, at offset: Int) {
    let whole = items[right]
    let (byte, splitsPair) = UTF8Shape.byteOffset(
      of: offset, in: contentBytes(right), utf16Count: offset + Int(whole.length))
    if splitsPair {
      tearPair(left, right, at: UInt32(byte))
    } else {
      divideBytes(left, right, at: UInt32(byte))
    }
    for part in [left, right] {
      let count = items[part].byteCount
      if UInt64(count) == items[part].length { items[part].flags.insert(.ascii) }
    }
  }

  /// Divides a text inside a surrogate pair. Both halves become U+FFFD, as in Yjs, on every replica alike. They take six
  /// bytes where the pair took four, so one part gets memory of its own: the shorter one, since every pair can be torn.
  private mutating func tearPair(_ left: ItemIndex, _ right: ItemIndex, at byte: UInt32) {
    let (start, rest) = (items[right].content, items[right].byteCount - byte - 4)
    var (leftStart, rightStart) = (start, start + byte + 1)
    if byte < rest {
      leftStart = bytes.duplicate(start, byte, room: 3)
    } else {
      rightStart = UInt32(bytes.count)
      bytes.extend(by: Int(rest) + 3)
      bytes.move(start + byte + 4, rest, to: rightStart + 3)
    }
    bytes.waste += Int(min(byte, rest)) + 1
    UTF8Shape.replacement.withUnsafeBufferPointer {
      bytes.write($0.baseAddress.unsafelyUnwrapped, 3, at: leftStart + byte)
      bytes.write($0.baseAddress.unsafelyUnwrapped, 3, at: rightStart)
    }
    (items[left].content, items[left].byteCount) = (leftStart, byte + 3)
    (items[right].content, items[right].byteCount) = (rightStart, rest + 3)
  }

  /// Where the element `offset` of an Any or JSON run starts, in bytes from the run's start.
  func elementOffset(_ item: Item, _ offset: Int) -> UInt32 {
    var reader = ByteReader(bytes.bytes(item.content, item.byteCount))
    for _ in 0..<offset { reader.skipTrusted(item.kind) }
    return UInt32(reader.position)
  }

  /// The same for one run again and again.
  mutating func indexedElementOffset(_ item: Item, _ offset: Int) -> UInt32 {
    var skipped = 0
    defer { skippedElements += skipped }
    return elementOffsets.offset(
      of: offset, in: ByteReader(bytes.bytes(item.content, item.byteCount)), content: item.content
    ) { reader in
      reader.skipTrusted(item.kind)
      skipped += 1
    }
  }

  /// Whether `right` continues `left`, so that the two can be one item.
  @inline(__always) func canMerge(_ left: ItemIndex, _ right: ItemIndex) -> Bool {
    let a = items.pointer(left)
    let b = items.pointer(right)
    guard a.pointee.kind == b.pointee.kind, a.pointee.kind.isMergeable else { return false }
    if a.pointee.kind == .gc { return true }
    return a.pointee.right == right && b.pointee.originClient == a.pointee.client
      && b.pointee.originClock == a.pointee.end - 1 && a.pointee.rightClient == b.pointee.rightClient
      && a.pointee.rightClock == b.pointee.rightClock && a.pointee.isDeleted == b.pointee.isDeleted
      && !a.pointee.flags.union(b.pointee.flags).contains(.redone)
  }

  /// Appends `right` to `left` and frees its record. The clock index is the caller's business.
  mutating func merge(_ left: ItemIndex, _ right: ItemIndex) {
    let gone = items[right]
    if cursor.item == right {
      cursor.item = left
      if !gone.isDeleted { cursor.index -= Int(items[left].length) }
    }
    if gone.hasBytes { mergeBytes(left, gone) }
    if gone.flags.contains(.kept) { items[left].flags.insert(.kept) }
    items[left].length += gone.length
    if gone.kind != .gc {
      if !listIndexes.isEmpty { noteMerged(right, gone, into: left) }
      items[left].right = gone.right
      if gone.right != .none {
        items[gone.right].left = left
      } else if gone.key != .none {
        entries.entries[entries.find(gone.parent, gone.key)].last = left
      } else {
        types[gone.parent].last = left
      }
    }
    freeItem(right)
  }

  private mutating func mergeBytes(_ left: ItemIndex, _ right: Item) {
    if !right.flags.contains(.ascii) { items[left].flags.remove(.ascii) }
    let a = items[left]
    if a.content + a.byteCount == right.content {
      items[left].byteCount += right.byteCount
      items[left].flags.remove(.roomy)
      if right.flags.contains(.roomy) { bytes.waste += Int(Self.room(right.byteCount)) }
      return
    }
    makeRoom(left, for: right.byteCount)
    bytes.move(right.content, right.byteCount, to: items[left].content + a.byteCount)
    items[left].byteCount += right.byteCount
    bytes.waste += Int(right.byteCount)
  }

  /// The bytes that lie free behind a roomy content of this size: up to the next power of two, at least 16.
  @inline(__always) static func room(_ count: UInt32) -> UInt32 {
    if count < 16 { return 16 &- count }
    return count & (count &- 1) == 0 ? 0 : (1 << (32 &- UInt32(count.leadingZeroBitCount))) &- count
  }

  /// Makes sure that `extra` bytes can be written behind an item's content. Moved content gets room to double, so that
  /// appending costs amortised O(1) per byte.
  @inline(__always) mutating func makeRoom(_ item: ItemIndex, for extra: UInt32) {
    let record = items.pointer(item)
    if record.pointee.flags.contains(.roomy) {
      if Self.room(record.pointee.byteCount) >= extra { return }
    } else if Int(record.pointee.content) + Int(record.pointee.byteCount) == bytes.count {
      bytes.extend(by: Int(extra))
      return
    }
    moveToRoom(item, for: extra)
  }

  @inline(never) private mutating func moveToRoom(_ item: ItemIndex, for extra: UInt32) {
    let record = items[item]
    var size: UInt32 = 16
    while size < record.byteCount + extra { size *= 2 }
    bytes.waste += Int(record.byteCount) + (record.flags.contains(.roomy) ? Int(Self.room(record.byteCount)) : 0)
    items[item].content = bytes.duplicate(record.content, record.byteCount, room: Int(size - record.byteCount))
    items[item].flags.insert(.roomy)
  }

  /// Moves all contents together when most of the arena is waste.
  mutating func compactIfWasteful() {
    guard bytes.waste > 1 << 16, bytes.waste > bytes.count / 2 else { return }
    var compacted = ByteArena(minimumCapacity: bytes.count - bytes.waste + 1024)
    for index in 0..<UInt32(items.count) where items[index].hasBytes && !items[index].flags.contains(.free) {
      items[index].content = compacted.append(bytes.pointer(items[index].content), Int(items[index].byteCount))
      items[index].flags.remove(.roomy)
    }
    bytes = compacted
    elementOffsets.forget()
  }
}

extension ByteReader {
  /// Skips one element of an Any or JSON run whose bytes were validated before.
  mutating func skipTrusted(_ kind: ContentKind) {
    do throws(UpdateError) {
      if kind == .any { try skipAny(depth: .max) } else { _ = try string() }
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
  }
}
