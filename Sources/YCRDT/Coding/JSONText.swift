/// JSON text as Yjs stores it in embeds, format values and legacy JSON content.
struct JSONParser {
  private var reader: ByteReader

  private init(_ bytes: UnsafeBufferPointer<UInt8>) {
    reader = ByteReader(bytes)
  }

  /// The value of a JSON text, nil if it is none, nested too deep, or has a number that no double can hold. The bare
  /// word `undefined` is accepted.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int) -> YValue? {
    try? value(of: bytes, depth: depth)
  }

  /// The same, with the reason why there is none.
  static func value(of bytes: UnsafeBufferPointer<UInt8>, depth: Int) throws(UpdateError) -> YValue {
    if bytes.elementsEqual("undefined".utf8) { return .undefined }
    var parser = JSONParser(bytes)
    let value = try parser.value(depth)
    parser.skipSpace()
    guard parser.reader.remaining == 0 else { throw parser.reader.error(.invalidJSON) }
    return value
  }

  private var peek: UInt8 { reader.remaining > 0 ? reader.pointer(reader.position).pointee : 0 }

  private mutating func skipSpace() {
    while [0x20, 0x09, 0x0A, 0x0D].contains(peek) { reader.position += 1 }
  }

  private mutating func expect(_ word: StaticString, _ value: YValue) throws(UpdateError) -> YValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard try reader.byte() == word.utf8Start[index] else { throw reader.error(.invalidJSON) }
    }
    return value
  }

  private mutating func value(_ depth: Int) throws(UpdateError) -> YValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return .object(try object(depth))
    case UInt8(ascii: "["): return .array(try array(depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try expect("true", .bool(true))
    case UInt8(ascii: "f"): return try expect("false", .bool(false))
    case UInt8(ascii: "n"): return try expect("null", .null)
    default: return try number()
    }
  }

  private mutating func array(_ depth: Int) throws(UpdateError) -> [YValue] {
    guard depth > 0 else { throw reader.error(.nestedTooDeep) }
    reader.position += 1
    var elements: [YValue] = []
    skipSpace()
    if peek == UInt8(ascii: "]") {
      reader.position += 1
      return elements
    }
    while true {
      elements.append(try value(depth - 1))
      skipSpace()
      switch try reader.byte() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return elements
      default: throw reader.error(.invalidJSON)
      }
    }
  }

  private mutating func object(_ depth: Int) throws(UpdateError) -> YObject {
    guard depth > 0 else { throw reader.error(.nestedTooDeep) }
    reader.position += 1
    var members = YObject()
    skipSpace()
    if peek == UInt8(ascii: "}") {
      reader.position += 1
      return members
    }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw reader.error(.invalidJSON) }
      let key = try string()
      skipSpace()
      guard try reader.byte() == UInt8(ascii: ":") else { throw reader.error(.invalidJSON) }
      members[key] = try value(depth - 1)
      skipSpace()
      switch try reader.byte() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return members
      default: throw reader.error(.invalidJSON)
      }
    }
  }

  private mutating func string() throws(UpdateError) -> String {
    reader.position += 1
    var bytes: [UInt8] = []
    while true {
      let next = try reader.byte()
      switch next {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case 0..<0x20: throw reader.error(.invalidJSON)
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      default: bytes.append(next)
      }
    }
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(UpdateError) {
    switch try reader.byte() {
    case UInt8(ascii: "\""): bytes.append(0x22)
    case UInt8(ascii: "\\"): bytes.append(0x5C)
    case UInt8(ascii: "/"): bytes.append(0x2F)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try hexUnit()
      if unit & 0xFC00 == 0xD800 {
        let rest = reader.position
        if (try? reader.byte()) == UInt8(ascii: "\\"), (try? reader.byte()) == UInt8(ascii: "u"),
          let low = try? hexUnit(), low & 0xFC00 == 0xDC00
        {
          unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        } else {
          reader.position = rest
        }
      }
      let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw reader.error(.invalidJSON)
    }
  }

  private mutating func hexUnit() throws(UpdateError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try reader.byte())).hexDigitValue else {
        throw reader.error(.invalidJSON)
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  private mutating func digits() throws(UpdateError) {
    let start = reader.position
    while (0x30...0x39).contains(peek) { reader.position += 1 }
    if reader.position == start { throw reader.error(.invalidJSON) }
  }

  private mutating func number() throws(UpdateError) -> YValue {
    let start = reader.position
    if peek == UInt8(ascii: "-") { reader.position += 1 }
    if peek == UInt8(ascii: "0") { reader.position += 1 } else { try digits() }
    if peek == UInt8(ascii: ".") {
      reader.position += 1
      try digits()
    }
    if peek | 0x20 == UInt8(ascii: "e") {
      reader.position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { reader.position += 1 }
      try digits()
    }
    let text = String(decoding: reader.slice(start, reader.position - start), as: UTF8.self)
    // What overflows is infinite in JavaScript until it is written again, and null then: a state that does not last.
    guard let value = Double(text), value.isFinite else { throw reader.error(.invalidJSON) }
    if let whole = Int64(exactly: value), abs(whole) <= Int64(ByteReader.maxNumber), whole != 0 || value.sign == .plus {
      return .int(whole)
    }
    return .float(value)
  }
}

