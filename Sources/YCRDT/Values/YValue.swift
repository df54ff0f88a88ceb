/// A plain value in a document: what is not itself a shared type.
///
/// Numbers keep the class in which they were written. Yjs knows one number type and writes whole numbers up to 2^31 - 1
/// as integers, whichever class they are here.
public enum YValue: Hashable, Sendable {
  /// JavaScript's `undefined`, which JSON does not have.
  case undefined
  /// No value, on purpose.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number. JavaScript holds those up to 2^53 exactly, and some beyond.
  case int(Int64)
  /// Any number of JavaScript.
  case float(Double)
  /// A whole number that is a BigInt in JavaScript.
  case bigInt(Int64)
  /// A string.
  case string(String)
  /// Bytes: a `Uint8Array` in JavaScript.
  case binary([UInt8])
  /// Values in order.
  case array([YValue])
  /// Values by name.
  case object(YObject)
}

extension YValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: YValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, YValue)...) { self = .object(YObject(elements)) }
}

extension YValue {
  /// The text, if it is one.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The truth value, if it is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number of any class as a double, if it is one.
  public var double: Double? {
    switch self {
    case .int(let value), .bigInt(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The number as an integer, if it is a whole one within the range of `Int64`.
  public var integer: Int64? {
    switch self {
    case .int(let value), .bigInt(let value): value
    case .float(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The elements, if it is an array.
  public var array: [YValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members, if it is an object.
  public var object: YObject? {
    if case .object(let value) = self { value } else { nil }
  }
}
