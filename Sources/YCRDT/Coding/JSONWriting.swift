/// Writing JSON text as JavaScript's `JSON.stringify` lays it out.
extension ByteWriter {
  mutating func ascii(_ text: StaticString) {
    raw(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func ascii(_ text: String) {
    var text = text
    text.withUTF8 { raw($0) }
  }

  mutating func jsonString(_ value: String) {
    var value = value
    value.withUTF8 { jsonString($0) }
  }

  /// A string literal.
  mutating func jsonString(_ text: UnsafeBufferPointer<UInt8>) {
    byte(UInt8(ascii: "\""))
    jsonEscaped(text)
    byte(UInt8(ascii: "\""))
  }

  /// The inside of a string literal: control characters, quotes and backslashes escaped.
  mutating func jsonEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    reserve(text.count)
    var start = 0
    while true {
      let end = start + Self.plainLength(text, from: start)
      raw(UnsafeBufferPointer(rebasing: text[start..<end]))
      guard end < text.count else { return }
      escape(text[end])
      start = end + 1
    }
  }

  /// How many bytes need no escape.
  @inline(__always)
  private static func plainLength(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard let base = text.baseAddress else { return 0 }
    var position = start
    while position &+ 8 <= text.count {
      let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
      // A byte's highest bit is set where it is below 0x20, a quote or a backslash (and in some bytes above those).
      let quote = word ^ 0x2222_2222_2222_2222
      let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let ones: UInt64 = 0x0101_0101_0101_0101
      let special =
        ((word &- 0x2020_2020_2020_2020) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
      if special & 0x8080_8080_8080_8080 != 0 { break }
      position &+= 8
    }
    while position < text.count, text[position] >= 0x20, text[position] != 0x22, text[position] != 0x5C {
      position &+= 1
    }
    return position - start
  }

  private mutating func escape(_ character: UInt8) {
    switch character {
    case UInt8(ascii: "\""): ascii("\\\"" as StaticString)
    case UInt8(ascii: "\\"): ascii("\\\\" as StaticString)
    case 0x08: ascii("\\b" as StaticString)
    case 0x0C: ascii("\\f" as StaticString)
    case 0x0A: ascii("\\n" as StaticString)
    case 0x0D: ascii("\\r" as StaticString)
    case 0x09: ascii("\\t" as StaticString)
    default:
      let digits = String(character, radix: 16)
      ascii("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }
  }

  mutating func jsonInteger(_ value: Int64) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var divisor: UInt64 = 1
    while rest / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      byte(UInt8(ascii: "0") + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }
}
