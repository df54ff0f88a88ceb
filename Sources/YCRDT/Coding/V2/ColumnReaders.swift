/// Readers of the columns of format V2, as lib0 writes them. A column that has run dry goes on repeating itself, as in
/// lib0; who reads has to bound how often.

/// Unsigned numbers, runs of equal ones as one negated number and a count.
struct UIntColumnReader {
  private var reader: ByteReader
  private var value: UInt64 = 0
  private var count: UInt64 = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  mutating func next() throws(UpdateError) -> UInt64 {
    if count == 0 {
      if reader.remaining == 0 { return 0 }
      let (magnitude, isRun) = try reader.varInt()
      value = magnitude
      count = isRun ? try reader.varUInt() + 2 : 1
    }
    count -= 1
    return value
  }
}

/// Numbers as differences to the one before, runs of equal differences as one with a count.
struct DifferenceColumnReader {
  private var reader: ByteReader
  private var value: Int64 = 0
  private var difference: Int64 = 0
  private var count: UInt64 = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  mutating func next() throws(UpdateError) -> UInt64 {
    if count == 0 {
      if reader.remaining == 0 { return UInt64(value) }
      let (magnitude, isNegative) = try reader.varInt()
      let encoded = isNegative ? -Int64(magnitude) : Int64(magnitude)
      difference = encoded >> 1
      count = encoded & 1 == 1 ? try reader.varUInt() + 2 : 1
    }
    count -= 1
    value += difference
    guard value >= 0, value <= Int64(ByteReader.maxNumber) else { throw reader.error(.numberTooLarge) }
    return UInt64(value)
  }
}

/// Bytes, each with how often it is repeated; the last one without end. An empty column is all zeros.
struct ByteColumnReader {
  private var reader: ByteReader
  private var value: UInt8 = 0
  /// How often the value comes once more; nil for ever.
  private var count: UInt64? = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  mutating func next() throws(UpdateError) -> UInt8 {
    guard let rest = count else { return value }
    if rest > 0 {
      count = rest - 1
      return value
    }
    value = reader.remaining > 0 ? try reader.byte() : 0
    count = reader.remaining > 0 ? try reader.varUInt() : nil
    return value
  }
}

/// Strings: all in one, and a column of their lengths in UTF-16 units.
struct StringColumnReader {
  private let text: UnsafeBufferPointer<UInt8>
  private let isASCII: Bool
  private var lengths: UIntColumnReader
  private var position = 0
  private var unitsLeft: Int
  /// The last string ended between the halves of the surrogate pair that is at `position`.
  private var isInsidePair = false

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(UpdateError) {
    var reader = ByteReader(bytes)
    let (offset, length, shape) = try reader.string()
    text = reader.slice(offset, length)
    isASCII = shape.isASCII
    unitsLeft = shape.utf16Count
    lengths = UIntColumnReader(reader.slice(reader.position, reader.remaining))
  }

  /// Writes the next string with its length in front. A half of a surrogate pair becomes U+FFFD.
  mutating func copyNext(into writer: inout ByteWriter) throws(UpdateError) {
    // Where the text is over, strings are shorter than they say, as JavaScript cuts them.
    let count = min(try lengths.next(), UInt64(unitsLeft))
    unitsLeft -= Int(count)
    guard count > 0, let base = text.baseAddress else { return writer.varUInt(0) }
    if isASCII {
      writer.prefixed(UnsafeBufferPointer(start: base + position, count: Int(count)))
      position += Int(count)
      return
    }
    let startsInside = isInsidePair
    if startsInside {
      position += 4
      isInsidePair = false
    }
    let (length, endsInside) = UTF8Shape.byteOffset(of: Int(count) - (startsInside ? 1 : 0), in: base + position)
    isInsidePair = endsInside
    writer.varUInt(length + (startsInside ? 3 : 0) + (endsInside ? 3 : 0))
    if startsInside { writer.raw(UTF8Shape.replacement) }
    writer.raw(UnsafeBufferPointer(start: base + position, count: length))
    if endsInside { writer.raw(UTF8Shape.replacement) }
    position += length
  }
}
