/// The inside of JSON's string literals.
extension ByteWriter {
  /// So much text is escaped before there is another look at the room that is left.
  private static let escapedAtOnce = 1024

  /// Writes a text of an arena, behind which there is more to read, with control characters, quotes and backslashes
  /// escaped.
  mutating func jsonEscaped(arena text: UnsafeBufferPointer<UInt8>) {
    guard var start = text.baseAddress else { return }
    let end = start + text.count
    while start < end {
      let stop = start + min(end - start, Self.escapedAtOnce)
      // No character takes more than six bytes, and a word is written whole.
      write(upTo: (stop - start) &* 6 &+ 8) { target in
        var target = target
        target.putEscaped(start, stop)
        return target
      }
      start = stop
    }
  }

  /// The same for a text of elsewhere, behind which nothing may be read.
  mutating func jsonEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.escapedAtOnce + 8) { copy in
      guard let start = text.baseAddress, let target = copy.baseAddress else { return }
      for offset in stride(from: 0, to: text.count, by: Self.escapedAtOnce) {
        let count = min(text.count - offset, Self.escapedAtOnce)
        target.update(from: start + offset, count: count)
        jsonEscaped(arena: UnsafeBufferPointer(start: target, count: count))
      }
    }
  }
}

extension UnsafeMutablePointer<UInt8> {
  /// Writes the text from `start` to `end` where there is room for six times its length and a word.
  ///
  /// Words are copied before it is known whether they need an escape, which then overwrites their rest. Up to seven bytes
  /// behind the end are read.
  @inline(__always)
  fileprivate mutating func putEscaped(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    var source = start
    while source < end {
      let word = UInt64(littleEndian: UnsafeRawPointer(source).loadUnaligned(as: UInt64.self))
      UnsafeMutableRawPointer(self).storeBytes(of: word.littleEndian, as: UInt64.self)
      let special = Self.special(word)
      guard special != 0 else {
        source += 8
        self += 8
        continue
      }
      let plain = special.trailingZeroBitCount &>> 3
      source += plain
      self += plain
      guard source < end else { break }
      putEscape(source.pointee)
      source += 1
    }
    self += end - source
  }

  /// Has the highest bit of a byte set where it is below 0x20, a quote or a backslash; of bytes above the first such one
  /// it may be set as well.
  @inline(__always) private static func special(_ word: UInt64) -> UInt64 {
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let ones: UInt64 = 0x0101_0101_0101_0101
    let special =
      ((word &- 0x2020_2020_2020_2020) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
    return special & 0x8080_8080_8080_8080
  }

  @inline(__always) private mutating func putEscape(_ character: UInt8) {
    // The usual ones without a branch for each, which nothing predicts.
    let letter = character == 0x0A ? UInt8(ascii: "n") : character
    guard letter >= 0x20 else { return putRareEscape(character) }
    put(UInt8(ascii: "\\"))
    put(letter)
  }

  @inline(never) private mutating func putRareEscape(_ character: UInt8) {
    put(UInt8(ascii: "\\"))
    switch character {
    case 0x08: put(UInt8(ascii: "b"))
    case 0x0C: put(UInt8(ascii: "f"))
    case 0x0D: put(UInt8(ascii: "r"))
    case 0x09: put(UInt8(ascii: "t"))
    default:
      put(UInt8(ascii: "u"))
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "0") + character >> 4)
      let low = character & 0x0F
      put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
    }
  }
}
