/// Local edits. The anchors are those that Yjs writes: the last id of the physical left neighbour and the id of the
/// physical right neighbour, deleted ones included.
extension Store {
  /// Links a new item behind `left` (in front if `.none`); for a key, at the end of its chain.
  private mutating func insertLocal(
    _ author: ClientIndex, _ kind: ContentKind, _ length: UInt64, in parent: TypeIndex, after left: ItemIndex,
    key: KeyIndex = .none, content: UInt32 = 0, byteCount: UInt32 = 0, isASCII: Bool = false
  ) -> ItemIndex {
    touch(author)
    transaction.isVerbatim = false
    var item = Item(clock: clients.records[author].next, length: length, client: author, kind: kind)
    item.parent = parent
    item.key = key
    item.content = content
    item.byteCount = byteCount
    if isASCII { item.flags.insert(.ascii) }
    item.left = left
    if left != .none {
      item.originClient = items[left].client
      item.originClock = items[left].end - 1
    }
    item.right = left != .none ? items[left].right : key == .none ? types[parent].first : .none
    if item.right != .none {
      item.rightClient = items[item.right].client
      item.rightClock = items[item.right].clock
    }
    let index = newItem(item)
    if kind == .type { types[content].item = index }
    keepCursor { $0.place(index) }
    return index
  }

  mutating func appendBytes(_ source: UnsafeBufferPointer<UInt8>) -> UInt32 {
    source.baseAddress.map { bytes.append($0, source.count) } ?? UInt32(bytes.count)
  }

  mutating func insertBytes(
    _ author: ClientIndex, _ kind: ContentKind, _ source: UnsafeBufferPointer<UInt8>, count: Int = 1,
    in parent: TypeIndex, after left: ItemIndex, key: KeyIndex = .none
  ) -> ItemIndex {
    let offset = appendBytes(source)
    return insertLocal(
      author, kind, UInt64(count), in: parent, after: left, key: key, content: offset, byteCount: UInt32(source.count))
  }

  mutating func insertText(
    _ author: ClientIndex, _ source: UnsafeBufferPointer<UInt8>, in parent: TypeIndex, after left: ItemIndex
  ) -> ItemIndex {
    let count = source.baseAddress.flatMap { UTF8Shape(scanning: $0, source.count) }?.utf16Count ?? 0
    let offset = appendBytes(source)
    return insertLocal(
      author, .string, UInt64(count), in: parent, after: left, content: offset, byteCount: UInt32(source.count),
      isASCII: count == source.count)
  }

  /// Inserts an empty shared type and returns it.
  mutating func insertType(
    _ author: ClientIndex, _ kind: TypeKind, in parent: TypeIndex, after left: ItemIndex, key: KeyIndex = .none,
    name: KeyIndex = .none
  ) -> TypeIndex {
    let type = types.append(TypeRecord(item: .none, name: name, kind: kind, isRoot: false))
    _ = insertLocal(author, .type, 1, in: parent, after: left, key: key, content: type)
    return type
  }

  // MARK: - Values

  /// Inserts plain values: runs of them as one item, binaries apart, as Yjs does. Returns the last item.
  mutating func insertValues(
    _ author: ClientIndex, _ values: ArraySlice<YValue>, in parent: TypeIndex, after left: ItemIndex,
    key: KeyIndex = .none
  ) -> ItemIndex {
    var left = left
    var run = ByteWriter()
    var count = 0
    for value in values {
      if case .binary(let content) = value {
        if count > 0 { left = flush(&run, &count, author, parent, left, key) }
        run.varUInt(content.count)
        run.raw(content)
        left = run.withBytes { insertBytes(author, .binary, $0, in: parent, after: left, key: key) }
        run.reset()
      } else {
        run.any(value)
        count += 1
      }
    }
    return count > 0 ? flush(&run, &count, author, parent, left, key) : left
  }

  private mutating func flush(
    _ run: inout ByteWriter, _ count: inout Int, _ author: ClientIndex, _ parent: TypeIndex, _ left: ItemIndex,
    _ key: KeyIndex
  ) -> ItemIndex {
    let item = run.withBytes { insertBytes(author, .any, $0, count: count, in: parent, after: left, key: key) }
    run.reset()
    count = 0
    return item
  }

  // MARK: - Maps

  /// The item at the end of a key's chain, behind which a new value goes.
  func chainEnd(_ type: TypeIndex, _ key: KeyIndex) -> ItemIndex {
    let entry = entries.find(type, key)
    return entry == .none ? .none : entries.entries[entry].last
  }

  /// The live item of a key.
  func liveItem(_ type: TypeIndex, _ key: KeyIndex) -> ItemIndex {
    let item = key == .none ? .none : chainEnd(type, key)
    return item == .none || items[item].isDeleted ? .none : item
  }

  // MARK: - Lists

  /// Deletes `count` live units of a list from an index on.
  mutating func deleteList(_ type: TypeIndex, _ index: Int, _ count: Int) {
    transaction.isVerbatim = false
    let left = listPosition(type, index)
    var item = left == .none ? types[type].first : items[left].right
    var rest = UInt64(count)
    while rest > 0, item != .none {
      let record = items[item]
      if !record.isDeleted {
        let length = min(rest, record.length)
        if length < record.length { _ = split(item, at: length) }
        keepCursor { $0.delete(item) }
        rest -= record.kind.isCountable ? length : 0
      }
      item = items[item].right
    }
  }
}
