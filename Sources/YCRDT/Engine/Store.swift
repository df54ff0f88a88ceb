/// The state of a document: items, types, clients and bytes, and the transaction under way.
///
/// It knows nothing of observers and never calls out, so that whoever holds it has it for himself.
struct Store: ~Copyable {
  var items: Slab<Item>
  var firstFree: ItemIndex
  var bytes: ByteArena
  var keys: KeyTable
  var types: Slab<TypeRecord>
  var clients: ClientTable
  var entries: MapEntryTable
  var pending: PendingUpdates
  var collectsGarbage: Bool
  var limits: DocLimits
  var transaction = TransactionState()
  var decoded = DecodedUpdate()
  var plan = IntegrationPlan()
  var cursor = ListCursor()
  /// Indexes of long lists that are edited here; those of type `.none` are free.
  var listIndexes: [ListIndex] = []
  /// What undo managers brought back.
  var redone = RedoneUnits()
  /// The place where many items were last put without knowing of each other.
  var siblings: SiblingIndex?
  /// Where clients went on in front of what they wrote, behind what others wrote unaware of them.
  var fronts: FrontIndex?
  /// How many items may be passed before the place is indexed.
  var siblingThreshold = SiblingIndex.threshold
  /// How many items were looked at to find places; for tests of complexity.
  var scannedItems = 0
  /// How many items and chunks were passed to find indexes of lists; for tests of complexity.
  var visitedItems = 0
  /// How many elements of runs were passed; for tests of complexity.
  var skippedElements = 0
  var elementOffsets = ElementOffsets()
  private var worklist = Slab<TypeIndex>()

  init(collectsGarbage: Bool, limits: DocLimits) {
    items = Slab()
    firstFree = .none
    bytes = ByteArena()
    keys = KeyTable()
    types = Slab()
    clients = ClientTable()
    entries = MapEntryTable()
    pending = PendingUpdates()
    self.collectsGarbage = collectsGarbage
    self.limits = limits
  }

  /// An independent copy. If a transaction of the other is under way, it is under way in the copy.
  init(copying other: borrowing Store) {
    items = Slab(copying: other.items)
    firstFree = other.firstFree
    bytes = ByteArena(copying: other.bytes)
    keys = KeyTable(copying: other.keys)
    types = Slab(copying: other.types)
    clients = ClientTable(copying: other.clients)
    entries = MapEntryTable(copying: other.entries)
    pending = PendingUpdates(copying: other.pending)
    collectsGarbage = other.collectsGarbage
    limits = other.limits
    transaction = TransactionState(copying: other.transaction)
    redone = other.redone
    listIndexes = other.listIndexes
  }

  mutating func releaseBuffers() {
    decoded = DecodedUpdate()
    plan = IntegrationPlan()
  }

  // MARK: - Records

  @inline(__always) mutating func newItem(_ item: Item) -> ItemIndex {
    guard firstFree != .none else { return items.append(item) }
    let index = firstFree
    firstFree = items[index].right
    items[index] = item
    return index
  }

  /// Puts an item into a record that is the caller's, or else into a new one.
  @inline(__always) mutating func newItem(_ item: Item, slot: ItemIndex) -> ItemIndex {
    guard slot != .none else { return newItem(item) }
    items[slot] = item
    return slot
  }

  mutating func freeItem(_ index: ItemIndex) {
    items[index].flags = .free
    items[index].byteCount = 0
    items[index].right = firstFree
    firstFree = index
  }

  /// The root type of a name, created untyped if it is new.
  mutating func root(_ name: KeyIndex) -> TypeIndex {
    var entry = entries.find(.none, name)
    if entry == .none {
      entry = entries.insert(.none, name)
      entries.entries[entry].first = types.append(
        TypeRecord(item: .none, name: name, kind: .untyped, isRoot: true))
    }
    return entries.entries[entry].first
  }

  func findRoot(_ name: KeyIndex) -> TypeIndex {
    guard name != .none else { return .none }
    let entry = entries.find(.none, name)
    return entry == .none ? .none : entries.entries[entry].first
  }

  /// The entry of a key, created if it is new.
  mutating func entry(_ type: TypeIndex, _ key: KeyIndex) -> UInt32 {
    let found = entries.find(type, key)
    if found != .none { return found }
    let new = entries.insert(type, key)
    if types[type].lastEntry == .none {
      types[type].firstEntry = new
    } else {
      entries.entries[types[type].lastEntry].next = new
    }
    types[type].lastEntry = new
    return new
  }

  // MARK: - Finding

  /// The item that holds a known clock.
  @inline(__always) func find(_ client: ClientIndex, _ clock: UInt64) -> ItemIndex {
    assert(clock < clients.records[client].next, "unknown clock")
    let index = clients.records.pointer(client).pointee.items
    return index.item(at: index.locate(clock))
  }

  /// The item that starts at a known clock, after splitting the one around it. A collected run is never split.
  @inline(__always) mutating func cleanStart(_ client: ClientIndex, _ clock: UInt64) -> ItemIndex {
    let index = clients.records.pointer(client).pointee.items
    let position = index.locate(clock)
    let item = index.item(at: position)
    let record = items.pointer(item)
    if record.pointee.clock == clock || record.pointee.isGC { return item }
    return split(item, at: clock - record.pointee.clock, position)
  }

