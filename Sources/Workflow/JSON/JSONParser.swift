/// Why a text is not JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public var reason: String
  /// Bytes from the beginning.
  public var offset: Int
  /// From 1.
  public var line: Int
  /// In bytes, from 1.
  public var column: Int

  public var description: String { "\(reason) at line \(line), column \(column)" }
}

extension JSONValue {
  /// How deep arrays and objects may be nested in a text that is read.
  public static let maximumDepth = 128

  /// Reads a JSON text (RFC 8259), strictly: nothing may follow the value, and of equal keys the last one counts.
  public init(parsing text: [UInt8], maximumDepth: Int = JSONValue.maximumDepth) throws(JSONError) {
    self = try text.withUnsafeBufferPointer { bytes throws(JSONError) in
      var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
      return try parser.document()
    }
  }

  /// Reads a JSON text.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A recursive descent over bytes. It holds a pointer only while `JSONValue.init(parsing:)` runs.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let maximumDepth: Int
  var position = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try self.value()
    skipSpace()
    guard position == bytes.count else { throw error("unexpected text behind the value") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    guard let byte = peek else { throw error("the text ends where a value is expected") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error("a value is expected")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < maximumDepth else { throw error("nested deeper than \(maximumDepth) levels") }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [String: JSONValue] = [:]
    skipSpace()
    if consume("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw error("a key in quotes is expected") }
      let key = try string()
      skipSpace()
      guard consume(":") else { throw error("':' is expected behind a key") }
      members[key] = try value()
      skipSpace()
    } while consume(",")
    guard consume("}") else { throw error("',' or '}' is expected") }
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if consume("]") { return .array(elements) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while consume(",")
    guard consume("]") else { throw error("',' or ']' is expected") }
    return .array(elements)
  }

  private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count else { throw error("a value is expected") }
    for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
      throw error("a value is expected")
    }
    position = end
    return value
  }

  private mutating func number() throws(JSONError) -> Double {
    let start = position
    _ = consume("-")
    let integer = position
    digits()
    guard position > integer else { throw error("a digit is expected") }
    if bytes[integer] == UInt8(ascii: "0"), position > integer + 1 { throw error("a number begins with a zero") }
    if consume(".") {
      let fraction = position
      digits()
      guard position > fraction else { throw error("a digit is expected") }
    }
    if consume("e") || consume("E") {
      if !consume("+") { _ = consume("-") }
      let exponent = position
      digits()
      guard position > exponent else { throw error("a digit is expected") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw error("a number out of range") }
    return value == 0 ? 0 : value
  }

  private mutating func digits() {
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
      let run = bytes[start..<position]
      guard let byte = peek else { throw error("the text ends inside a string") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let string =
          text.isEmpty ? String(validating: run, as: UTF8.self) : String(validating: text + run, as: UTF8.self)
        guard let string else { throw error("text that is not UTF-8") }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: run)
        try escape(into: &text)
      default: throw error("a control character in a string")
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let byte = peek else { throw error("the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try unicodeEscape(into: &text)
    default: throw error("an unknown escape in a string")
    }
  }

  private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
    var scalar = UInt32(try hexadecimal())
    if (0xD800..<0xDC00).contains(scalar) {
      guard consume("\\"), consume("u") else { throw error("half a surrogate pair") }
      let low = UInt32(try hexadecimal())
      guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
      scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let character = Unicode.Scalar(scalar) else { throw error("half a surrogate pair") }
    text.append(contentsOf: UTF8.encode(character)!)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt16 {
    guard position + 4 <= bytes.count else { throw error("four hexadecimal digits are expected") }
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw error("four hexadecimal digits are expected")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }

  // MARK: Bytes

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func error(_ reason: String) -> JSONError {
    let read = bytes[..<min(position, bytes.count)]
    let line = read.count { $0 == 0x0A } + 1
    let lineStart = read.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONError(reason: reason, offset: position, line: line, column: position - lineStart + 1)
  }
}
