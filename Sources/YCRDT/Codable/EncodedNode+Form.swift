extension EncodedNode {
  /// What a node becomes in a document.
  enum Form {
    case plain(YValue)
    case text(String)
    case array([EncodedNode])
    case object(Members)
  }

  /// What it becomes under a key; elements of an array are under the array's key.
  func form(under key: String?, _ encoding: YEncoding) -> Form {
    guard case .shared = encoding.nesting else { return .plain(plain) }
    switch content {
    case .value(.string(let string)) where encoding.isText(key): return .text(string)
    case .value, .none: return .plain(plain)
    case .array(let elements): return .array(elements)
    case .object(let members): return .object(members)
    }
  }

  /// The content, with an object given as a plain value taken apart.
  var asObject: Content {
    guard case .value(.object(let object)) = content else { return content }
    var members = Members()
    members.isWhole = true
    for (key, value) in object {
      let node = EncodedNode()
      node.content = .value(value)
      members[key] = node
    }
    return .object(members)
  }

  /// Whether a shared array would get an element that Yjs arrays do not take.
  fileprivate func hasUnfitElements(inArray: Bool, _ isShared: Bool) -> Bool {
    switch content {
    case .value(.bigInt), .value(.undefined): inArray
    case .value, .none: false
    case .array(let elements): isShared && elements.contains { $0.hasUnfitElements(inArray: true, isShared) }
    case .object(let members):
      isShared && members.list.contains { $0.node?.hasUnfitElements(inArray: false, isShared) == true }
    }
  }
}

extension Doc {
  /// Checks a whole encoded value before anything of it is written.
  func check(_ node: EncodedNode, _ encoding: YEncoding, inArray: Bool = false) throws(YError) {
    if node.hasUnfitElements(inArray: inArray, encoding.nesting != .plain) { throw .unsupportedValue }
    try check(CollectionOfOne(node.plain))
  }
}

extension YValue {
  /// Whether two values are the same to JavaScript, which knows one class of numbers.
  func reads(like other: YValue) -> Bool {
    switch (self, other) {
    case (.int, .float), (.float, .int): return double == other.double
    case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy { $0.reads(like: $1) }
    case (.object(let a), .object(let b)):
      return a.count == b.count && a.allSatisfy { member in b[member.key]?.reads(like: member.value) == true }
    default: return self == other
    }
  }
}
