/// What makes names and keys that people take for the same the same.
enum NaturalKey {
  /// A name as v1 makes a key of it: its spaces are hyphens.
  static func hyphenated(_ name: String) -> String {
    String(name.map { $0.isWhitespace ? "-" : $0 })
  }

  /// A name as v2 makes an id of it: letters, digits, hyphens and underscores, in lower case.
  static func slug(_ name: String) -> String {
    let characters = name.lowercased().map { character -> Character in
      character.isLetter || character.isNumber || character == "_" ? character : "-"
    }
    return characters.split(separator: "-").map { String($0) }.joined(separator: "-")
  }

  /// The key, or the first free one of those with `-2`, `-3` and so on behind it.
  static func free(_ key: String, _ taken: inout Set<String>) -> String {
    var candidate = key
    var number = 1
    while !taken.insert(candidate).inserted {
      number += 1
      candidate = "\(key)-\(number)"
    }
    return candidate
  }
}
