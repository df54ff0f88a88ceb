extension YValue: CustomStringConvertible {
  /// The value as JSON, with `undefined`, BigInts as `5n` and binary as its number of bytes.
  public var description: String {
    switch self {
    case .undefined: "undefined"
    case .bigInt(let value): "\(value)n"
    case .binary(let bytes): "<\(bytes.count) bytes>"
    case .array(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    case .object(let object): object.description
    case .null, .bool, .int, .float, .string: jsonText
    }
  }
}

extension YObject: CustomStringConvertible {
  /// The members as JSON, in order.
  public var description: String {
    "{\(map { "\(YValue.string($0.key).jsonText): \($0.value)" }.joined(separator: ", "))}"
  }
}
