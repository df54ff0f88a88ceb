/// Everything the document knows of one client.
struct ClientRecord: BitwiseCopyable {
  let id: ClientID
  /// The id as updates spell it.
  let spelling: Spelling
  /// The next clock expected: the sum of the lengths of all its items.
  var next: UInt64 = 0
  var items = ClockIndex()
  var deleted = ClockRuns()
  /// Deletions of clocks that have not arrived.
  var pendingDeletes = ClockRuns()
  /// The clocks of pending structs.
  var parked = ClockRuns()
  /// The transaction that last changed the client, and its clock before it.
  var touchedIn: UInt32 = 0
  var before: UInt64 = 0
  /// From where on the items of that transaction may have to be joined with each other or with what was before.
  var unjoined: UInt64 = 0
  /// The least clock of this client that something pending waits for.
  var awaited = UInt64.max

  init(id: ClientID) {
    self.id = id
    spelling = Spelling(id)
  }
}

/// The clients of a document by dense index, in order of appearance.
struct ClientTable: ~Copyable {
  var records: Slab<ClientRecord>
  private var index: HashIndex
  private var sortedCache: [ClientIndex] = []

  init() {
    records = Slab()
    index = HashIndex()
  }

  init(copying other: borrowing ClientTable) {
    records = Slab(copying: other.records)
    index = HashIndex(copying: other.index)
    for client in 0..<UInt32(records.count) {
      records[client].items = other.records[client].items.copied()
      records[client].deleted = other.records[client].deleted.copied()
      records[client].pendingDeletes = other.records[client].pendingDeletes.copied()
      records[client].parked = other.records[client].parked.copied()
    }
  }

  deinit {
    for client in 0..<UInt32(records.count) {
      var record = records[client]
      record.items.free()
      record.deleted.free()
      record.pendingDeletes.free()
      record.parked.free()
    }
  }

  var count: Int { records.count }

  @inline(__always) func find(_ id: ClientID) -> ClientIndex {
    if records.count <= 8 {
      for client in 0..<UInt32(records.count) where records[client].id == id { return client }
      return .none
    }
    return index.find(Hashing.hash(id)) { records[$0].id == id }
  }

  @inline(__always) mutating func intern(_ id: ClientID) -> ClientIndex {
    let found = find(id)
    return found != .none ? found : add(id)
  }

  @inline(never) private mutating func add(_ id: ClientID) -> ClientIndex {
    let new = records.append(ClientRecord(id: id))
    index.insert(new, hash: Hashing.hash(id)) { Hashing.hash(records[$0].id) }
    return new
  }

  /// All clients, greatest id first: the order in which updates and state vectors are written.
  mutating func sortedDescending() -> [ClientIndex] {
    if sortedCache.count != records.count {
      sortedCache = (0..<UInt32(records.count)).sorted { records[$0].id > records[$1].id }
    }
    return sortedCache
  }
}
