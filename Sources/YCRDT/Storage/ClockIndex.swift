/// All items of one client by clock: chunks of at most 256 entries, so that inserting in the middle stays cheap.
struct ClockIndex: BitwiseCopyable {
  static let chunkSize = 256

  struct Entry: BitwiseCopyable {
    /// Distance of the item's clock from the chunk's first clock.
    var offset: UInt32
    var item: ItemIndex
  }

  struct Chunk: BitwiseCopyable {
    var firstClock: UInt64
    var entries = Vector<Entry>()
  }

  /// Where an item stands.
  struct Position: BitwiseCopyable {
    var chunk: Int
    var slot: Int
  }

  var chunks = Vector<Chunk>()
  /// Number of entries in all chunks.
  private(set) var count = 0

  @inline(__always) func item(at position: Position) -> ItemIndex {
    chunks[position.chunk].entries[position.slot].item
  }

  /// The entry with the greatest clock ≤ `clock`. There must be one.
  @inline(__always) func locate(_ clock: UInt64) -> Position {
    var low = chunks.count - 1
    if chunks.pointer(low).pointee.firstClock > clock {
      var rest = low
      low = 0
      while rest > 1 {
        let half = rest &>> 1
        let firstClock = chunks.pointer(low &+ half).pointee.firstClock
        if half < 2048 {
          // As below; of a negative difference of clocks the upper eleven bits are set.
          low &+= half & Int(truncatingIfNeeded: (firstClock &- (clock &+ 1)) &>> 53)
        } else if firstClock <= clock {
          low &+= half
        }
        rest &-= half
      }
    }
    let chunk = chunks.pointer(low).pointee
    assert(chunk.firstClock <= clock, "clock before the first item")
    let offset = UInt32(truncatingIfNeeded: min(clock - chunk.firstClock, UInt64(UInt32.max)))
    let entries = chunk.entries
    let lastSlot = entries.count - 1
    if entries[lastSlot].offset <= offset { return Position(chunk: low, slot: lastSlot) }
    var slot = 0
    var rest = lastSlot
    while rest > 1 {
      let half = rest &>> 1
      let difference = UInt64(entries.pointer(slot &+ half).pointee.offset) &- (UInt64(offset) &+ 1)
      // Its upper half is all ones if it is negative: the step is taken without a branch, which would be predicted
      // wrongly half of the time.
      slot &+= half & Int(truncatingIfNeeded: difference &>> 32)
      rest &-= half
    }
    return Position(chunk: low, slot: slot)
  }

  @inline(__always) var last: ItemIndex {
    let chunk = chunks[chunks.count - 1]
    return chunk.entries[chunk.entries.count - 1].item
  }

  /// Adds an item behind all others.
  @inline(__always) mutating func append(_ item: ItemIndex, clock: UInt64) {
    count &+= 1
    if !chunks.isEmpty {
      let chunk = chunks.pointer(chunks.count - 1)
      let offset = clock - chunk.pointee.firstClock
      if chunk.pointee.entries.count < Self.chunkSize, offset <= UInt64(UInt32.max) {
        chunk.pointee.entries.append(Entry(offset: UInt32(truncatingIfNeeded: offset), item: item))
        return
      }
    }
    appendChunk(item, clock)
  }

  @inline(never) private mutating func appendChunk(_ item: ItemIndex, _ clock: UInt64) {
    var chunk = Chunk(firstClock: clock)
    // Whoever has filled a chunk is likely to fill another.
    if !chunks.isEmpty { chunk.entries.reserve(Self.chunkSize) }
    chunk.entries.append(Entry(offset: 0, item: item))
    chunks.append(chunk)
  }

  /// Adds an item right behind the one at `position`.
  mutating func insert(_ item: ItemIndex, clock: UInt64, after position: Position) {
    var position = position
    let distance = clock - chunks[position.chunk].firstClock
    if distance > UInt64(UInt32.max) {
      // Too far away for the chunk's offsets; so are all entries behind it, of which there are none.
      var chunk = Chunk(firstClock: clock)
      chunk.entries.append(Entry(offset: 0, item: item))
      chunks.insert(chunk, at: position.chunk + 1)
      count += 1
      return
    }
    if chunks[position.chunk].entries.count == Self.chunkSize {
      split(position.chunk)
      let half = chunks[position.chunk].entries.count
      if position.slot >= half {
        position = Position(chunk: position.chunk + 1, slot: position.slot - half)
      }
    }
    let offset = UInt32(truncatingIfNeeded: clock - chunks[position.chunk].firstClock)
    chunks[position.chunk].entries.insert(Entry(offset: offset, item: item), at: position.slot + 1)
    count += 1
  }

  private mutating func split(_ index: Int) {
    let entries = chunks[index].entries
    let half = entries.count / 2
    let shift = entries[half].offset
    var right = Chunk(firstClock: chunks[index].firstClock + UInt64(shift))
    right.entries.append(contentsOf: entries, in: half..<entries.count)
    for slot in 0..<right.entries.count { right.entries[slot].offset -= shift }
    chunks[index].entries.truncate(to: half)
    chunks.insert(right, at: index + 1)
  }

  /// Whether the item no longer stands at the position where it was found.
  @inline(__always) func isStale(_ position: Position, _ item: ItemIndex) -> Bool {
    position.slot >= chunks[position.chunk].entries.count || self.item(at: position) != item
  }

  /// The position after `position`, or nil at the end.
  @inline(__always) func next(_ position: Position) -> Position? {
    if position.slot + 1 < chunks[position.chunk].entries.count {
      return Position(chunk: position.chunk, slot: position.slot + 1)
    }
    return position.chunk + 1 < chunks.count ? Position(chunk: position.chunk + 1, slot: 0) : nil
  }

  @inline(__always) func previous(_ position: Position) -> Position? {
    if position.slot > 0 { return Position(chunk: position.chunk, slot: position.slot - 1) }
    guard position.chunk > 0 else { return nil }
    return Position(chunk: position.chunk - 1, slot: chunks[position.chunk - 1].entries.count - 1)
  }

  /// Number of entries from `position` to the end.
  func countToEnd(from position: Position) -> Int {
    var total = chunks[position.chunk].entries.count - position.slot
    for chunk in (position.chunk + 1)..<max(chunks.count, position.chunk + 1) { total += chunks[chunk].entries.count }
    return total
  }

  /// Corrects the count after entries were removed from chunks directly.
  mutating func noteRemoved(_ removed: Int) {
    count -= removed
  }

  /// Removes a chunk that has become empty.
  mutating func removeChunk(_ index: Int) {
    chunks[index].entries.free()
    chunks.removeSubrange(index..<(index + 1))
  }

  /// Makes a chunk's offsets start at its first entry again, after entries before it were removed.
  func rebase(_ index: Int) {
    let entries = chunks[index].entries
    let shift = entries[0].offset
    guard shift > 0 else { return }
    chunks[index].firstClock += UInt64(shift)
    for slot in 0..<entries.count { entries[slot].offset -= shift }
  }

  func copied() -> ClockIndex {
    var copy = self
    copy.chunks = chunks.copied()
    for index in 0..<copy.chunks.count { copy.chunks[index].entries = chunks[index].entries.copied() }
    return copy
  }

  mutating func free() {
    for index in 0..<chunks.count { chunks[index].entries.free() }
    chunks.free()
  }
}
