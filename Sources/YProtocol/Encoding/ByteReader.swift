/// A cursor over bytes in the lib0 format: every length is checked against what is left before anything is allocated.
///
/// It keeps the array it reads from, so a copy of it is a cheap look-ahead.
struct ByteReader: Sendable {
  /// The input.
  let bytes: [UInt8]
  /// The offset of the next byte.
  private(set) var offset: Int
  /// The offset at which reading ends.
  let end: Int

  /// The largest integer of the format.
  static let maximumInteger: UInt64 = (1 << 53) - 1

  /// Reads all of `bytes`.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// Reads a part of `bytes`. The range must lie within them.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// How many bytes are left.
  var remaining: Int { end - offset }
  /// Whether nothing is left.
  var isAtEnd: Bool { offset == end }

  /// One byte.
  @inline(__always)
  mutating func readByte() throws(ByteDecodingError) -> UInt8 {
    guard offset < end else { throw ByteDecodingError(.endOfInput, at: offset) }
    let byte = bytes[offset]
    offset &+= 1
    return byte
  }

  /// The next byte, without moving on.
  @inline(__always)
  func peekByte() throws(ByteDecodingError) -> UInt8 {
    guard offset < end else { throw ByteDecodingError(.endOfInput, at: offset) }
    return bytes[offset]
  }

  /// An unsigned integer of at most 2^53 - 1, in seven bits a byte, lowest first. Longer spellings than needed are read.
  @inline(__always)
  mutating func readVarUInt() throws(ByteDecodingError) -> UInt64 {
    guard offset < end else { throw ByteDecodingError(.endOfInput, at: offset) }
    let first = bytes[offset]
    if first < 0x80 {
      offset &+= 1
      return UInt64(first)
    }
    return try readLongInteger(startingWith: 0, shift: 0, at: offset)
  }

  /// A signed integer: sign and magnitude, so that there is a negative zero.
  mutating func readVarInt() throws(ByteDecodingError) -> (isNegative: Bool, magnitude: UInt64) {
    let start = offset
    let first = try readByte()
    let isNegative = first & 0x40 != 0
    let low = UInt64(first & 0x3F)
    guard first & 0x80 != 0 else { return (isNegative, low) }
    return (isNegative, try readLongInteger(startingWith: low, shift: 6, at: start))
  }

  private mutating func readLongInteger(
    startingWith low: UInt64, shift firstShift: UInt64, at start: Int
  ) throws(ByteDecodingError) -> UInt64 {
    var value = low
    var shift = firstShift
    while true {
      guard offset < end else { throw ByteDecodingError(.endOfInput, at: start) }
      let byte = bytes[offset]
      offset &+= 1
      let bits = UInt64(byte & 0x7F)
      if bits != 0 {
        guard shift < 53, bits <= Self.maximumInteger >> shift else {
          throw ByteDecodingError(.integerTooLarge, at: start)
        }
        value |= bits << shift
      }
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// A length or count of something that takes at least `unit` bytes each, all of which must be there.
  mutating func readCount(ofBytes unit: Int = 1) throws(ByteDecodingError) -> Int {
    let start = offset
    let count = try readVarUInt()
    guard count <= UInt64(remaining / unit) else { throw ByteDecodingError(.endOfInput, at: start) }
    return Int(count)
  }

  /// The place of the next `count` bytes.
  mutating func readRange(count: Int) throws(ByteDecodingError) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw ByteDecodingError(.endOfInput, at: offset) }
    defer { offset &+= count }
    return offset..<offset &+ count
  }

  /// The place of a byte string that follows its length.
  mutating func readVarBytesRange() throws(ByteDecodingError) -> Range<Int> {
    let count = try readCount()
    return try readRange(count: count)
  }

  /// A byte string that follows its length.
  mutating func readVarBytes() throws(ByteDecodingError) -> [UInt8] {
    Array(bytes[try readVarBytesRange()])
  }

  /// A string that follows its length in bytes. A byte order mark is part of it.
  mutating func readVarString() throws(ByteDecodingError) -> String {
    let start = offset
    let range = try readVarBytesRange()
    guard let string = String(validating: bytes[range], as: UTF8.self) else {
      throw ByteDecodingError(.invalidUTF8, at: start)
    }
    return string
  }

  /// `count` (up to eight) bytes as one big-endian integer.
  mutating func readBigEndian(count: Int) throws(ByteDecodingError) -> UInt64 {
    var value: UInt64 = 0
    for index in try readRange(count: count) { value = value << 8 | UInt64(bytes[index]) }
    return value
  }

  /// A 32-bit float, big-endian.
  mutating func readFloat32() throws(ByteDecodingError) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: try readBigEndian(count: 4)))
  }

  /// A 64-bit float, big-endian.
  mutating func readFloat64() throws(ByteDecodingError) -> Double {
    Double(bitPattern: try readBigEndian(count: 8))
  }

  /// A 64-bit integer, big-endian two's complement.
  mutating func readInt64() throws(ByteDecodingError) -> Int64 {
    Int64(bitPattern: try readBigEndian(count: 8))
  }
}
