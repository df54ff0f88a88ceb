/// Writers of the columns of format V2, byte for byte as lib0 writes them.

/// Unsigned numbers, runs of equal ones as one negated number and a count.
struct UIntColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var value: UInt64 = 0
  private var count = 0

  mutating func write(_ next: UInt64) {
    if count > 0, next == value {
      count += 1
    } else {
      flush()
      value = next
      count = 1
    }
  }

  private mutating func flush() {
    guard count > 0 else { return }
    writer.varInt(magnitude: value, isNegative: count > 1)
    if count > 1 { writer.varUInt(count - 2) }
    count = 0
  }

  mutating func finish(into target: inout ByteWriter, isPrefixed: Bool = true) {
    flush()
    writer.withBytes { isPrefixed ? target.prefixed($0) : target.raw($0) }
  }
}

/// Numbers as differences to the one before, runs of equal differences as one with a count.
struct DifferenceColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var value: Int64 = 0
  private var difference: Int64 = 0
  private var count = 0

  mutating func write(_ next: UInt64) {
    let next = Int64(next)
    if count > 0 || difference == 0, next - value == difference {
      count += 1
    } else {
      flush()
      difference = next - value
      count = 1
    }
    value = next
  }

  private mutating func flush() {
    guard count > 0 else { return }
    let encoded = difference * 2 + (count == 1 ? 0 : 1)
    writer.varInt(magnitude: encoded.magnitude, isNegative: encoded < 0)
    if count > 1 { writer.varUInt(count - 2) }
  }

  mutating func finish(into target: inout ByteWriter) {
    flush()
    writer.withBytes { target.prefixed($0) }
  }
}

/// Bytes, each with how often it is repeated; not so the last one.
struct ByteColumnWriter: ~Copyable {
  private var writer = ByteWriter()
  private var value: UInt8 = 0
  private var count = 0

  mutating func write(_ next: UInt8) {
    if count > 0, next == value {
      count += 1
      return
    }
    if count > 0 { writer.varUInt(count - 1) }
    writer.byte(next)
    value = next
    count = 1
  }

  func finish(into target: inout ByteWriter) {
    writer.withBytes { target.prefixed($0) }
  }
}

/// Strings: all in one, and a column of their lengths in UTF-16 units.
struct StringColumnWriter: ~Copyable {
  private var text = ByteWriter()
  private var lengths = UIntColumnWriter()

  mutating func write(_ string: UnsafeBufferPointer<UInt8>, utf16Count: Int) {
    text.raw(string)
    lengths.write(UInt64(utf16Count))
  }

  mutating func finish(into target: inout ByteWriter) {
    var column = ByteWriter(capacity: text.count + 64)
    text.withBytes { column.prefixed($0) }
    lengths.finish(into: &column, isPrefixed: false)
    column.withBytes { target.prefixed($0) }
  }
}
