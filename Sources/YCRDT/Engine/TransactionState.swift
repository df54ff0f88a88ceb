/// What a transaction has done so far.
struct TransactionState: ~Copyable {
  /// Deleted clocks of one client.
  struct Deletion: BitwiseCopyable {
    var client: ClientIndex
    var clock: UInt64
    var length: UInt64
    @inline(__always) var end: UInt64 { clock &+ length }
  }

  /// A changed map key (or, with key `.none`, the list) of a type.
  struct Change: BitwiseCopyable {
    var type: TypeIndex
    var key: KeyIndex
  }

  /// A place where an item was split.
  struct Split: BitwiseCopyable {
    var client: ClientIndex
    var clock: UInt64
  }

  /// Number of this transaction, never 0.
  var number: UInt32 = 1
  var touched = Slab<ClientIndex>()
  var deletions = Slab<Deletion>()
  var splits = Slab<Split>()
  /// Items that the transaction deleted, parts of them included: their contents can be dropped at its end.
  var garbage = Slab<ItemIndex>()
  var changes = Slab<Change>()
  /// Somebody observes types, so that `changes` has to be kept.
  var recordsChanges = false
  /// The structs of the one update applied are in the document exactly as they were on the wire.
  var isVerbatim = true

  init() {}

  init(copying other: borrowing TransactionState) {
    number = other.number
    touched = Slab(copying: other.touched)
    deletions = Slab(copying: other.deletions)
    splits = Slab(copying: other.splits)
    garbage = Slab(copying: other.garbage)
    changes = Slab(copying: other.changes)
    recordsChanges = other.recordsChanges
    isVerbatim = other.isVerbatim
  }

  var isEmpty: Bool { touched.count == 0 && deletions.count == 0 && splits.count == 0 }

  mutating func reset() {
    number &+= 1
    if number == 0 { number = 1 }
    touched.removeAll(keepingCapacityUpTo: 1024)
    deletions.removeAll(keepingCapacityUpTo: 4096)
    splits.removeAll(keepingCapacityUpTo: 4096)
    garbage.removeAll(keepingCapacityUpTo: 4096)
    changes.removeAll(keepingCapacityUpTo: 4096)
    isVerbatim = true
  }

  /// Sorts the deletions and joins what touches.
  mutating func normalizeDeletions() {
    guard deletions.count > 1, !areDeletionsNormal else { return }
    deletions.sort { $0.client != $1.client ? $0.client < $1.client : $0.clock < $1.clock }
    var kept: UInt32 = 0
    for index in 1..<UInt32(deletions.count) {
      let next = deletions[index]
      if deletions[kept].client == next.client, deletions[kept].end >= next.clock {
        deletions[kept].length = max(deletions[kept].end, next.end) - deletions[kept].clock
      } else {
        kept += 1
        deletions[kept] = next
      }
    }
    deletions.removeLast(deletions.count - Int(kept) - 1)
  }

  private var areDeletionsNormal: Bool {
    for index in 1..<UInt32(deletions.count) {
      let last = deletions[index - 1]
      let next = deletions[index]
      if last.client > next.client || (last.client == next.client && last.end >= next.clock) { return false }
    }
    return true
  }

  /// Whether a clock is among the deletions, which are normalised.
  func deletes(_ client: ClientIndex, _ clock: UInt64) -> Bool {
    let place = place(of: client, clock)
    return place < UInt32(deletions.count) && deletions[place].client == client && deletions[place].clock <= clock
  }

  /// The first deletion that ends behind a clock. The deletions are normalised.
  func place(of client: ClientIndex, _ clock: UInt64) -> UInt32 {
    var low: UInt32 = 0
    var high = UInt32(deletions.count)
    while low < high {
      let middle = (low + high) / 2
      let deletion = deletions[middle]
      if deletion.client < client || (deletion.client == client && deletion.end <= clock) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
