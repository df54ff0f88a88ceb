import Workflow

/// Messages as text, which every carrier takes: `1 <node> <kind> <what>`, in words of printable ASCII.
extension BusMessage {
  private static let version = "1"
  /// What a text begins with before what is said, at most.
  private static let headBytes = 64

  /// The texts that say this in the name of a node, each of at most `limit` bytes: several where it is too much for one. Empty
  /// where it does not fit into any.
  func texts(from node: String, limit: Int) -> [String] {
    let head = "\(Self.version) \(node) "
    switch self {
    case .grew(let growth): return Self.words(growth).chunked(limit: limit - Self.headBytes).map { head + "g " + $0 }
    case .look: return [head + "l"]
    case .shown(let update, let id):
      let text = head + "s \(id) " + Base64.standard.encode(update)
      return text.utf8.count <= limit ? [text] : []
    case .whoIsThere(let id): return [head + "w \(id)"]
    case .came: return [head + "c"]
    case .left: return [head + "x"]
    }
  }

  private static func words(_ growth: [DocumentGrowth]) -> [String] {
    growth.map { "\($0.workflowID):\($0.sequence)" }
  }

  /// Reads a text; nil where it is none of ours, or of a version that says something else.
  static func decode(_ text: String) -> (node: String, message: BusMessage)? {
    let words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count >= 3, words[0] == version, let node = uuid(words[1]) else { return nil }
    let rest = words.count == 4 ? words[3] : nil
    return message(words[2], rest).map { (node, $0) }
  }

  private static func message(_ kind: Substring, _ rest: Substring?) -> BusMessage? {
    switch (kind, rest) {
    case ("g", let rest?): return growth(rest).map { .grew($0) }
    case ("l", nil): return .look
    case ("s", let rest?):
      let words = rest.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 2, let id = uuid(words[0]), let update = Base64.standard.decode(words[1].utf8) else {
        return nil
      }
      return .shown(update, in: id)
    case ("w", let rest?): return uuid(rest).map { .whoIsThere($0) }
    case ("c", nil): return .came
    case ("x", nil): return .left
    default: return nil
    }
  }

  private static func growth(_ text: Substring) -> [DocumentGrowth]? {
    var list: [DocumentGrowth] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let id = uuid(parts[0]), let sequence = Int64(parts[1]), sequence >= 0 else { return nil }
      list.append(DocumentGrowth(workflowID: id, sequence: sequence))
    }
    return list
  }

  /// A uuid as servers write it: in lower case, since it is compared as text.
  private static func uuid(_ text: Substring) -> String? {
    let text = String(text)
    return UUIDText.bytes(text) != nil && text == text.lowercased() ? text : nil
  }
}

extension [String] {
  /// The words, joined by blanks into as few texts as have at most `limit` bytes each.
  fileprivate func chunked(limit: Int) -> [String] {
    var texts: [String] = []
    for word in self {
      if let last = texts.last, last.utf8.count + 1 + word.utf8.count <= limit {
        texts[texts.count - 1] += " " + word
      } else {
        texts.append(word)
      }
    }
    return texts
  }
}
