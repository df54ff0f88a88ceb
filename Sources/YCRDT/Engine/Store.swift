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
  }

  // MARK: - Records

  @inline(__always) mutating func newItem(_ item: Item) -> ItemIndex {
    guard firstFree != .none else { return items.append(item) }
    let index = firstFree
    firstFree = items[index].right
    items[index] = item
    return index
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
    let index = clients.records[client].items
    return index.item(at: index.locate(clock))
  }

  /// The item that starts at a known clock, after splitting the one around it. A collected run is never split.
  @inline(__always) mutating func cleanStart(_ client: ClientIndex, _ clock: UInt64) -> ItemIndex {
    let index = clients.records[client].items
    let position = index.locate(clock)
    let item = index.item(at: position)
    if items[item].clock == clock || items[item].isGC { return item }
    return split(item, at: clock - items[item].clock, position)
  }

  /// The item that ends with a known clock, after splitting the one around it. A collected run is never split.
  @inline(__always) mutating func cleanEnd(_ client: ClientIndex, _ clock: UInt64) -> ItemIndex {
    let index = clients.records[client].items
    let position = index.locate(clock)
    let item = index.item(at: position)
    if items[item].end == clock + 1 || items[item].isGC { return item }
    _ = split(item, at: clock + 1 - items[item].clock, position)
    return item
  }

  /// Splits an item of the list that is not at hand by position; returns the right part.
  mutating func split(_ item: ItemIndex, at offset: UInt64) -> ItemIndex {
    split(item, at: offset, clients.records[items[item].client].items.locate(items[item].clock))
  }

  private mutating func split(_ item: ItemIndex, at offset: UInt64, _ position: ClockIndex.Position) -> ItemIndex {
    let whole = items[item]
    assert(offset > 0 && offset < whole.length)
    var right = whole
    right.clock += offset
    right.length -= offset
    right.originClient = whole.client
    right.originClock = right.clock - 1
    right.left = item
    right.flags.remove(.roomy)
    let index = newItem(right)
    items[item].length = offset
    items[item].right = index
    items[item].flags.remove(.roomy)
    splitContent(item, index, at: offset)
    if whole.right != .none {
      items[whole.right].left = index
    } else if whole.key != .none {
      entries.entries[entries.find(whole.parent, whole.key)].last = index
    } else if whole.parent != .none {
      types[whole.parent].last = index
    }
    clients.records[whole.client].items.insert(index, clock: right.clock, after: position)
    transaction.splits.append(TransactionState.Split(client: whole.client, clock: right.clock))
    return index
  }

  // MARK: - Changes

  /// Notes that a client is about to get new items.
  @inline(__always) mutating func touch(_ client: ClientIndex) {
    guard clients.records[client].touchedIn != transaction.number else { return }
    clients.records[client].touchedIn = transaction.number
    clients.records[client].before = clients.records[client].next
    transaction.touched.append(client)
  }

  /// The client's clock when the transaction began.
  @inline(__always) func clockBefore(_ client: ClientIndex) -> UInt64 {
    let record = clients.records[client]
    return record.touchedIn == transaction.number ? record.before : record.next
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
    let record = items[item]
    guard !record.isDeleted else { return false }
    forgetCursor(in: record.parent)
    items[item].flags.insert(.deleted)
    if record.key == .none, record.kind.isCountable { types[record.parent].length -= record.length }
    clients.records[record.client].deleted.insert(record.clock, record.length)
    transaction.deletions.append(
      TransactionState.Deletion(client: record.client, clock: record.clock, length: record.length))
    if record.end > clockBefore(record.client) { transaction.isVerbatim = false }
    noteChange(record.parent, record.key)
    guard record.kind == .type else { return false }
    worklist.append(record.content)
    return true
  }
}
