/// A key or index on the way to a value.
struct PathKey: CodingKey {
  var stringValue: String
  var intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  static let parent = PathKey(stringValue: "super")
}

extension [any CodingKey] {
  /// The way as people write it: `jobs[3].name`.
  var shown: String {
    var text = ""
    for key in self {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return text.isEmpty ? "the value itself" : text
  }
}

extension YValue {
  /// The value as error messages show it.
  var shortDescription: String {
    switch self {
    case .undefined: "undefined"
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bigInt(let value): "the BigInt \(value)"
    case .string(let text): text.utf8.count > 40 ? "a string" : "the string \"\(text)\""
    case .binary(let bytes): "\(bytes.count) bytes"
    case .array(let elements): "an array of \(elements.count)"
    case .object: "an object"
    }
  }
}
