/// Where a text stops being JSON.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wanted there.
  public var expected: String
  /// The offset in UTF-8 bytes.
  public var offset: Int

  public var description: String { "expected \(expected) at byte \(offset)" }
}

/// Checks the grammar of RFC 8259 without building anything, so that what is passed on parses everywhere.
package struct JSONSyntax {
  /// Arrays and objects within each other. Deeper text is refused: peers parse it with recursion.
  static let maximumDepth = 128

  private let text: ArraySlice<UInt8>
  private var offset: Int

  /// Checks one JSON value with optional white space around it. Time is linear in the length of the text.
  package static func check(_ text: ArraySlice<UInt8>) throws(JSONSyntaxError) {
    var syntax = JSONSyntax(text: text, offset: text.startIndex)
    try syntax.value(depth: 0)
    syntax.skipSpace()
    guard syntax.offset == text.endIndex else { throw syntax.expected("the end of the text") }
  }

  private func expected(_ what: String) -> JSONSyntaxError {
    JSONSyntaxError(expected: what, offset: offset - text.startIndex)
  }

  private var current: UInt8? { offset < text.endIndex ? text[offset] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    offset += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): try container(closing: UInt8(ascii: "}"), isObject: true, depth: depth)
    case UInt8(ascii: "["): try container(closing: UInt8(ascii: "]"), isObject: false, depth: depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try number()
    }
  }

  private mutating func container(closing: UInt8, isObject: Bool, depth: Int) throws(JSONSyntaxError) {
    guard depth < Self.maximumDepth else { throw expected("at most \(Self.maximumDepth) levels") }
    offset += 1
    skipSpace()
    if take(closing) { return }
    repeat {
      if isObject {
        skipSpace()
        try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw expected("a colon") }
      }
      try value(depth: depth + 1)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(closing) else { throw expected("a comma or the closing bracket") }
  }

  private mutating func word(_ word: StaticString) throws(JSONSyntaxError) {
    let end = offset + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { end <= text.endIndex && text[offset..<end].elementsEqual($0) }
    guard matches else { throw expected(word.description) }
    offset = end
  }

  private mutating func string() throws(JSONSyntaxError) {
    guard take(UInt8(ascii: "\"")) else { throw expected("a string") }
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return
      case UInt8(ascii: "\\"):
        offset += 1
        try escape()
      case 0..<0x20:
        throw expected("no control character in a string")
      default:
        offset += 1
      }
    }
    throw expected("the end of the string")
  }

  private mutating func escape() throws(JSONSyntaxError) {
    guard let byte = current, "\"\\/bfnrtu".utf8.contains(byte) else { throw expected("an escape") }
    offset += 1
    guard byte == UInt8(ascii: "u") else { return }
    for _ in 0..<4 {
      guard let digit = current, Self.isHexadecimal(digit) else { throw expected("four hexadecimal digits") }
      offset += 1
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default:
      false
    }
  }

  private mutating func number() throws(JSONSyntaxError) {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) {
      guard takeDigits() else {
        offset = start
        throw expected("a value")
      }
    }
    if take(UInt8(ascii: ".")), !takeDigits() { throw expected("digits after the point") }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard takeDigits() else { throw expected("digits of the exponent") }
    }
  }

  private mutating func takeDigits() -> Bool {
    let start = offset
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    return offset > start
  }
}
