import Workflow
import YCRDT

/// The document's `errors`: messages by field, of the workflow and of its entities by collection and id. Editors write
/// there as well, so what cannot be understood is left alone.
struct ErrorMap {
  private let before: [String: JSONValue]
  private var sections: [String: JSONValue]

  init(_ map: YMap) {
    before = JSONValue(map.json).object ?? [:]
    sections = before
  }

  /// Whether it says anything else than the document.
  var isChanged: Bool { sections != before }

  /// Nothing is wrong any more.
  mutating func removeAll() { sections = [:] }

  /// Takes a field's messages away, those of an entity, or those of a whole section.
  mutating func remove(at path: [String]) {
    sections = Self.setting(nil, at: path[...], in: sections)
  }

  /// Puts messages in place of a field's earlier ones.
  mutating func set(_ messages: [String], at path: [String]) {
    sections = Self.setting(.array(messages.map(JSONValue.string)), at: path[...], in: sections)
  }

  /// Takes away the messages that a server had put there, unless somebody has written others.
  mutating func remove(_ errors: ValidationErrors) {
    for (path, messages) in errors.byField where self[path]?.array?.compactMap(\.string) == messages {
      remove(at: path)
    }
  }

  /// Puts in what belongs to a field. Nobody could do anything there about the rest, such as that of a workflow as a whole.
  mutating func put(_ errors: ValidationErrors) {
    for (path, messages) in errors.byField where path.last != ValidationErrors.base { set(messages, at: path) }
  }

  /// Takes away what is about entities that are not there.
  mutating func keepEntities(of section: String, where isThere: (String) -> Bool) {
    for id in (sections[section]?.object ?? [:]).keys where !isThere(id) { remove(at: [section, id]) }
  }

  private subscript(path: [String]) -> JSONValue? {
    var value: JSONValue? = .object(sections)
    for key in path { value = value?[key] }
    return value
  }

  /// An object that becomes empty goes as well.
  private static func setting(
    _ value: JSONValue?, at path: ArraySlice<String>, in members: [String: JSONValue]
  ) -> [String: JSONValue] {
    guard let key = path.first else { return members }
    var members = members
    if path.count == 1 {
      members[key] = value
    } else {
      let inner = setting(value, at: path.dropFirst(), in: members[key]?.object ?? [:])
      members[key] = inner.isEmpty ? nil : .object(inner)
    }
    return members
  }

  /// Writes what has changed, each section as one value as editors do.
  func write(to map: YMap) throws(YError) {
    for key in Set(before.keys).union(sections.keys).sorted() where sections[key] != before[key] {
      if let section = sections[key] {
        try map.set(key, section.yValue)
      } else {
        try map.removeValue(forKey: key)
      }
    }
  }
}

extension ValidationErrors {
  /// Where each field's messages are in a document's `errors`, and the messages; in an order that is the same on every node.
  fileprivate var byField: [(path: [String], messages: [String])] {
    var fields = workflow.map { (path: [WorkflowDocument.workflowRoot, $0.key], messages: $0.value) }
    for (collection, entities) in entities {
      for (id, messages) in entities {
        fields += messages.map { (path: [collection.rawValue, id, $0.key], messages: $0.value) }
      }
    }
    return fields.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }
}
