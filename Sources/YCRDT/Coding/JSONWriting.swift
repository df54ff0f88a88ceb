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
