/// An open-addressing table of record indexes. It stores no keys: the caller compares records.
struct HashIndex: ~Copyable {
  private var slots: Slab<UInt32>
  private var used = 0

  init() {
    slots = Slab()
  }

  init(copying other: borrowing HashIndex) {
    slots = Slab(copying: other.slots)
    used = other.used
  }

  /// The record with this hash for which `matches` holds.
  @inline(__always) func find(_ hash: UInt32, _ matches: (UInt32) -> Bool) -> UInt32 {
    guard slots.count > 0 else { return .none }
    let mask = UInt32(slots.count - 1)
    var slot = hash & mask
    while true {
      let record = slots[slot]
      if record == .none || matches(record) { return record }
      slot = (slot &+ 1) & mask
    }
  }

  /// Adds a record that is not in the table. `hashOf` gives the hash of any record already in it.
  mutating func insert(_ record: UInt32, hash: UInt32, hashOf: (UInt32) -> UInt32) {
    if (used + 1) * 4 > slots.count * 3 { grow(hashOf) }
    place(record, hash)
    used += 1
  }

  private mutating func place(_ record: UInt32, _ hash: UInt32) {
    let mask = UInt32(slots.count - 1)
    var slot = hash & mask
    while slots[slot] != .none { slot = (slot &+ 1) & mask }
    slots[slot] = record
  }

  private mutating func grow(_ hashOf: (UInt32) -> UInt32) {
    let old = Slab(copying: slots)
    let newCount = Swift.max(8, old.count * 2)
    slots = Slab(minimumCapacity: newCount)
    for _ in 0..<newCount { slots.append(.none) }
    for index in 0..<UInt32(old.count) where old[index] != .none {
      place(old[index], hashOf(old[index]))
    }
  }
}
