/// Spelling contents as Yjs would, where another writer spelled them differently: numbers of a wider class than needed,
/// object keys in another order, JSON with other spacing, unknown options of subdocuments.
extension WireStruct {
  /// The content's bytes as Yjs writes them after reading these. Lengths in units stay the same.
  func normalizedContent(_ source: UnsafePointer<UInt8>) -> [UInt8] {
    var reader = ByteReader(UnsafeBufferPointer(start: source + Int(content), count: Int(contentLength)))
    var writer = ByteWriter(capacity: Int(contentLength))
    do throws(UpdateError) {
      switch kind {
      case .any: for _ in 0..<length { writer.any(try reader.anyValue(depth: .max).normalized) }
      case .json: for _ in 0..<length { try reader.copyJSONText(into: &writer) }
      case .embed: try reader.copyJSONText(into: &writer)
      case .format:
        writer.string(try reader.text())
        try reader.copyJSONText(into: &writer)
      case .doc:
        writer.string(try reader.text())
        writer.any(try reader.anyValue(depth: .max).subdocumentOptions)
      case .gc, .deleted, .binary, .string, .type, .skip: preconditionFailure("has one spelling only")
      }
    } catch {
      preconditionFailure("validated content does not parse: \(error)")
    }
    return writer.bytes
  }
}

extension ByteReader {
  fileprivate mutating func copyJSONText(into writer: inout ByteWriter) throws(UpdateError) {
    let (offset, length, _) = try string()
    let bytes = slice(offset, length)
    guard let value = JSONParser.parse(bytes, depth: .max), value != .undefined else { return writer.prefixed(bytes) }
    var json = ByteWriter(capacity: length)
    value.normalized.writeJSON(&json)
    json.withBytes { writer.prefixed($0) }
  }

  /// Validates the guid and options of a subdocument.
  mutating func skipSubdocument(depth: Int) throws(UpdateError) {
    _ = try string()
    let start = position
    try skipAny(depth: depth)
    var options = ByteReader(slice(start, position - start))
    var writer = ByteWriter()
    writer.any(try options.anyValue(depth: depth).subdocumentOptions)
    if !writer.withBytes({ $0.elementsEqual(slice(start, position - start)) }) { isCanonical = false }
  }
}

extension YValue {
  /// The value with the keys of its objects in JavaScript's order: array indexes ascending, then the others as written.
  var normalized: YValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.normalized))
    case .object(let members):
      let indexes = members.keys.compactMap { key in Self.arrayIndex(key).map { ($0, key) } }
      let ordered = indexes.sorted { $0.0 < $1.0 }.map(\.1) + members.keys.filter { Self.arrayIndex($0) == nil }
      return .object(YObject(ordered.map { ($0, members[$0]?.normalized ?? .undefined) }))
    default: return self
    }
  }

  private static func arrayIndex(_ key: String) -> UInt32? {
    guard let index = UInt32(key), index < .max, String(index) == key else { return nil }
    return index
  }

  /// The options of a subdocument that survive in Yjs.
  fileprivate var subdocumentOptions: YValue {
    var options = YObject()
    if let gc = object?["gc"], !gc.isTruthy { options["gc"] = .bool(false) }
    if let autoLoad = object?["autoLoad"], autoLoad.isTruthy { options["autoLoad"] = .bool(true) }
    if let meta = object?["meta"], meta != .null, meta != .undefined { options["meta"] = meta.normalized }
    return .object(options)
  }

  private var isTruthy: Bool {
    switch self {
    case .undefined, .null: false
    case .bool(let value): value
    case .int(let value), .bigInt(let value): value != 0
    case .float(let value): value != 0 && !value.isNaN
    case .string(let value): !value.isEmpty
    case .binary, .array, .object: true
    }
  }
}
