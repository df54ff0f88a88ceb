import Workflow

/// What names a state of what is at a path (RFC 9110, 8.8.3).
struct EntityTag: Hashable {
  var isWeak: Bool
  /// What is between the quotes.
  var opaque: String
}

/// A header that makes a request depend on the state of what it is about.
enum TagCondition: Hashable {
  /// There is no such header.
  case none
  /// `*`: that there is anything.
  case any
  case tags([EntityTag])
  /// The header cannot be read; says why.
  case malformed(String)
}

extension HTTPRequest {
  /// The condition in a header, `if-match` or `if-none-match`.
  func condition(_ name: String) -> TagCondition {
    let values = values(of: name)
    guard !values.isEmpty else { return .none }
    let text = values.joined(separator: ",")
    if text == "*" { return .any }
    var (tags, rest): ([EntityTag], Substring) = ([], text[...])
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" }
      guard let tag = Self.tag(&rest) else {
        return .malformed(
          "'\(text.prefix(80))' is no list of entity tags: these are in quotes, as in \"3-120-9f86d081-17\"")
      }
      tags.append(tag)
      rest = rest.drop { $0 == " " || $0 == "\t" }
      guard let next = rest.popFirst() else { return .tags(tags) }
      guard next == "," else { return .malformed("'\(text.prefix(80))' has '\(next)' where a comma is expected") }
    }
  }

  private static func tag(_ rest: inout Substring) -> EntityTag? {
    let isWeak = rest.hasPrefix("W/")
    if isWeak { rest = rest.dropFirst(2) }
    guard rest.popFirst() == "\"", let end = rest.firstIndex(of: "\"") else { return nil }
    let opaque = rest[..<end]
    rest = rest[rest.index(after: end)...]
    guard opaque.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
    return EntityTag(isWeak: isWeak, opaque: String(opaque))
  }
}

extension DocumentVersion {
  /// The version as an entity tag.
  var tag: String { "\"\(self)\"" }

  /// What goes with a document that has this version: whoever keeps it has to ask whether it is still that.
  var headers: [(name: String, value: String)] {
    [(name: "etag", value: tag), (name: "cache-control", value: "private, no-cache")]
  }
}
