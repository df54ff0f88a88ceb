/// Appends values in the lib0 format to a growing byte array.
struct ByteWriter: Sendable {
  /// What was written.
  private(set) var bytes: [UInt8] = []

  /// An empty writer, with room for `capacity` bytes.
  init(capacity: Int = 0) {
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  /// How many bytes were written.
  var count: Int { bytes.count }

  /// Forgets what was written and keeps the room for it.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// One byte.
  @inline(__always)
  mutating func write(byte: UInt8) {
    bytes.append(byte)
  }

  /// An unsigned integer: seven bits a byte, lowest first.
  @inline(__always)
  mutating func write(varUInt value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed integer by sign and magnitude: the first byte holds the sign and six bits.
  mutating func write(varIntMagnitude magnitude: UInt64, isNegative: Bool) {
    let rest = magnitude >> 6
    let first = UInt8(truncatingIfNeeded: magnitude) & 0x3F | (isNegative ? 0x40 : 0)
    guard rest > 0 else {
      bytes.append(first)
      return
    }
    bytes.append(first | 0x80)
    write(varUInt: rest)
  }

  /// A signed integer.
  mutating func write(varInt value: Int64) {
    write(varIntMagnitude: value.magnitude, isNegative: value < 0)
  }

  /// Bytes as they are.
  @inline(__always)
  mutating func write(raw part: some Collection<UInt8>) {
    bytes.append(contentsOf: part)
  }

  /// Bytes after their count.
  mutating func write(varBytes part: some Collection<UInt8>) {
    write(varUInt: UInt64(part.count))
    bytes.append(contentsOf: part)
  }

  /// A string after its length in UTF-8 bytes.
  mutating func write(varString string: some StringProtocol) {
    let utf8 = string.utf8
    write(varUInt: UInt64(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  /// The low `count` bytes of an integer, big-endian.
  mutating func write(bigEndian value: UInt64, count: Int) {
    for index in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(index)))
    }
  }

  /// A 32-bit float, big-endian.
  mutating func write(float32 value: Float) {
    write(bigEndian: UInt64(value.bitPattern), count: 4)
  }

  /// A 64-bit float, big-endian.
  mutating func write(float64 value: Double) {
    write(bigEndian: value.bitPattern, count: 8)
  }

  /// A 64-bit integer, big-endian two's complement.
  mutating func write(int64 value: Int64) {
    write(bigEndian: UInt64(bitPattern: value), count: 8)
  }
}
