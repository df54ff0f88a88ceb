/// A run of consecutive clocks.
struct ClockRun: BitwiseCopyable {
  var clock: UInt64
  var length: UInt64
  @inline(__always) var end: UInt64 { clock &+ length }
}

/// A set of clocks of one client that grows by small pieces and is read now and then.
///
/// New runs are noted unsorted and folded into the sorted ones when they have become many or when somebody reads, so
/// that adding costs amortised O(log n) wherever it happens.
struct ClockRuns: BitwiseCopyable {
  private var sorted = Vector<ClockRun>()
  private var recent = Vector<ClockRun>()
  /// The first `encodedCount` sorted runs as delete sets V1 have them.
  private var encodedRuns = Vector<UInt8>()
  private var encodedCount = 0

  var isEmpty: Bool { sorted.isEmpty && recent.isEmpty }
  /// How many runs are stored; joining may still reduce it.
  var storedCount: Int { sorted.count + recent.count }

  mutating func insert(_ clock: UInt64, _ length: UInt64) {
    if !recent.isEmpty {
      let last = recent[recent.count - 1]
      if last.end == clock {
        recent[recent.count - 1].length += length
        return
      }
      if clock &+ length == last.clock {
        recent[recent.count - 1] = ClockRun(clock: clock, length: last.length + length)
        return
      }
    }
    recent.append(ClockRun(clock: clock, length: length))
    if recent.count > 64 && recent.count > sorted.count / 2 { normalize() }
  }

  /// Sorted, disjoint, not touching each other.
  mutating func normalized() -> Vector<ClockRun> {
    normalize()
    return sorted
  }

  /// Removes all clocks before one. The runs must be normalised.
  mutating func removeAll(before clock: UInt64) {
    assert(recent.isEmpty)
    forgetEncoding(from: 0)
    sorted.removeSubrange(0..<firstRun(endingAfter: clock))
    guard !sorted.isEmpty, sorted[0].clock < clock else { return }
    sorted[0] = ClockRun(clock: clock, length: sorted[0].end - clock)
  }

  /// Whether all clocks of a run were in the set when it was last normalised. `place` is where the caller asked last,
  /// and likely to ask next.
  func contains(_ run: ClockRun, near place: inout Int) -> Bool {
    if place >= sorted.count || sorted[place].clock > run.clock || sorted[place].end <= run.clock {
      place += 1
      if place >= sorted.count || sorted[place].clock > run.clock || sorted[place].end <= run.clock {
        place = firstRun(endingAfter: run.clock)
      }
    }
    return place < sorted.count && sorted[place].clock <= run.clock && sorted[place].end >= run.end
  }

  private func firstRun(endingAfter clock: UInt64) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle].end <= clock { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The runs as delete sets V1 have them, and how many those are. What did not change since the last call is not
  /// written again.
  mutating func encoded() -> (count: Int, bytes: Vector<UInt8>) {
    normalize()
    if encodedCount < sorted.count {
      var writer = ByteWriter(capacity: (sorted.count - encodedCount) * 6)
      for run in encodedCount..<sorted.count {
        writer.varUInt(sorted[run].clock)
        writer.varUInt(sorted[run].length)
      }
      writer.withBytes { encodedRuns.append(contentsOf: $0) }
      encodedCount = sorted.count
    }
    return (sorted.count, encodedRuns)
  }

  /// Forgets the encoding of all runs from one on: two numbers each, the last bytes of which are less than 0x80.
  private mutating func forgetEncoding(from run: Int) {
    guard run < encodedCount else { return }
    var ends = (encodedCount - run) * 2 + 1
    var length = encodedRuns.count
    while length > 0 {
      if encodedRuns[length - 1] < 0x80 { ends -= 1 }
      if ends == 0 { break }
      length -= 1
    }
    encodedRuns.truncate(to: length)
    encodedCount = run
  }

  private mutating func normalize() {
    guard !recent.isEmpty else { return }
    recent.sort { $0.clock < $1.clock }
    var tail = sorted.count
    while tail > 0, sorted[tail - 1].end >= recent[0].clock { tail -= 1 }
    forgetEncoding(from: tail)
    var old = Vector<ClockRun>()
    old.append(contentsOf: sorted, in: tail..<sorted.count)
    sorted.truncate(to: tail)
    var a = 0
    var b = 0
    while a < old.count || b < recent.count {
      let takesOld = b == recent.count || (a < old.count && old[a].clock <= recent[b].clock)
      let run = takesOld ? old[a] : recent[b]
      if takesOld { a += 1 } else { b += 1 }
      if !sorted.isEmpty, sorted[sorted.count - 1].end >= run.clock {
        let last = sorted[sorted.count - 1]
        sorted[sorted.count - 1].length = max(last.end, run.end) - last.clock
      } else {
        sorted.append(run)
      }
    }
    old.free()
    recent.truncate(to: 0)
  }

  func copied() -> ClockRuns {
    var copy = self
    copy.sorted = sorted.copied()
    copy.recent = recent.copied()
    copy.encodedRuns = encodedRuns.copied()
    return copy
  }

  mutating func free() {
    sorted.free()
    encodedRuns.free()
    recent.free()
  }
}
