/// Where something begins in a text.
struct YAMLMark: Hashable, Sendable {
  /// From 1.
  var line: Int
  /// In characters, from 1.
  var column: Int
}

/// A part of a YAML document as it is written: nothing is resolved, because what a scalar means depends on where it
/// stands, and not on whether it looks like a number, a date or a Norwegian country code.
struct YAMLNode: Sendable {
  enum Value: Sendable {
    /// `isPlain` is false for what stands in quotes or in a block: that is always text.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the file; keys are unique.
    case map([YAMLMember])
  }

  var mark: YAMLMark
  var value: Value

  /// Whether it is an empty place, `~` or `null`.
  var isNull: Bool {
    if case .scalar(let text, isPlain: true) = value {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// The members of a map, else nil.
  var members: [YAMLMember]? {
    if case .map(let members) = value { members } else { nil }
  }

  /// The value of a member of a map.
  subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }
}

/// A key of a map and its value.
struct YAMLMember: Sendable {
  var key: String
  /// Where the key begins.
  var mark: YAMLMark
  var value: YAMLNode
}

/// Something that is wrong with the text itself.
struct YAMLProblem: Error, Hashable, Sendable {
  var mark: YAMLMark
  var message: String
}
