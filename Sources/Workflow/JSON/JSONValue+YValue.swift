public import YCRDT

extension JSONValue {
  /// A plain value of a document. What JSON cannot say (binary, undefined) is null.
  public init(_ value: YValue) {
    switch value {
    case .undefined, .null, .binary: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value), .bigInt(let value): self = .number(Double(value))
    case .float(let value): self = value.isFinite ? .number(value == 0 ? 0 : value) : .null
    case .string(let text): self = .string(text)
    case .array(let elements): self = .array(elements.map(JSONValue.init))
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.key, JSONValue($0.value)) }) { $1 })
    }
  }

  /// This value as it is put into a document. Whole numbers become integers, as Yjs writes them; keys are in ascending
  /// order, so that equal values give equal updates.
  public var yValue: YValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let value): Int64(exactly: value).map(YValue.int) ?? .float(value)
    case .string(let text): .string(text)
    case .array(let elements): .array(elements.map(\.yValue))
    case .object(let members): .object(YObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.yValue) }))
    }
  }
}
