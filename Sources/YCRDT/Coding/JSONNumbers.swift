/// Numbers as ECMAScript writes them.
extension ByteWriter {
  mutating func jsonInteger(_ value: Int64) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    decimal(value.magnitude)
  }

  /// The shortest digits that read back as the same number; null for what is none.
  mutating func jsonNumber(_ value: Double) {
    guard value.isFinite else { return ascii("null") }
    // Of decimals of up to 15 digits no two are the same double, so that this one is the shortest if it is the value.
    let thousandths = (value * 1000).rounded()
    if thousandths.magnitude < 1e15, thousandths / 1000 == value { return decimal(thousandths: Int64(thousandths)) }
    if value < 0 { byte(UInt8(ascii: "-")) }
    shortest(value.magnitude)
  }

  private mutating func decimal(_ value: UInt64) {
    var length = 1
    var bound: UInt64 = 10
    while length < 20, value >= bound {
      length += 1
      bound &*= 10
    }
    write(upTo: length) { target in
      var rest = value
      for place in stride(from: length - 1, through: 0, by: -1) {
        target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
      return target + length
    }
  }

  private mutating func decimal(thousandths value: Int64) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    decimal(value.magnitude / 1000)
    var rest = value.magnitude % 1000
    if rest > 0 { byte(UInt8(ascii: ".")) }
    while rest > 0 {
      byte(UInt8(ascii: "0") + UInt8(rest / 100))
      rest = rest % 100 * 10
    }
  }

  private mutating func shortest(_ value: Double) {
    let (digits, point) = Self.digits(of: value)
    switch point {
    case ..<(-5), 22...:
      byte(digits[0])
      if digits.count > 1 { byte(UInt8(ascii: ".")) }
      raw(digits[1...])
      byte(UInt8(ascii: "e"))
      byte(UInt8(ascii: point > 0 ? "+" : "-"))
      decimal(UInt64((point - 1).magnitude))
    case ...0:
      ascii("0.")
      zeros(-point)
      raw(digits[...])
    case ..<digits.count:
      raw(digits[..<point])
      byte(UInt8(ascii: "."))
      raw(digits[point...])
    default:
      raw(digits[...])
      zeros(point - digits.count)
    }
  }

  /// The shortest digits of a positive number, without zeros at the ends, and before which of them its point stands.
  private static func digits(of value: Double) -> (digits: [UInt8], point: Int) {
    let text = value.description.utf8
    let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
    let exponent = Int(String(Substring(text.dropFirst(mantissa.count + 1)))) ?? 0
    let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
    let all = mantissa.filter { $0 != UInt8(ascii: ".") }
    let digits = all.drop { $0 == UInt8(ascii: "0") }
    let end = digits.lastIndex { $0 != UInt8(ascii: "0") } ?? digits.startIndex
    return (Array(digits[...end]), whole.count + exponent - (all.count - digits.count))
  }

  private mutating func zeros(_ count: Int) {
    for _ in 0..<count { byte(UInt8(ascii: "0")) }
  }

  private mutating func raw(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBufferPointer { raw($0) }
  }
}
