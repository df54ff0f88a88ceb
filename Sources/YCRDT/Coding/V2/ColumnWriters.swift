/// Writers of the columns of format V2, byte for byte as lib0 writes them.

/// Unsigned numbers, runs of equal ones as one negated number and a count.
struct UIntColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var value: UInt64 = 0
  private var count = 0

  @inline(__always) mutating func write(_ next: UInt64) {
    if count > 0, next == value {
      count &+= 1
    } else {
      flush()
      value = next
      count = 1
    }
  }

  @inline(__always) private mutating func flush() {
    if count > 0 { writer.run(magnitude: value, isNegative: count > 1, count: count) }
    count = 0
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    flush()
    return writer.count
  }

  func copy(into target: inout ByteWriter, isPrefixed: Bool = true) {
    writer.withBytes { isPrefixed ? target.prefixed($0) : target.raw($0) }
  }
}

/// Numbers as differences to the one before, runs of equal differences as one with a count.
struct DifferenceColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var value: Int64 = 0
  private var difference: Int64 = 0
  private var count = 0

  @inline(__always) mutating func write(_ next: UInt64) {
    let next = Int64(bitPattern: next)
    let step = next &- value
    value = next
    if step == difference, count > 0 || step == 0 {
      count &+= 1
    } else {
      flush()
      difference = step
      count = 1
    }
  }

  @inline(__always) private mutating func flush() {
    guard count > 0 else { return }
    let encoded = difference &* 2 &+ (count == 1 ? 0 : 1)
    writer.run(magnitude: encoded.magnitude, isNegative: encoded < 0, count: count)
  }

  /// Writes what is still missing, and returns the length of the column.
  mutating func finish() -> Int {
    flush()
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
  private var value: UInt8 = 0
  private var count = 0

  @inline(__always) mutating func write(_ next: UInt8) {
    if count > 0, next == value {
      count &+= 1
    } else {
      startRun(of: next)
    }
  }

  @inline(__always) private mutating func startRun(of next: UInt8) {
    if count > 0 { writer.varUInt(count &- 1) }
    writer.byte(next)
    value = next
    count = 1
  }

  /// The length of the column.
  func finish() -> Int { writer.count }

  func copy(into target: inout ByteWriter) {
    writer.withBytes { target.prefixed($0) }
  }
}

/// Strings: all in one, and a column of their lengths in UTF-16 units.
struct StringColumnWriter: ~Copyable {
  private var text: ByteWriter
  private var lengths = UIntColumnWriter()
  private var length = 0

  /// With room for so many bytes of text.
  init(capacity: Int = 32) {
    text = ByteWriter(capacity: capacity)
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

extension ByteWriter {
  /// Writes a number with a sign, and behind it how often it stands there, if that is more than once.
  @inline(__always)
  fileprivate mutating func run(magnitude: UInt64, isNegative: Bool, count: Int) {
    write(upTo: 24) { target in
      var end = target
      end.putVarIntQuickly(magnitude: magnitude, isNegative: isNegative)
      if count > 1 { end.putVarUIntQuickly(UInt64(count &- 2)) }
      return end
    }
  }
}