  /// The item that ends with a known clock, after splitting the one around it. A collected run is never split.
  @inline(__always) mutating func cleanEnd(_ client: ClientIndex, _ clock: UInt64) -> ItemIndex {
    let index = clients.records.pointer(client).pointee.items
    let position = index.locate(clock)
    let item = index.item(at: position)
    let record = items.pointer(item)
    if record.pointee.end == clock + 1 || record.pointee.isGC { return item }
    _ = split(item, at: clock + 1 - record.pointee.clock, position)
    return item
  }

  /// Splits an item of the list that is not at hand by position; returns the right part.
  mutating func split(_ item: ItemIndex, at offset: UInt64) -> ItemIndex {
    split(item, at: offset, clients.records[items[item].client].items.locate(items[item].clock))
  }

  @inline(never)
  mutating func split(_ item: ItemIndex, at offset: UInt64, _ position: ClockIndex.Position) -> ItemIndex {
    assert(offset > 0 && offset < items[item].length)
    let index = newItem(items[item])
    let left = items.mutablePointer(item)
    let right = items.mutablePointer(index)
    right.pointee.clock += offset
    right.pointee.length -= offset
    right.pointee.originClient = right.pointee.client
    right.pointee.originClock = right.pointee.clock - 1
    right.pointee.left = item
    right.pointee.flags.remove([.roomy, .marked])
    left.pointee.length = offset
    left.pointee.right = index
    left.pointee.flags.remove(.roomy)
    splitContent(item, index, at: offset)
    if right.pointee.right != .none {
      items.mutablePointer(right.pointee.right).pointee.left = index
    } else if right.pointee.key != .none {
      entries.entries[entries.find(right.pointee.parent, right.pointee.key)].last = index
    } else if right.pointee.parent != .none {
      types[right.pointee.parent].last = index
    }
    clients.records.mutablePointer(right.pointee.client).pointee.items.insert(
      index, clock: right.pointee.clock, after: position)
    transaction.splits.append(TransactionState.Split(client: right.pointee.client, clock: right.pointee.clock))
    if right.pointee.isDeleted {
      transaction.garbage.append(index)
    } else if right.pointee.key != .none {
      // Under a key only the end counts. Who reads the parts anew deletes the beginning then, as Yjs does; no client makes such a value.
      delete(item)
    }
    return index
  }

  // MARK: - Changes

  /// Notes that a client is about to get new items.
  @inline(__always) mutating func touch(_ client: ClientIndex) {
    let record = clients.records.mutablePointer(client)
    guard record.pointee.touchedIn != transaction.number else { return }
    record.pointee.touchedIn = transaction.number
    record.pointee.before = record.pointee.next
    record.pointee.unjoined = record.pointee.next
    transaction.touched.append(client)
  }

  /// The client's clock when the transaction began.
  @inline(__always) func clockBefore(_ client: ClientIndex) -> UInt64 {
    let record = clients.records.pointer(client)
    return record.pointee.touchedIn == transaction.number ? record.pointee.before : record.pointee.next
  }

  @inline(__always) mutating func noteChange(_ type: TypeIndex, _ key: KeyIndex) {
    guard transaction.recordsChanges else { return }
    if key == .none {
      guard types[type].changedIn != transaction.number else { return }
      types[type].changedIn = transaction.number
    }
    transaction.changes.append(TransactionState.Change(type: type, key: key))
  }

  /// Marks an item deleted, and everything inside it.
  mutating func delete(_ item: ItemIndex) {
    guard deleteOne(item) else { return }
    while worklist.count > 0 {
      let type = worklist[UInt32(worklist.count - 1)]
      worklist.removeLast(1)
      var child = types[type].first
      while child != .none {
        _ = deleteOne(child)
        child = items[child].right
      }
      var entry = types[type].firstEntry
      while entry != .none {
        let last = entries.entries[entry].last
        if last != .none { _ = deleteOne(last) }
        entry = entries.entries[entry].next
      }
    }
  }

  /// Returns whether there may be contents left to delete, on the worklist.
  private mutating func deleteOne(_ item: ItemIndex) -> Bool {
    let record = items.mutablePointer(item)
    guard !record.pointee.isDeleted else { return false }
    let clock = record.pointee.clock
    let length = record.pointee.length
    let client = record.pointee.client
    forgetCursor(in: record.pointee.parent)
    record.pointee.flags.insert(.deleted)
    if record.pointee.key == .none, record.pointee.kind.isCountable {
      types.mutablePointer(record.pointee.parent).pointee.length -= length
    }
    if record.pointee.key == .none, types.pointer(record.pointee.parent).pointee.listIndex != .none {
      noteChanged(item, in: record.pointee.parent, by: record.pointee.kind.isCountable ? -Int(length) : 0)
    }
    clients.records.mutablePointer(client).pointee.deleted.insert(clock, length)
    transaction.deletions.append(TransactionState.Deletion(client: client, clock: clock, length: length))
    transaction.garbage.append(item)
    if clock &+ length > clockBefore(client) { transaction.isVerbatim = false }
    noteChange(record.pointee.parent, record.pointee.key)
    guard record.pointee.kind == .type else { return false }
    worklist.append(record.pointee.content)
    return true
  }
}
