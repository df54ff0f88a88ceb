extension YValue {
  /// The value as JSON text. What JSON cannot say becomes null, binary an array of bytes.
  public var jsonText: String {
    var writer = ByteWriter()
    writeJSON(&writer)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The value of a JSON text; nil if it is none, or nested more than 512 deep.
  public init?(jsonText: String) {
    var text = jsonText
    let value = text.withUTF8 { $0.elementsEqual("undefined".utf8) ? nil : JSONParser.parse($0, depth: 512) }
    guard let value else { return nil }
    self = value
  }
}
