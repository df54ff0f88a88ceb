/// Writers of the columns of format V2, byte for byte as lib0 writes them.

/// Numbers that wait to be encoded many at a time, in a loop that keeps its state in registers.
struct ColumnBlock: ~Copyable {
  /// The size of a page of memory in numbers.
  private static let greatestCapacity = 512
  private let base: UnsafeMutablePointer<UInt64>
  private let capacity: Int
  private var count = 0

  init(expecting numbers: Int) {
    capacity = min(max(numbers, 8), Self.greatestCapacity)
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// Appends a number where there is room, and says whether there is room for another.
  @inline(__always) mutating func append(_ number: UInt64) -> Bool {
    assert(count < capacity, "a full block was not emptied")
    base[count] = number
    count &+= 1
    return count < capacity
  }

  /// Runs `body` with what waits, and forgets it.
  @inline(__always) mutating func empty(_ body: (UnsafeBufferPointer<UInt64>) -> Void) {
    body(UnsafeBufferPointer(start: base, count: count))
    count = 0
  }
}

/// Unsigned numbers, runs of equal ones as one negated number and a count.
struct UIntColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var waiting: ColumnBlock
  private var value: UInt64 = 0
  private var count = 0

  /// For about so many numbers.
  init(expecting numbers: Int = 0) {
    waiting = ColumnBlock(expecting: numbers)
  }

  @inline(__always) mutating func write(_ next: UInt64) {
    if !waiting.append(next) { encodeWaiting() }
  }

  @inline(never) private mutating func encodeWaiting() {
    var (value, count) = (value, count)
    waiting.empty { numbers in
      writer.write(upTo: numbers.count &* runLength) { target in
        var end = target
        for next in numbers {
          if next == value, count > 0 {
            count &+= 1
            continue
          }
          end.putRun(of: value, count: count)
          value = next
          count = 1
        }
        return end
      }
    }
    (self.value, self.count) = (value, count)
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    encodeWaiting()
    writer.write(upTo: runLength) { target in
      var end = target
      end.putRun(of: value, count: count)
      return end
    }
    count = 0
    return writer.count
  }

  func copy(into target: inout ByteWriter, isPrefixed: Bool = true) {
    writer.withBytes { isPrefixed ? target.prefixed($0) : target.raw($0) }
  }
}

/// Numbers as differences to the one before, runs of equal differences as one with a count.
struct DifferenceColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var waiting: ColumnBlock
  private var value: Int64 = 0
  private var difference: Int64 = 0
  private var count = 0

  /// For about so many numbers.
  init(expecting numbers: Int = 0) {
    waiting = ColumnBlock(expecting: numbers)
  }

  @inline(__always) mutating func write(_ next: UInt64) {
    if !waiting.append(next) { encodeWaiting() }
  }

  @inline(never) private mutating func encodeWaiting() {
    var (value, difference, count) = (value, difference, count)
    waiting.empty { numbers in
      writer.write(upTo: numbers.count &* runLength) { target in
        var end = target
        for next in numbers {
          let next = Int64(bitPattern: next)
          let step = next &- value
          value = next
          if step == difference {
            count &+= 1
            continue
          }
          end.putRun(difference: difference, count: count)
          difference = step
          count = 1
        }
        return end
      }
    }
    (self.value, self.difference, self.count) = (value, difference, count)
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    encodeWaiting()
    writer.write(upTo: runLength) { target in
      var end = target
      end.putRun(difference: difference, count: count)
      return end
    }
    count = 0
    return writer.count
  }

  func copy(into target: inout ByteWriter) {
    writer.withBytes { target.prefixed($0) }
  }
}

/// Bytes, each with how often it is repeated; not so the last one.
struct ByteColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var waiting: ColumnBlock
  private var value: UInt8 = 0
  private var count = 0

  /// For about so many bytes.
  init(expecting bytes: Int = 0) {
    waiting = ColumnBlock(expecting: bytes)
  }

  @inline(__always) mutating func write(_ next: UInt8) {
    if !waiting.append(UInt64(next)) { encodeWaiting() }
  }

  @inline(never) private mutating func encodeWaiting() {
    var (value, count) = (value, count)
    waiting.empty { bytes in
      writer.write(upTo: bytes.count &* runLength) { target in
        var end = target
        for next in bytes {
          let next = UInt8(truncatingIfNeeded: next)
          if next == value, count > 0 {
            count &+= 1
            continue
          }
          if count > 0 { end.putVarUIntQuickly(UInt64(count &- 1)) }
          end.put(next)
          value = next
          count = 1
        }
        return end
      }
    }
    (self.value, self.count) = (value, count)
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    encodeWaiting()
    return writer.count
  }

  func copy(into target: inout ByteWriter) {
    writer.withBytes { target.prefixed($0) }
  }
}

/// Strings: all in one, and a column of their lengths in UTF-16 units.
struct StringColumnWriter: ~Copyable {
  private var text: ByteWriter
  private var lengths: UIntColumnWriter
  private var length = 0

  /// For about so many strings and bytes of text.
  init(expecting strings: Int = 0, bytes: Int = 32) {
    text = ByteWriter(capacity: bytes)
    lengths = UIntColumnWriter(expecting: strings)
  }

  @inline(__always) mutating func write(_ string: UnsafeBufferPointer<UInt8>, utf16Count: Int) {
    text.raw(string)
    lengths.write(UInt64(utf16Count))
  }

  /// The same with bytes of which 64 can be read.
  @inline(__always) mutating func write(quickly bytes: UnsafePointer<UInt8>, _ count: Int, utf16Count: Int) {
    text.write(upTo: count &+ 64) { target in
      var end = target
      end.putQuickly(bytes, count)
      return end
    }
    lengths.write(UInt64(utf16Count))
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    length = ByteWriter.length(UInt64(text.count)) + text.count + lengths.finish()
    return length
  }

  func copy(into target: inout ByteWriter) {
    target.varUInt(length)
    text.withBytes { target.prefixed($0) }
    lengths.copy(into: &target, isPrefixed: false)
  }
}

/// What a run takes at most: a number with a sign and a count, and what is written beyond the end.
private let runLength = 24

extension UnsafeMutablePointer<UInt8> {
  /// Writes a number, or it negated and how often it stands there. Nothing if it does not.
  @inline(__always) fileprivate mutating func putRun(of value: UInt64, count: Int) {
    if count == 1, value < 0x40 {
      put(UInt8(truncatingIfNeeded: value))
    } else if count == 1 {
      putVarInt(magnitude: value, isNegative: false)
    } else if count > 1 {
      self = repeated(value, isNegative: true, count)
    }
  }

  /// Writes a difference, and how often it stands there if the lowest bit says so. Nothing if it does not.
  @inline(__always) fileprivate mutating func putRun(difference: Int64, count: Int) {
    if count == 1 {
      putVarInt(magnitude: difference.magnitude &* 2, isNegative: difference < 0)
    } else if count > 1 {
      let encoded = difference &* 2 &+ 1
      self = repeated(encoded.magnitude, isNegative: encoded < 0, count)
    }
  }

  /// Writes a number with a sign and how often it stands there, and returns the pointer behind them. A call of its own,
  /// so that the loops around it keep what they need in registers.
  @inline(never) private func repeated(_ magnitude: UInt64, isNegative: Bool, _ count: Int) -> Self {
    var end = self
    end.putVarInt(magnitude: magnitude, isNegative: isNegative)
    end.putVarUIntQuickly(UInt64(count &- 2))
    return end
  }
}
