/// A value for a statement, sent in Postgres' binary format.
enum Parameter {
  case null
  case bool(Bool)
  case int4(Int)
  case int8(Int64)
  case text(String?)
  case bytes([UInt8])
  /// The text of a uuid; null where it is none.
  case uuid(String)
  case int8s([Int64])
  case bools([Bool])
  case texts([String?])
  case uuids([String])
  case byteas([[UInt8]])
}

/// The values of one statement in one piece of memory.
struct ParameterArena {
  private(set) var bytes: [UInt8] = []
  /// Where each value lies; nil is SQL's null.
  private(set) var spans: [Range<Int>?] = []

  init(_ parameters: [Parameter]) {
    for parameter in parameters {
      let start = bytes.count
      spans.append(append(parameter) ? start..<bytes.count : nil)
    }
  }

  private mutating func append(_ parameter: Parameter) -> Bool {
    switch parameter {
    case .null, .text(nil): return false
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .int4(let value): append(Int32(clamping: value))
    case .int8(let value): append(value)
    case .text(.some(let value)): bytes.append(contentsOf: value.utf8)
    case .bytes(let value): bytes.append(contentsOf: value)
    case .uuid(let text):
      guard let value = UUIDText.bytes(text) else { return false }
      bytes.append(contentsOf: value)
    case .int8s(let values): append(values, of: 20) { $0.append($1) }
    case .bools(let values): append(values, of: 16) { $0.bytes.append($1 ? 1 : 0) }
    case .texts(let values): append(values.map { $0.map { Array($0.utf8) } }, of: 25)
    case .uuids(let values): append(values.map(UUIDText.bytes), of: 2950)
    case .byteas(let values): append(values.map(Optional.some), of: 17)
    }
    return true
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// The head of an array of one dimension: dimensions, whether there are nulls, element type, count, lower bound.
  private mutating func appendHead(count: Int, of type: Int32, hasNulls: Bool) {
    append(Int32(count == 0 ? 0 : 1))
    append(Int32(hasNulls ? 1 : 0))
    append(type)
    guard count > 0 else { return }
    append(Int32(count))
    append(Int32(1))
  }

  private mutating func append(_ values: [[UInt8]?], of type: Int32) {
    appendHead(count: values.count, of: type, hasNulls: values.contains { $0 == nil })
    for value in values {
      append(Int32(value.map { $0.count } ?? -1))
      if let value { bytes.append(contentsOf: value) }
    }
  }

  private mutating func append<Value>(
    _ values: [Value], of type: Int32, _ write: (inout ParameterArena, Value) -> Void
  ) {
    appendHead(count: values.count, of: type, hasNulls: false)
    for value in values {
      let start = bytes.count
      append(Int32(0))
      write(&self, value)
      let length = UInt32(bytes.count - start - 4)
      for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    }
  }
}
