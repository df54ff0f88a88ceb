import Workflow

/// Reads a map of a project file: which keys it may have is known, and what a value means follows from its key.
struct MapReader {
  let reading: FileReading
  let path: FilePath
  let node: YAMLNode
  private let members: [String: YAMLMember]

  /// Nil, and a problem, for anything but a map. `ignored` are keys of other tools that mean nothing here.
  init?(_ node: YAMLNode, _ path: FilePath, _ reading: FileReading, keys: [String], ignored: Set<String> = []) {
    self.reading = reading
    self.path = path
    self.node = node
    guard let list = node.members else {
      reading.report(path, node.mark, "a map is expected here, with the keys \(keys.joined(separator: ", "))")
      return nil
    }
    members = Dictionary(list.map { ($0.key, $0) }) { first, _ in first }
    for member in list where !keys.contains(member.key) && !ignored.contains(member.key) {
      reading.report(path / member.key, member.mark, Self.unknown(member.key, keys))
    }
  }

  private static func unknown(_ key: String, _ keys: [String]) -> String {
    let possible = "possible here: \(keys.joined(separator: ", "))"
    guard let nearest = Spelling.nearest(to: key, among: keys) else { return "unknown key; \(possible)" }
    return "unknown key; did you mean \(nearest)? (\(possible))"
  }

  /// What stands under a key; nil where it is absent or null.
  subscript(key: String) -> YAMLNode? {
    members[key].flatMap { $0.value.isNull ? nil : $0.value }
  }

  /// Whether the map has the key, be its value null.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// A problem with the value of a key, or with the map where it lacks the key.
  func report(_ key: String, _ message: String) {
    reading.report(path / key, members[key]?.value.mark ?? node.mark, message)
  }

  // MARK: Values

  /// Text, however it is written; nil where it is absent or null.
  func text(_ key: String) -> String? {
    guard let value = self[key] else { return nil }
    guard case .scalar(let text, _) = value.value else {
      report(key, "text is expected here")
      return nil
    }
    return text
  }

  /// `true` or `false`; nil where it is absent or null.
  func bool(_ key: String) -> Bool? {
    guard let value = self[key] else { return nil }
    switch value.value {
    case .scalar("true", isPlain: true), .scalar("True", isPlain: true), .scalar("TRUE", isPlain: true): return true
    case .scalar("false", isPlain: true), .scalar("False", isPlain: true), .scalar("FALSE", isPlain: true): return false
    case .scalar(let text, let isPlain):
      let given = isPlain ? text : "the text \(text.debugDescription)"
      report(key, "has to be true or false, and not \(given)")
    default: report(key, "has to be true or false")
    }
    return nil
  }

  /// The id that something says it has.
  func id(_ key: String) -> String? {
    guard let text = text(key) else { return nil }
    guard DocumentName.isUUID(text) else {
      report(key, "has to be a uuid, and not \(text.debugDescription)")
      return nil
    }
    return text.lowercased()
  }

  /// The elements of a list; empty where it is absent or null.
  func list(_ key: String) -> [YAMLNode] {
    guard let value = self[key] else { return [] }
    if case .list(let elements) = value.value { return elements }
    report(key, "a list is expected here")
    return []
  }

  /// The members of a map of named things; empty where it is absent or null. Keys that v1 could not tell apart are reported.
  func named(_ key: String) -> [YAMLMember] {
    guard let value = self[key] else { return [] }
    guard let members = value.members else {
      report(key, "a map is expected here, keyed by name")
      return []
    }
    var seen: [String: YAMLMember] = [:]
    for member in members {
      if member.key.isEmpty { reading.report(path / key, member.mark, "a key cannot be empty") }
      if let before = seen.updateValue(member, forKey: NaturalKey.hyphenated(member.key)) {
        reading.report(
          path / key / member.key, member.mark,
          "the key is the same as \(before.key.debugDescription) in line \(before.mark.line), once spaces are hyphens")
      }
    }
    return members
  }

  /// Any value, as JSON has it: what stands in quotes is text.
  func json(_ key: String) -> JSONValue? {
    self[key].map { JSONValue($0) }
  }

  /// The body of a job: text, or the path of a file that has it.
  func body(_ key: String, for place: ProjectFile.BodyPlace) -> String? {
    guard let value = self[key] else { return nil }
    if case .scalar(let text, _) = value.value { return text }
    // One problem is enough: nobody is told that the body is blank as well.
    let unread = "?"
    guard let file = MapReader(value, path / key, reading, keys: ["path"]) else { return unread }
    guard let path = file.text("path") else {
      file.report("path", "the path of a file is expected here")
      return unread
    }
    return reading.body(at: path, for: place, self.path / key / "path", file["path"]?.mark ?? node.mark) ?? unread
  }
}

extension JSONValue {
  /// A value of a YAML file by the rules of JSON: `true`, `false`, `null` and numbers are what they are in JSON, and all else
  /// is text.
  init(_ node: YAMLNode) {
    switch node.value {
    case .list(let elements): self = .array(elements.map { JSONValue($0) })
    case .map(let members):
      self = .object(Dictionary(members.map { ($0.key, JSONValue($0.value)) }) { first, _ in first })
    case .scalar(let text, isPlain: false): self = .string(text)
    case .scalar(let text, isPlain: true):
      if node.isNull {
        self = .null
      } else if text == "true" || text == "false" {
        self = .bool(text == "true")
      } else if let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
        let number = try? JSONValue(parsing: text)
      {
        self = number
      } else {
        self = .string(text)
      }
    }
  }
}
