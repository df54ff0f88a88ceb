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
    if let whole = Int64(exactly: value), whole.magnitude <= ByteReader.maxNumber, whole != 0 || value.sign == .plus {
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
    case .float(let value): writer.jsonNumber(value)
    case .string(let value): writer.jsonString(value)
    case .binary(let bytes): YValue.array(bytes.map { .int(Int64($0)) }).writeJSON(&writer)
    case .array(let elements):
      var list = JSONList.array
      for element in elements {
        list.next(&writer)
        element.writeJSON(&writer)
      }
      list.end(&writer)
    case .object(let members):
      var list = JSONList.object
      for (key, value) in members where value != .undefined {
        list.next(&writer)
        writer.jsonString(key)
        writer.ascii(":")
        value.writeJSON(&writer)
      }
      list.end(&writer)
    }
  }
}
