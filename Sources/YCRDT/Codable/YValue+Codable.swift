extension YValue: Codable {
  /// Reads what any decoder offers: null, a truth value, a number, a string, an array or an object.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .float(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([YValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode(YObject.self))
    }
  }

  /// Writes the value as JSON can say it: `undefined` as null, big integers as numbers, binary as an array of bytes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .undefined, .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value), .bigInt(let value): try container.encode(value)
    case .float(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .binary(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension YObject: Codable {
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: PathKey.self)
    for key in container.allKeys { self[key.stringValue] = try container.decode(YValue.self, forKey: key) }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: PathKey.self)
    for (key, value) in self { try container.encode(value, forKey: PathKey(stringValue: key)) }
  }
}
