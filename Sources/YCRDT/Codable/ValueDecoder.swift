/// The `Decoder` that reads a plain value.
struct ValueDecoder: Decoder {
  let value: YValue
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]

  func at(_ value: YValue, _ key: some CodingKey) -> ValueDecoder {
    ValueDecoder(value: value, codingPath: codingPath + [key])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let object = value.object else { throw mismatch([String: YValue].self, "an object") }
    return KeyedDecodingContainer(KeyedValueDecoder<Key>(decoder: self, object: object))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch value {
    case .array(let elements): UnkeyedValueDecoder(decoder: self, elements: elements)
    case .binary(let bytes): UnkeyedValueDecoder(decoder: self, elements: bytes.map { .int(Int64($0)) })
    default: throw mismatch([YValue].self, "an array")
    }
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  // MARK: - Errors

  private func context(_ what: String) -> DecodingError.Context {
    DecodingError.Context(codingPath: codingPath, debugDescription: "\(codingPath.shown): \(what)")
  }

  func mismatch(_ type: any Any.Type, _ expected: String) -> DecodingError {
    let what = "expected \(expected), found \(value.shortDescription)"
    if decodeNil() { return .valueNotFound(type, context(what)) }
    return .typeMismatch(type, context(what))
  }

  func missing(_ key: some CodingKey, in object: YObject) -> DecodingError {
    .keyNotFound(key, context("there is no \"\(key.stringValue)\" among \(object.keys.joined(separator: ", "))"))
  }

  func atEnd(_ type: any Any.Type) -> DecodingError {
    .valueNotFound(type, context("the array ends before this element"))
  }

  // MARK: - Numbers

  private func integer<I: FixedWidthInteger>() throws -> I {
    guard value.double != nil else { throw mismatch(I.self, "\(I.self)") }
    let number =
      switch value {
      case .int(let number), .bigInt(let number): I(exactly: number)
      case .float(let number): I(exactly: number)
      default: I?.none
      }
    guard let number else { throw DecodingError.dataCorrupted(context("\(value.shortDescription) is no \(I.self)")) }
    return number
  }

  private func float<F: BinaryFloatingPoint>() throws -> F {
    guard let double = value.double else { throw mismatch(F.self, "\(F.self)") }
    if case .bigInt(let number) = value, Int64(exactly: double) != number {
      throw DecodingError.dataCorrupted(context("\(value.shortDescription) does not fit into \(F.self) exactly"))
    }
    let number = F(double)
    guard number.isFinite == double.isFinite else {
      throw DecodingError.dataCorrupted(context("\(value.shortDescription) is too large for \(F.self)"))
    }
    return number
  }
}

extension ValueDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null || value == .undefined }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let bool = value.bool else { throw mismatch(type, "Bool") }
    return bool
  }

  func decode(_ type: String.Type) throws -> String {
    guard let string = value.string else { throw mismatch(type, "String") }
    return string
  }

  func decode(_ type: Double.Type) throws -> Double { try float() }
  func decode(_ type: Float.Type) throws -> Float { try float() }
  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    switch (value, type) {
    case (let value, is YValue.Type): if let value = value as? T { return value }
    case (.object(let object), is YObject.Type): if let object = object as? T { return object }
    case (.binary(let bytes), is [UInt8].Type): if let bytes = bytes as? T { return bytes }
    default: break
    }
    return try T(from: self)
  }
}

struct KeyedValueDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ValueDecoder
  let object: YObject

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { object.keys.compactMap { Key(stringValue: $0) } }

  private func member(_ key: some CodingKey) throws -> ValueDecoder {
    guard let value = object[key.stringValue] else { throw decoder.missing(key, in: object) }
    return decoder.at(value, key)
  }

  func contains(_ key: Key) -> Bool { object[key.stringValue] != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decode(type) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try member(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { try member(PathKey.parent) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

struct UnkeyedValueDecoder: UnkeyedDecodingContainer {
  let decoder: ValueDecoder
  let elements: [YValue]
  var currentIndex = 0

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  /// Runs `body` with the next element, and moves on if that succeeds.
  private mutating func next<T>(_ body: (ValueDecoder) throws -> T) throws -> T {
    let key = PathKey(intValue: currentIndex)
    guard !isAtEnd else { throw decoder.at(.undefined, key).atEnd(T.self) }
    let result = try body(decoder.at(elements[currentIndex], key))
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd else { throw decoder.at(.undefined, PathKey(intValue: currentIndex)).atEnd(Never.self) }
    guard elements[currentIndex] == .null || elements[currentIndex] == .undefined else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next { try $0.decode(type) } }
  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try next { try $0.container(keyedBy: type) }
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }
  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}
