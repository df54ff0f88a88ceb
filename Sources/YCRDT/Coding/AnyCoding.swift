/// The tags of lib0's `Any` values.
enum AnyTag {
  static let undefined: UInt8 = 127
  static let null: UInt8 = 126
  static let integer: UInt8 = 125
  static let float32: UInt8 = 124
  static let float64: UInt8 = 123
  static let bigInt: UInt8 = 122
  static let isFalse: UInt8 = 121
  static let isTrue: UInt8 = 120
  static let string: UInt8 = 119
  static let object: UInt8 = 118
  static let array: UInt8 = 117
  static let binary: UInt8 = 116
}

extension ByteReader {
  /// Validates one `Any` value and moves behind it. `depth` bounds the nesting.
  mutating func skipAny(depth: Int) throws(UpdateError) {
    let tag = try byte()
    switch tag {
    case AnyTag.undefined, AnyTag.null, AnyTag.isTrue, AnyTag.isFalse: break
    case AnyTag.integer: if try varInt().magnitude > YValue.maxShortInteger { isCanonical = false }
    case AnyTag.float32:
      let value = Double(Float(bitPattern: try bigEndian(UInt32.self)))
      if value.isNaN || value.isShortInteger { isCanonical = false }
    case AnyTag.float64:
      let bits = try bigEndian(UInt64.self)
      let value = Double(bitPattern: bits)
      if value.isNaN ? bits != Double.javaScriptNaN : Double(Float(value)) == value || value.isShortInteger {
        isCanonical = false
      }
    case AnyTag.bigInt: try skip(8)
    case AnyTag.string: _ = try string()
    case AnyTag.binary: try skip(try byteLength())
    case AnyTag.array:
      guard depth > 0 else { throw error(.nestedTooDeep) }
      for _ in 0..<(try elementCount()) { try skipAny(depth: depth - 1) }
    case AnyTag.object: try skipAnyObject(depth: depth)
    default: throw error(.unknownValue(tag))
    }
  }

  private mutating func skipAnyObject(depth: Int) throws(UpdateError) {
    guard depth > 0 else { throw error(.nestedTooDeep) }
    let count = try elementCount()
    var first = (0, 0)
    for member in 0..<count {
      let key = try string()
      if count == 2, member == 0 { first = (key.offset, key.length) }
      // JavaScript orders keys that are array indexes, drops one name, and keeps one of equal keys. Bigger objects are
      // not looked at one by one.
      if key.length == 0 || pointer(key.offset).pointee < 0x3A || pointer(key.offset).pointee == 0x5F || count > 2
        || (member == 1 && slice(first.0, first.1).elementsEqual(slice(key.offset, key.length)))
      {
        isCanonical = false
      }
      try skipAny(depth: depth - 1)
    }
  }

  /// Reads one `Any` value.
  mutating func anyValue(depth: Int) throws(UpdateError) -> YValue {
    let tag = try byte()
    switch tag {
    case AnyTag.undefined: return .undefined
    case AnyTag.null: return .null
    case AnyTag.isTrue: return .bool(true)
    case AnyTag.isFalse: return .bool(false)
    case AnyTag.integer:
      let (magnitude, isNegative) = try varInt()
      if isNegative && magnitude == 0 { return .float(-0.0) }
      return .int(isNegative ? -Int64(magnitude) : Int64(magnitude))
    case AnyTag.float32: return .float(Double(Float(bitPattern: try bigEndian(UInt32.self))))
    case AnyTag.float64: return .float(Double(bitPattern: try bigEndian(UInt64.self)))
    case AnyTag.bigInt: return .bigInt(try bigEndian(Int64.self))
    case AnyTag.string: return .string(try text())
    case AnyTag.binary:
      let length = try byteLength()
      position += length
      return .binary(Array(slice(position - length, length)))
    case AnyTag.array: return .array(try anyElements(depth: depth))
    case AnyTag.object: return .object(try anyMembers(depth: depth))
    default: throw error(.unknownValue(tag))
    }
  }

  private mutating func anyElements(depth: Int) throws(UpdateError) -> [YValue] {
    guard depth > 0 else { throw error(.nestedTooDeep) }
    var elements: [YValue] = []
    for _ in 0..<(try elementCount()) { elements.append(try anyValue(depth: depth - 1)) }
    return elements
  }

  private mutating func anyMembers(depth: Int) throws(UpdateError) -> YObject {
    guard depth > 0 else { throw error(.nestedTooDeep) }
    var members = YObject()
    for _ in 0..<(try elementCount()) {
      let key = try text()
      let value = try anyValue(depth: depth - 1)
      // JavaScript would set the object's prototype.
      if key != "__proto__" { members[key] = value }
    }
    return members
  }
}

extension ByteWriter {
  /// Writes a value as Yjs would write the corresponding JavaScript value. The caller has checked the nesting.
  mutating func any(_ value: YValue) {
    switch value {
    case .undefined: byte(AnyTag.undefined)
    case .null: byte(AnyTag.null)
    case .bool(let value): byte(value ? AnyTag.isTrue : AnyTag.isFalse)
    case .int(let value): number(Double(value))
    case .float(let value): number(value)
    case .bigInt(let value):
      byte(AnyTag.bigInt)
      bigEndian(value)
    case .string(let value):
      byte(AnyTag.string)
      string(value)
    case .binary(let value):
      byte(AnyTag.binary)
      varUInt(value.count)
      raw(value)
    case .array(let elements):
      byte(AnyTag.array)
      varUInt(elements.count)
      for element in elements { any(element) }
    case .object(let members):
      byte(AnyTag.object)
      varUInt(members.count)
      for (key, value) in members {
        string(key)
        any(value)
      }
    }
  }

  /// Whole numbers up to 2^31 - 1 as integers, then whatever survives 32 bits as a short float.
  private mutating func number(_ value: Double) {
    if value.isShortInteger {
      byte(AnyTag.integer)
      varInt(magnitude: UInt64(abs(value)), isNegative: value.sign == .minus)
    } else if Double(Float(value)) == value {
      byte(AnyTag.float32)
      bigEndian(Float(value).bitPattern)
    } else {
      byte(AnyTag.float64)
      bigEndian(value.isNaN ? Double.javaScriptNaN : value.bitPattern)
    }
  }
}

extension Double {
  fileprivate static let javaScriptNaN: UInt64 = 0x7FF8_0000_0000_0000

  /// Whether JavaScript's writers write the number as an integer.
  fileprivate var isShortInteger: Bool {
    rounded(.towardZero) == self && abs(self) <= Double(YValue.maxShortInteger)
  }
}

extension YValue {
  fileprivate static let maxShortInteger: UInt64 = 2_147_483_647

  /// Whether arrays and objects are nested at most `depth` deep.
  func isNested(within depth: Int) -> Bool {
    switch self {
    case .array(let elements): depth > 0 && elements.allSatisfy { $0.isNested(within: depth - 1) }
    case .object(let members): depth > 0 && members.allSatisfy { $0.value.isNested(within: depth - 1) }
    default: true
    }
  }
}
