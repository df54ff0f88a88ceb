/// Both are coded as the bytes of their wire form.
extension StateVector: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoding: try decoder.singleValueContainer().decode([UInt8].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(encoded())
  }
}

extension IdSet: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoding: try decoder.singleValueContainer().decode([UInt8].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(encoded())
  }
}
