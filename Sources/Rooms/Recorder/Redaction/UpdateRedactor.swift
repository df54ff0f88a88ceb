import Workflow

/// Writes an update V1 anew with other texts and values in the same places: structs, ids, lengths and keys stay.
struct UpdateRedactor {
  private var input: ArraySlice<UInt8>
  private var output: [UInt8] = []
  private var values: ValueRedactor

  private struct Malformed: Error {}

  /// Nil for what is no update V1.
  static func redacted(_ update: [UInt8], _ values: inout ValueRedactor) -> [UInt8]? {
    var redactor = UpdateRedactor(input: update[...], values: values)
    defer { values = redactor.values }
    do {
      try redactor.structs()
      try redactor.deletions()
      return redactor.output
    } catch {
      return nil
    }
  }

  // MARK: Structs

  private mutating func structs() throws(Malformed) {
    for _ in 0..<(try copyNumber()) {
      let count = try copyNumber()
      _ = (try copyNumber(), try copyNumber())
      for _ in 0..<count { try oneStruct() }
    }
  }

  private mutating func oneStruct() throws(Malformed) {
    let info = try copyByte()
    let kind = info & 0x1F
    if kind == Kind.garbage || kind == Kind.skip {
      _ = try copyNumber()
      return
    }
    if info & 0x80 != 0 { _ = (try copyNumber(), try copyNumber()) }
    if info & 0x40 != 0 { _ = (try copyNumber(), try copyNumber()) }
    if info & 0xC0 == 0 {
      if try copyNumber() == 1 { try copyBytes() } else { _ = (try copyNumber(), try copyNumber()) }
      if info & 0x20 != 0 { try copyBytes() }
    }
    try content(kind)
  }

  private enum Kind {
    static let (garbage, deleted, json, binary, string): (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 1, 2, 3, 4)
    static let (embed, format, type, any, document, skip): (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (
      5, 6, 7, 8, 9, 10
    )
  }

  private mutating func content(_ kind: UInt8) throws(Malformed) {
    switch kind {
    case Kind.deleted: _ = try copyNumber()
    case Kind.json: for _ in 0..<(try copyNumber()) { try jsonText() }
    case Kind.binary: try bytes()
    case Kind.string: write(values.text(try string()))
    case Kind.embed: try jsonText()
    case Kind.format:
      try copyBytes()
      try jsonText()
    case Kind.type:
      // XML elements and hooks have a name.
      if [3, 5].contains(try copyNumber()) { try copyBytes() }
    case Kind.any: for _ in 0..<(try copyNumber()) { try any(depth: 0) }
    case Kind.document:
      try copyBytes()
      try any(depth: 0)
    default: throw Malformed()
    }
  }

  private mutating func any(depth: Int) throws(Malformed) {
    guard depth < Self.maximumDepth else { throw Malformed() }
    switch try copyByte() {
    case 127, 126, 121, 120: break
    case 125: try copyVarInt()
    case 124: try copy(4)
    case 123, 122: try copy(8)
    case 119: write(values.string(try string()))
    case 118:
      for _ in 0..<(try copyNumber()) {
        try copyBytes()
        try any(depth: depth + 1)
      }
    case 117: for _ in 0..<(try copyNumber()) { try any(depth: depth + 1) }
    case 116: try bytes()
    default: throw Malformed()
    }
  }

  private static let maximumDepth = 256

  private mutating func deletions() throws(Malformed) {
    for _ in 0..<(try copyNumber()) {
      _ = try copyNumber()
      for _ in 0..<(try copyNumber()) { _ = (try copyNumber(), try copyNumber()) }
    }
  }

  // MARK: Parts

  private mutating func jsonText() throws(Malformed) {
    let text = try string()
    guard let value = try? JSONValue(parsing: text) else { return write(values.string(text)) }
    write(value.string != nil || value.array != nil || value.object != nil ? values.json(value).text : text)
  }

  /// What bytes say is nobody's business; zeros are as long.
  private mutating func bytes() throws(Malformed) {
    let count = try copyNumber()
    guard count <= UInt64(input.count) else { throw Malformed() }
    input = input.dropFirst(Int(count))
    output.append(contentsOf: repeatElement(0, count: Int(count)))
  }

  private mutating func string() throws(Malformed) -> String {
    let count = try number()
    guard count <= UInt64(input.count) else { throw Malformed() }
    defer { input = input.dropFirst(Int(count)) }
    return String(decoding: input.prefix(Int(count)), as: UTF8.self)
  }

  private mutating func write(_ text: String) {
    output.append(number: UInt64(text.utf8.count))
    output.append(contentsOf: text.utf8)
  }

  private mutating func copyBytes() throws(Malformed) { try copy(try copyNumber()) }

  private mutating func copy(_ count: UInt64) throws(Malformed) {
    guard count <= UInt64(input.count) else { throw Malformed() }
    output.append(contentsOf: input.prefix(Int(count)))
    input = input.dropFirst(Int(count))
  }

  private mutating func copyByte() throws(Malformed) -> UInt8 {
    guard let byte = input.popFirst() else { throw Malformed() }
    output.append(byte)
    return byte
  }

  private mutating func copyVarInt() throws(Malformed) {
    while try copyByte() & 0x80 != 0 {}
  }

  private mutating func copyNumber() throws(Malformed) -> UInt64 {
    let value = try number()
    output.append(number: value)
    return value
  }

  private mutating func number() throws(Malformed) -> UInt64 {
    guard let number = input.popNumber() else { throw Malformed() }
    return number
  }
}
