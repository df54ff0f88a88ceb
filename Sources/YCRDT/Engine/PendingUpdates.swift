/// Structs that arrived before what they depend on, kept with their bytes until it is there.
struct PendingUpdates: ~Copyable {
  /// In order of arrival, or by client and clock after `sort`.
  var structs: Slab<WireStruct>
  var bytes: ByteArena
  private var isSorted = true
  /// Ranges of deletions that wait for their clocks, over all clients.
  var deletionCount = 0

  init() {
    structs = Slab()
    bytes = ByteArena()
  }

  init(copying other: borrowing PendingUpdates) {
    structs = Slab(copying: other.structs)
    bytes = ByteArena(copying: other.bytes)
    isSorted = other.isSorted
    deletionCount = other.deletionCount
  }

  var isEmpty: Bool { structs.count == 0 && deletionCount == 0 }

  /// What the pending structs and deletions cost in memory, about.
  var cost: Int { structs.count * MemoryLayout<WireStruct>.stride + bytes.count + deletionCount * 64 }

  static func cost(structs: Int, bytes: Int, deletions: Int) -> Int {
    structs * MemoryLayout<WireStruct>.stride + bytes + deletions * 64
  }

  /// Keeps a struct whose names and contents are ranges of `source`.
  mutating func add(_ wire: WireStruct, from source: UnsafePointer<UInt8>) {
    var wire = wire
    if wire.flags.contains(.hasParentName) {
      wire.setName(bytes.append(source + Int(wire.name), Int(wire.nameLength)), wire.nameLength)
    }
    if wire.flags.contains(.hasKey) {
      wire.setKey(bytes.append(source + Int(wire.key), Int(wire.keyLength)), wire.keyLength)
    }
    if !wire.kind.isBare { wire.content = bytes.append(source + Int(wire.content), Int(wire.contentLength)) }
    structs.append(wire)
    isSorted = false
  }

  /// Orders the structs as an update has them: clients descending, clocks ascending.
  mutating func sort() {
    guard !isSorted else { return }
    structs.sort { $0.client != $1.client ? $0.client > $1.client : $0.clock < $1.clock }
    isSorted = true
  }

  /// Takes all structs out, sorted, with their bytes.
  mutating func takeStructs() -> PendingUpdates {
    sort()
    var taken = PendingUpdates()
    swap(&self, &taken)
    deletionCount = taken.deletionCount
    return taken
  }
}
