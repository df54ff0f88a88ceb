/// Reads the primitives of the Yjs formats from bytes of unknown trustworthiness.
struct ByteReader {
  static let maxNumber: UInt64 = (1 << 53) - 1

  private let base: UnsafePointer<UInt8>
  let count: Int
  var position = 0
  /// Whether all values skipped so far are spelled as Yjs would spell them. Set and reset by whoever cares.
  var isCanonical = true

  /// The bytes must outlive the reader.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    base = bytes.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    count = bytes.count
  }

  @inline(__always) var remaining: Int { count &- position }
  @inline(__always) func pointer(_ offset: Int) -> UnsafePointer<UInt8> {
    assert(offset >= 0 && offset <= count)
    return base + offset
  }

  func slice(_ offset: Int, _ length: Int) -> UnsafeBufferPointer<UInt8> {
    assert(offset >= 0 && length >= 0 && offset + length <= count)
    return UnsafeBufferPointer(start: base + offset, count: length)
  }

  @inline(never) func error(_ reason: UpdateError.Reason) -> UpdateError {
    UpdateError(reason, at: position)
  }

  @inline(__always) mutating func byte() throws(UpdateError) -> UInt8 {
    guard position < count else { throw error(.truncated) }
    let value = base[position]
    position &+= 1
    return value
  }

  @inline(__always) mutating func varUInt() throws(UpdateError) -> UInt64 {
    if position < count, base[position] < 0x80 {
      let value = base[position]
      position &+= 1
      return UInt64(value)
    }
    // Up to eight bytes at once: find the last one, then close the gaps that the continuation bits leave.
    if position &+ 8 <= count {
      let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
      // The usual lengths are mostly predicted.
      if word & 0x80_8080 == 0x8080 {
        position &+= 3
        return word & 0x7F | (word & 0x7F00) &>> 1 | (word & 0x7F_0000) &>> 2
      }
      if word & 0x8000 == 0 {
        position &+= 2
        return word & 0x7F | (word & 0x7F00) &>> 1
      }
      if word & 0x8080_8080_8080_8080 != 0x8080_8080_8080_8080 {
        let (value, length) = Self.compact(word)
        guard value <= Self.maxNumber else { throw error(.numberTooLarge) }
        position &+= length
        return value
      }
    }
    let (value, next) = try endingVarUInt()
    position = next
    return value
  }

  /// A number that is likely to be the one given, which is then recognised by its bytes.
  @inline(__always) mutating func varUInt(likely known: SpelledNumber) throws(UpdateError) -> UInt64 {
    if position &+ 8 <= count {
      let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
      if word & known.mask == known.spelling {
        position &+= known.length
        return known.value
      }
    }
    return try varUInt()
  }

  /// The number that was read last, from `start` on.
  @inline(__always) func spelled(_ value: UInt64, from start: Int) -> SpelledNumber {
    let length = position &- start
    // A number so long or so near the end is not recognised.
    guard length <= 8, start &+ 8 <= count else { return .unrecognized(value) }
    let word = UInt64(littleEndian: UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self))
    let mask = UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- length &* 8)
    return SpelledNumber(value: value, length: length, spelling: word & mask, mask: mask)
  }

  /// A number within the last eight bytes, or a padded one, and the position behind it.
  @inline(never) private func endingVarUInt() throws(UpdateError) -> (value: UInt64, next: Int) {
    if position < count, count >= 8, position &+ 8 > count {
      // The last eight bytes without those before; the zeros that come in behind look like the end of a number.
      let missing = UInt64(truncatingIfNeeded: position &+ 8 &- count)
      let last = UInt64(littleEndian: UnsafeRawPointer(base + count - 8).loadUnaligned(as: UInt64.self))
      let (value, length) = Self.compact(last &>> (missing &* 8))
      guard position &+ length <= count else { throw error(.truncated) }
      guard value <= Self.maxNumber else { throw error(.numberTooLarge) }
      return (value, position &+ length)
    }
    var rest = self
    let value = try rest.longVarUInt()
    return (value, rest.position)
  }

  /// The number that begins with the lowest byte of a word and ends within it, and its length in bytes.
  @inline(__always) private static func compact(_ word: UInt64) -> (value: UInt64, length: Int) {
    let bits = UInt64(truncatingIfNeeded: (~word & 0x8080_8080_8080_8080).trailingZeroBitCount) &+ 1
    return (compact(word, bits: bits), Int(truncatingIfNeeded: bits &>> 3))
  }

  /// The number that the lowest bits of a word, whole bytes, spell.
  @inline(__always) static func compact(_ word: UInt64, bits: UInt64) -> UInt64 {
    var value = word & (UInt64.max &>> (64 &- bits)) & 0x7F7F_7F7F_7F7F_7F7F
    value = (value & 0x007F_007F_007F_007F) | ((value & 0x7F00_7F00_7F00_7F00) &>> 1)
    value = (value & 0x0000_3FFF_0000_3FFF) | ((value & 0x3FFF_0000_3FFF_0000) &>> 2)
    return (value & 0x0000_0000_0FFF_FFFF) | ((value & 0x0FFF_FFFF_0000_0000) &>> 4)
  }

  /// Accepts padded forms as Yjs does, and nothing greater than 2^53 - 1.
  @inline(never) private mutating func longVarUInt() throws(UpdateError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      let bits = UInt64(next & 0x7F)
      if bits != 0 {
        guard shift <= 49 else { throw error(.numberTooLarge) }
        value |= bits &<< shift
        guard value <= Self.maxNumber else { throw error(.numberTooLarge) }
      }
      if next < 0x80 { return value }
      shift += 7
      guard shift <= 70 else { throw error(.numberTooLarge) }
    }
  }

  /// Sign and magnitude; minus zero is told apart. What lies behind the first byte is spelled as other numbers are.
  @inline(__always) mutating func varInt() throws(UpdateError) -> (magnitude: UInt64, isNegative: Bool) {
    let first = try byte()
    let (lowest, isNegative) = (UInt64(first & 0x3F), first & 0x40 != 0)
    guard first >= 0x80 else { return (lowest, isNegative) }
    let rest = try varUInt()
    guard rest <= Self.maxNumber >> 6 else { throw error(.numberTooLarge) }
    return (rest &<< 6 | lowest, isNegative)
  }

  /// A number with a sign and how often it stands there, as columns of V2 have them: the count follows if `isRun` says
  /// so. Without a branch on how long either is, for nobody can predict that.
  @inline(__always) mutating func run(
    _ isRun: (_ magnitude: UInt64, _ isNegative: Bool) -> Bool
  ) throws(UpdateError) -> (magnitude: UInt64, isNegative: Bool, count: UInt64) {
    if position &+ 8 <= count {
      let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
      let (value, length) = Self.compact(word)
      let (magnitude, isNegative) = (value & 0x3F | (value &>> 7) &<< 6, value & 0x40 != 0)
      let follows: UInt64 = isRun(magnitude, isNegative) ? 1 : 0
      let next = word &>> UInt64(truncatingIfNeeded: length &* 8) & 0xFF
      if length < 7, follows & next &>> 7 == 0 {
        position &+= length &+ Int(truncatingIfNeeded: follows)
        return (magnitude, isNegative, 1 &+ (0 &- follows) & (next &+ 1))
      }
    }
    let (magnitude, isNegative) = try varInt()
    return (magnitude, isNegative, isRun(magnitude, isNegative) ? try varUInt() + 2 : 1)
  }

  /// A length that must not exceed the bytes that are left.
  @inline(__always) mutating func byteLength() throws(UpdateError) -> Int {
    let length = try varUInt()
    guard length <= UInt64(remaining) else { throw error(.truncated) }
    return Int(length)
  }

  /// A number of elements, each at least one byte long.
  @inline(__always) mutating func elementCount() throws(UpdateError) -> Int {
    try byteLength()
  }

  mutating func skip(_ length: Int) throws(UpdateError) {
    guard length <= remaining else { throw error(.truncated) }
    position += length
  }

  /// Skips a string and returns where its bytes are.
  @inline(__always) mutating func string() throws(UpdateError) -> (offset: Int, length: Int, shape: UTF8Shape) {
    let length = try byteLength()
    guard let shape = UTF8Shape(scanning: base + position, length) else {
      throw error(.invalidText)
    }
    let offset = position
    position &+= length
    return (offset, length, shape)
  }

  mutating func text() throws(UpdateError) -> String {
    let (offset, length, _) = try string()
    return String(decoding: slice(offset, length), as: UTF8.self)
  }

  mutating func bigEndian<T: FixedWidthInteger>(_ type: T.Type) throws(UpdateError) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw error(.truncated) }
    let value = UnsafeRawPointer(base + position).loadUnaligned(as: T.self)
    position += size
    return T(bigEndian: value)
  }
}

/// A number as it is spelled on the wire, to recognise where it comes again.
struct SpelledNumber {
  let value: UInt64
  /// The length in bytes; 0 if it is not recognised.
  let length: Int
  /// The bytes in the lower end of a word, and where they are in it.
  let spelling: UInt64
  let mask: UInt64

  /// One that is never recognised: no word of which no bit is looked at has the lowest one set.
  static func unrecognized(_ value: UInt64) -> SpelledNumber {
    SpelledNumber(value: value, length: 0, spelling: 1, mask: 0)
  }

  static let unknown = unrecognized(0)

  /// Whether it is as short as can be.
  var isShortest: Bool { ByteWriter.length(value) == length }
}
