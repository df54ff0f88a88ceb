/// Readers of the columns of format V2, as lib0 writes them. A column that has run dry goes on repeating itself, as in
/// lib0; who reads has to bound how often.

/// Unsigned numbers, runs of equal ones as one negated number and a count.
struct UIntColumnReader {
  private var reader: ByteReader
  private var value: UInt64 = 0
  private var count: UInt64 = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  @inline(__always) mutating func next() throws(UpdateError) -> UInt64 {
    if count == 0 { try startRun() }
    count &-= 1
    return value
  }

  /// What the next number is.
  mutating func peek() throws(UpdateError) -> UInt64 {
    if count == 0 { try startRun() }
    return value
  }

  private mutating func startRun() throws(UpdateError) {
    guard reader.remaining > 0 else {
      (value, count) = (0, .max)
      return
    }
    (value, _, count) = try reader.run { _, isNegative in isNegative }
  }
}

/// Numbers as differences to the one before, runs of equal differences as one with a count.
struct DifferenceColumnReader {
  private var reader: ByteReader
  private var value: Int64 = 0
  private var difference: Int64 = 0
  private var count: UInt64 = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  @inline(__always) mutating func next() throws(UpdateError) -> UInt64 {
    if count == 0 { try startRun() }
    count &-= 1
    value &+= difference
    guard value >= 0, value <= Int64(ByteReader.maxNumber) else { throw reader.error(.numberTooLarge) }
    return UInt64(bitPattern: value)
  }

  private mutating func startRun() throws(UpdateError) {
    guard reader.remaining > 0 else {
      (difference, count) = (0, .max)
      return
    }
    let run = try reader.run { magnitude, _ in magnitude & 1 == 1 }
    let encoded = Int64(bitPattern: run.magnitude)
    difference = (run.isNegative ? 0 &- encoded : encoded) &>> 1
    count = run.count
  }
}

/// Bytes, each with how often it is repeated; the last one without end. An empty column is all zeros.
struct ByteColumnReader {
  private var reader: ByteReader
  private var value: UInt8 = 0
  /// How often the value comes once more.
  private var count: UInt64 = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = ByteReader(bytes) }

  @inline(__always) mutating func next() throws(UpdateError) -> UInt8 {
    if count == 0 { try startRun() }
    count &-= 1
    return value
  }

  private mutating func startRun() throws(UpdateError) {
    value = reader.remaining > 0 ? try reader.byte() : 0
    count = reader.remaining > 0 ? try reader.varUInt() + 1 : .max
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

  /// A string: where it is in the update, or with a half of a surrogate pair in it, its bytes.
  struct Piece {
    var start: UnsafePointer<UInt8>?
    var length: Int
    var utf16Count: Int
    var isASCII: Bool
    var bytes: [UInt8] = []
  }

  /// The next string.
  @inline(__always) mutating func next() throws(UpdateError) -> Piece {
    // Where the text is over, strings are shorter than they say, as JavaScript cuts them.
    let count = Int(min(try lengths.next(), UInt64(unitsLeft)))
    guard count > 0, let base = text.baseAddress else {
      return Piece(start: text.baseAddress, length: 0, utf16Count: 0, isASCII: true)
    }
    if isASCII || (!isInsidePair && count <= text.count - position && UTF8Shape.isASCII(base + position, count)) {
      unitsLeft -= count
      defer { position += count }
      return Piece(start: base + position, length: count, utf16Count: count, isASCII: true)
    }
    return nextUnusual(count)
  }

  @inline(never) private mutating func nextUnusual(_ count: Int) -> Piece {
    unitsLeft -= count
    let startsInside = isInsidePair
    if startsInside { position += 4 }
    let start = text.baseAddress.unsafelyUnwrapped + position
    let (length, endsInside) = UTF8Shape.byteOffset(of: count - (startsInside ? 1 : 0), in: start)
    isInsidePair = endsInside
    position += length
    guard startsInside || endsInside else {
      return Piece(start: start, length: length, utf16Count: count, isASCII: false)
    }
    let whole = Array(UnsafeBufferPointer(start: start, count: length))
    let bytes = (startsInside ? UTF8Shape.replacement : []) + whole + (endsInside ? UTF8Shape.replacement : [])
    return Piece(start: nil, length: bytes.count, utf16Count: count, isASCII: false, bytes: bytes)
  }

  /// Writes the next string with its length in front. A half of a surrogate pair becomes U+FFFD.
  mutating func copyNext(into writer: inout ByteWriter) throws(UpdateError) {
    let piece = try next()
    guard piece.bytes.isEmpty else {
      writer.varUInt(piece.length)
      return writer.raw(piece.bytes)
    }
    writer.prefixed(UnsafeBufferPointer(start: piece.start, count: piece.length))
  }
}
