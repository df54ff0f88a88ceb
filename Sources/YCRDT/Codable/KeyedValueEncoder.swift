struct KeyedValueEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder

  var codingPath: [any CodingKey] { encoder.codingPath }

  private func member(_ key: some CodingKey) -> ValueEncoder {
    encoder.at(encoder.node.member(key.stringValue), key)
  }

  /// An optional without a value is remembered, so that updates know what to remove.
  private func store(_ value: (some Encodable)?, _ key: Key) throws {
    if let value { try member(key).store(value) } else { encoder.node.members[key.stringValue] = nil }
  }

  func encodeNil(forKey key: Key) { member(key).encodeNil() }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try member(key).store(value) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    member(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { member(PathKey.parent) }
  func superEncoder(forKey key: Key) -> any Encoder { member(key) }

  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try store(value, key) }
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try store(value, key) }
}
