/// Dictionaries, whose keys are data rather than names of properties.
private protocol KeyedByData {}

extension Dictionary: KeyedByData {}

/// The `Encoder` that turns a value into nodes.
struct ValueEncoder: Encoder {
  let node: EncodedNode
  let largeIntegers: YEncoding.LargeIntegers
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]

  static func encode(_ value: some Encodable, _ encoding: YEncoding) throws -> EncodedNode {
    let encoder = ValueEncoder(node: EncodedNode(), largeIntegers: encoding.largeIntegers, codingPath: [])
    try encoder.store(value)
    return encoder.node
  }

  func at(_ node: EncodedNode, _ key: some CodingKey) -> ValueEncoder {
    ValueEncoder(node: node, largeIntegers: largeIntegers, codingPath: codingPath + [key])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.members = node.members
    return KeyedEncodingContainer(KeyedValueEncoder<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.elements = node.elements
    return UnkeyedValueEncoder(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func store<T: Encodable>(_ value: T) throws {
    // The type is compared, too: an empty array of anything can be cast to any other.
    switch value {
    case let value as YValue where T.self == YValue.self: node.content = .value(value)
    case let object as YObject where T.self == YObject.self: node.content = .value(.object(object))
    case let bytes as [UInt8] where T.self == [UInt8].self: node.content = .value(.binary(bytes))
    default: try value.encode(to: self)
    }
    if value is any KeyedByData, case .object(var members) = node.content {
      members.isWhole = true
      node.content = .object(members)
    }
  }

  func store(_ value: some BinaryInteger & Encodable) throws {
    if let number = Int64(exactly: value), Int64(exactly: Double(number)) == number {
      node.content = .value(.int(number))
    } else if let number = Int64(exactly: value), largeIntegers == .bigInt {
      node.content = .value(.bigInt(number))
    } else {
      let why = "\(codingPath.shown): \(value) does not fit into a JavaScript number exactly"
      throw EncodingError.invalidValue(value, .init(codingPath: codingPath, debugDescription: why))
    }
  }
}

extension ValueEncoder: SingleValueEncodingContainer {
  func encodeNil() { node.content = .value(.null) }
  func encode(_ value: Bool) { node.content = .value(.bool(value)) }
  func encode(_ value: String) { node.content = .value(.string(value)) }
  func encode(_ value: Double) { node.content = .value(.float(value)) }
  func encode(_ value: Float) { node.content = .value(.float(Double(value))) }
  func encode(_ value: Int) throws { try store(value) }
  func encode(_ value: Int8) throws { try store(value) }
  func encode(_ value: Int16) throws { try store(value) }
  func encode(_ value: Int32) throws { try store(value) }
  func encode(_ value: Int64) throws { try store(value) }
  func encode(_ value: UInt) throws { try store(value) }
  func encode(_ value: UInt8) throws { try store(value) }
  func encode(_ value: UInt16) throws { try store(value) }
  func encode(_ value: UInt32) throws { try store(value) }
  func encode(_ value: UInt64) throws { try store(value) }
  func encode<T: Encodable>(_ value: T) throws { try store(value) }
}

struct UnkeyedValueEncoder: UnkeyedEncodingContainer {
  let encoder: ValueEncoder

  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.node.elements.count }

  private func next() -> ValueEncoder {
    encoder.at(encoder.node.appended(), PathKey(intValue: count - 1))
  }

  func encodeNil() { next().encodeNil() }
  func encode<T: Encodable>(_ value: T) throws { try next().store(value) }
  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    next().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
  func superEncoder() -> any Encoder { next() }
}