extension ByteReader {
  /// Validates one string that holds JSON text, or the bare word `undefined`, and moves behind it.
  mutating func skipJSONText(depth: Int) throws(UpdateError) {
    let (offset, length, _) = try string()
    let bytes = slice(offset, length)
    let value: YValue
    do throws(UpdateError) {
      value = try JSONParser.value(of: bytes, depth: depth)
    } catch let fault {
      throw error(fault.reason == .nestedTooDeep ? .nestedTooDeep : .invalidJSON)
    }
    guard isCanonical, value != .undefined, !bytes.contains(UInt8(ascii: "\\")) else { return }
    var writer = ByteWriter(capacity: length + 16)
    value.normalized.writeJSON(&writer)
    if !writer.withBytes({ $0.elementsEqual(bytes) }) { isCanonical = false }
  }
}

extension YValue {
  /// The JSON text as JavaScript's `JSON.stringify` writes it; `undefined` and what JSON cannot say becomes null.
  func writeJSON(_ writer: inout ByteWriter) {
    switch self {
    case .undefined, .null: writer.ascii("null")
    case .bool(let value): writer.ascii(value ? "true" : "false")
    case .int(let value), .bigInt(let value): writer.jsonInteger(value)
    case .float(let value): writer.ascii(value.isFinite ? Self.javaScript(value) : "null")
    case .string(let value): writer.jsonString(value)
    case .binary(let bytes): YValue.array(bytes.map { .int(Int64($0)) }).writeJSON(&writer)
    case .array(let elements):
      writer.ascii("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { writer.ascii(",") }
        element.writeJSON(&writer)
      }
      writer.ascii("]")
    case .object(let members):
      writer.ascii("{")
      var isFirst = true
      for (key, value) in members where value != .undefined {
        if !isFirst { writer.ascii(",") }
        isFirst = false
        writer.jsonString(key)
        writer.ascii(":")
        value.writeJSON(&writer)
      }
      writer.ascii("}")
    }
  }

  /// The shortest digits that read back as the same number, laid out as ECMAScript does.
  private static func javaScript(_ value: Double) -> String {
    if value == 0 { return "0" }
    var mantissa = "\(abs(value))"
    var exponent = 0
    if let mark = mantissa.firstIndex(of: "e") {
      exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
      mantissa = String(mantissa[..<mark])
    }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var digits = String(parts[0]) + (parts.count > 1 && parts[1] != "0" ? String(parts[1]) : "")
    var point = parts[0].count + exponent
    let leading = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leading)
    point -= leading
    while digits.last == "0" { digits.removeLast() }
    let sign = value < 0 ? "-" : ""
    let n = digits.count
    if point > 21 || point < -5 {
      let rest = n > 1 ? "." + digits.dropFirst() : ""
      return "\(sign)\(digits.prefix(1))\(rest)e\(point > 0 ? "+" : "-")\(abs(point - 1))"
    }
    if point >= n { return sign + digits + String(repeating: "0", count: point - n) }
    if point > 0 { return "\(sign)\(digits.prefix(point)).\(digits.dropFirst(point))" }
    return sign + "0." + String(repeating: "0", count: -point) + digits
  }
}
