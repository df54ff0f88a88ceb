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

  private mutating func normalize() {
    guard !recent.isEmpty else { return }
    recent.sort { $0.clock < $1.clock }
    var tail = sorted.count
    while tail > 0, sorted[tail - 1].end >= recent[0].clock { tail -= 1 }
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
    return copy
  }

  mutating func free() {
    sorted.free()
    recent.free()
  }
}
