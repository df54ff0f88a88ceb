/// What the engine needs to know of a text: how many UTF-16 code units it has, and whether it is ASCII.
struct UTF8Shape {
  var utf16Count: Int
  var isASCII: Bool

  /// U+FFFD, which stands for half a surrogate pair.
  static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  /// Validates strictly (no overlong forms, no surrogates, nothing above U+10FFFF) and measures. Nil if invalid.
  @inline(__always) init?(scanning bytes: UnsafePointer<UInt8>, _ count: Int) {
    if Self.isASCII(bytes, count) {
      utf16Count = count
      isASCII = true
      return
    }
    guard let units = Self.scan(bytes, count) else { return nil }
    utf16Count = units
    isASCII = false
  }

  /// Looks at all bytes in words that may overlap, so that the length alone decides about branches.
  @inline(__always) static func isASCII(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let raw = UnsafeRawPointer(bytes)
    var seen: UInt64 = 0
    if count >= 8 {
      var position = 0
      while position &+ 8 < count {
        seen |= raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        position &+= 8
      }
      seen |= raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      seen = UInt64(
        raw.loadUnaligned(as: UInt32.self) | raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else if count > 0 {
      seen = UInt64(bytes[0] | bytes[count &>> 1] | bytes[count &- 1])
    }
    return seen & 0x8080_8080_8080_8080 == 0
  }

  @inline(never) private static func scan(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int? {
    var position = 0
    var units = 0
    while position < count {
      let lead = bytes[position]
      if lead < 0x80 {
        let length = asciiLength(bytes + position, count &- position)
        position &+= length
        units &+= length
        continue
      }
      let length = sequenceLength(lead)
      guard length > 0, position + length <= count else { return nil }
      let second = bytes[position + 1]
      let lowest: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
      let highest: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
      guard second >= lowest, second <= highest else { return nil }
      if length > 2, bytes[position + 2] & 0xC0 != 0x80 { return nil }
      if length > 3, bytes[position + 3] & 0xC0 != 0x80 { return nil }
      position += length
      units += length == 4 ? 2 : 1
    }
    return units
  }

  /// How many bytes at the start are ASCII, of a text that starts with one; not more than the first eight.
  @inline(__always) private static func asciiLength(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    guard count >= 8 else { return 1 }
    let word = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    return (word & 0x8080_8080_8080_8080).trailingZeroBitCount &>> 3
  }

  @inline(__always) private static func sequenceLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  /// The byte offset of a UTF-16 offset in valid UTF-8, and whether it lies inside a surrogate pair; then the byte
  /// offset is that of the character.
  static func byteOffset(of utf16Offset: Int, in bytes: UnsafePointer<UInt8>) -> (offset: Int, splitsPair: Bool) {
    var (position, units) = skippedWords(utf16Offset, bytes)
    while units < utf16Offset {
      let lead = bytes[position]
      if lead >= 0xF0 {
        if units + 1 == utf16Offset { return (position, true) }
        units += 2
        position += 4
      } else {
        units += 1
        position += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : 3
      }
    }
    return (position, false)
  }

  /// The same in a text of which the length is known. An offset near its end is found from there, so that texts are taken
  /// apart from the end as fast as from the start.
  static func byteOffset(
    of utf16Offset: Int, in bytes: UnsafeBufferPointer<UInt8>, utf16Count: Int
  ) -> (offset: Int, splitsPair: Bool) {
    var units = utf16Count - utf16Offset
    guard units < utf16Offset / 8 else {
      return byteOffset(of: utf16Offset, in: bytes.baseAddress.unsafelyUnwrapped)
    }
    var position = bytes.count
    while units > 0 {
      repeat { position -= 1 } while bytes[position] & 0xC0 == 0x80
      if bytes[position] >= 0xF0 {
        if units == 1 { return (position, true) }
        units -= 2
      } else {
        units -= 1
      }
    }
    return (position, false)
  }

  /// Moves near a UTF-16 offset in steps of eight bytes, to the beginning of a character.
  @inline(__always) private static func skippedWords(
    _ utf16Offset: Int, _ bytes: UnsafePointer<UInt8>
  ) -> (position: Int, units: Int) {
    let highBits: UInt64 = 0x8080_8080_8080_8080
    var (position, units) = (0, 0)
    // Eight bytes begin nine units at most, so that there is a byte behind them.
    while utf16Offset &- units >= 10 {
      let word = UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: position, as: UInt64.self)
      position &+= 8
      units &+= 8
      guard word & highBits != 0 else { continue }
      let second = word &<< 1
      units &-= (word & ~second & highBits).nonzeroBitCount
      units &+= (word & second & word &<< 2 & word &<< 3 & highBits).nonzeroBitCount
    }
    while position > 0, bytes[position] & 0xC0 == 0x80 { position &+= 1 }
    return (position, units)
  }
}
