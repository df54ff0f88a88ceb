/// A JSON value of a vector file. Objects keep the order of their members.
public enum VectorJSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([VectorJSON])
  case object([Member])

  /// A member of an object.
  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: VectorJSON

    public init(key: String, value: VectorJSON) {
      self.key = key
      self.value = value
    }
  }

  /// Where the text stops being JSON.
  public struct SyntaxError: Error {
    public var offset: Int
  }

  /// Parses one value. Depth and size are not bounded: the files are ours.
  public init(parsing text: some Collection<UInt8>) throws {
    var parser = Parser(bytes: Array(text))
    self = try parser.value()
  }

  /// The member of an object.
  public subscript(key: String) -> VectorJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  public var integer: UInt64? { number.flatMap { UInt64(exactly: $0) } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [VectorJSON] { if case .array(let value) = self { value } else { [] } }
  public var members: [Member] { if case .object(let value) = self { value } else { [] } }
  public var indices: [Int] { array.compactMap { $0.integer.map(Int.init) } }
}

private struct Parser {
  let bytes: [UInt8]
  var offset = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func skipSpace() {
    while offset < bytes.count, bytes[offset] <= 0x20 { offset += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == character.asciiValue else { return false }
    offset += 1
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard bytes[offset...].starts(with: word.utf8) else { return false }
    offset += word.utf8.count
    return true
  }

  mutating func value() throws -> VectorJSON {
    if take("{") { return .object(try members()) }
    if take("[") { return .array(try elements()) }
    if take("\"") { return .string(try string()) }
    if takeWord("null") { return .null }
    if takeWord("true") { return .bool(true) }
    if takeWord("false") { return .bool(false) }
    let end = bytes[offset...].firstIndex { !"+-.eE0123456789".utf8.contains($0) } ?? bytes.count
    guard let number = Double(String(decoding: bytes[offset..<end], as: UTF8.self)) else {
      throw VectorJSON.SyntaxError(offset: offset)
    }
    offset = end
    return .number(number)
  }

  private mutating func elements() throws -> [VectorJSON] {
    var result: [VectorJSON] = []
    if take("]") { return result }
    repeat { result.append(try value()) } while take(",")
    guard take("]") else { throw VectorJSON.SyntaxError(offset: offset) }
    return result
  }

  private mutating func members() throws -> [VectorJSON.Member] {
    var result: [VectorJSON.Member] = []
    if take("}") { return result }
    repeat {
      guard take("\"") else { throw VectorJSON.SyntaxError(offset: offset) }
      let key = try string()
      guard take(":") else { throw VectorJSON.SyntaxError(offset: offset) }
      result.append(VectorJSON.Member(key: key, value: try value()))
    } while take(",")
    guard take("}") else { throw VectorJSON.SyntaxError(offset: offset) }
    return result
  }

  /// The rest of a string behind its opening quote. Escaped lone surrogates become U+FFFD.
  private mutating func string() throws -> String {
    var units: [UInt16] = []
    var plainStart = offset
    func plain(upTo end: Int) -> String.UTF16View { String(decoding: bytes[plainStart..<end], as: UTF8.self).utf16 }
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        units += plain(upTo: offset)
        offset += 1
        return String(decoding: units, as: UTF16.self)
      case UInt8(ascii: "\\"):
        units += plain(upTo: offset)
        units.append(try escape())
        plainStart = offset
      default:
        offset += 1
      }
    }
    throw VectorJSON.SyntaxError(offset: offset)
  }

  private mutating func escape() throws -> UInt16 {
    guard offset + 1 < bytes.count else { throw VectorJSON.SyntaxError(offset: offset) }
    let kind = bytes[offset + 1]
    offset += 2
    switch kind {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "u"):
      guard offset + 4 <= bytes.count,
        let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
      else { throw VectorJSON.SyntaxError(offset: offset) }
      offset += 4
      return unit
    default: return UInt16(kind)
    }
  }
}
