extension YValue {
  /// Reads a value of a `Decodable` type. `undefined` counts as no value, binary as an array of bytes.
  ///
  /// Throws a `DecodingError` whose description says where in the value the type does not fit, and how.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try ValueDecoder(value: self, codingPath: []).decode(type)
  }

  /// The plain value that an `Encodable` value encodes itself to.
  public init(encoding value: some Encodable, largeIntegers: YEncoding.LargeIntegers = .refused) throws {
    self = try ValueEncoder.encode(value, YEncoding(nesting: .plain, largeIntegers: largeIntegers)).plain
  }
}

extension SharedType {
  /// Reads the present content, nested shared types included, as a `Decodable` type. Texts are strings.
  ///
  /// Throws a `DecodingError` whose description says where in the content the type does not fit, and how.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try json.decode(type)
  }
}

extension YElement {
  /// Reads the present content, nested shared types included, as a `Decodable` type. Texts are strings.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try json.decode(type)
  }
}

extension YMap {
  /// Reads what a key holds. A key that is not there is `undefined`, which decodes as an optional only.
  public func decode<T: Decodable>(_ type: T.Type = T.self, forKey key: String) throws -> T {
    let value = self[key]?.json ?? .undefined
    return try ValueDecoder(value: value, codingPath: [PathKey(stringValue: key)]).decode(type)
  }
}

extension YArray {
  /// Reads the element at an index. Out of bounds it is `undefined`, which decodes as an optional only.
  public func decode<T: Decodable>(_ type: T.Type = T.self, at index: Int) throws -> T {
    try ValueDecoder(value: self[index].json, codingPath: [PathKey(intValue: index)]).decode(type)
  }
}
