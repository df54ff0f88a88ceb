/// The inside of JSON's string literals.
extension ByteWriter {
  /// Writes a text with control characters, quotes and backslashes escaped.
  ///
  /// Words are copied before it is known whether they need an escape, which then overwrites their rest.
  mutating func jsonEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    var position = 0
    while position < text.count {
      let stop = copyPlain(start, from: position, to: text.count)
      guard stop < text.count else { return }
      escape(start[stop])
      position = stop &+ 1
    }
  }

  /// Copies up to the next character that needs an escape, and returns where that stands.
  @inline(__always)
  private mutating func copyPlain(_ text: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var position = start
    write(upTo: end &- start &+ 8) { target in
      let target = UnsafeMutableRawPointer(target)
      while position < end {
        let left = min(end &- position, 8)
        let word = left == 8 ? Self.word(text + position) : Self.tail(text, position, end)
        target.storeBytes(of: word.littleEndian, toByteOffset: position &- start, as: UInt64.self)
        let length = min(Self.plainLength(word), left)
        position &+= length
        if length < left { break }
      }
      return target.assumingMemoryBound(to: UInt8.self) + (position &- start)
    }
    return position
  }

  @inline(__always) private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  /// The last bytes of a text, fewer than eight, in the lower end of a word.
  @inline(__always)
  private static func tail(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> UInt64 {
    if end >= 8 { return word(text + end - 8) &>> UInt64(truncatingIfNeeded: (8 &- (end &- position)) &* 8) }
    var word: UInt64 = 0
    for index in stride(from: end &- 1, through: position, by: -1) { word = word &<< 8 | UInt64(text[index]) }
    return word
  }

  /// How many bytes from the lowest on need no escape.
  @inline(__always) private static func plainLength(_ word: UInt64) -> Int {
    // A byte's highest bit is set where it is below 0x20, a quote or a backslash; of bytes above the first such one it
    // may be set as well.
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let ones: UInt64 = 0x0101_0101_0101_0101
    let special =
      ((word &- 0x2020_2020_2020_2020) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
    return (special & 0x8080_8080_8080_8080).trailingZeroBitCount &>> 3
  }

  @inline(__always) private mutating func escape(_ character: UInt8) {
    switch character {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): escape(as: character)
    case 0x0A: escape(as: UInt8(ascii: "n"))
    default: escapeRare(character)
    }
  }

  @inline(__always) private mutating func escape(as letter: UInt8) {
    write(upTo: 2) { target in
      target[0] = UInt8(ascii: "\\")
      target[1] = letter
      return target + 2
    }
  }

  @inline(never) private mutating func escapeRare(_ character: UInt8) {
    switch character {
    case 0x08: escape(as: UInt8(ascii: "b"))
    case 0x0C: escape(as: UInt8(ascii: "f"))
    case 0x0D: escape(as: UInt8(ascii: "r"))
    case 0x09: escape(as: UInt8(ascii: "t"))
    default:
      let digits = String(character, radix: 16)
      ascii("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }
  }
}
