public import Workflow

/// Everything that is wrong with an imported document, nested as the document is: fields have lists of messages, and the
/// entities of a list stand under their names. Only what is wrong appears.
public struct ImportErrors: Error, Hashable, Sendable {
  private var fields: [String: [String]] = [:]
  private var children: [String: [String: ImportErrors]] = [:]

  /// Nothing is wrong.
  public init() {}

  /// One message on one field.
  public init(_ field: String, _ message: String) {
    add(field, message)
  }

  public var isEmpty: Bool { fields.isEmpty && children.isEmpty }

  /// `{field: [messages], "workflows": {name: {…}}}`.
  public var json: JSONValue {
    var members = fields.mapValues { JSONValue.array($0.map(JSONValue.string)) }
    for (list, byName) in children { members[list] = .object(byName.mapValues(\.json)) }
    return .object(members)
  }

  mutating func add(_ field: String, _ message: String) {
    fields[field, default: []].append(message)
  }

  /// Puts the errors of one entity under its name; of two entities with one name both are seen.
  mutating func add(_ list: String, _ name: String, _ errors: ImportErrors) {
    guard !errors.isEmpty else { return }
    children[list, default: [:]][name, default: ImportErrors()].merge(errors)
  }

  private mutating func merge(_ other: ImportErrors) {
    for (field, messages) in other.fields {
      fields[field, default: []] += messages.filter { !fields[field, default: []].contains($0) }
    }
    for (list, byName) in other.children {
      for (name, errors) in byName { add(list, name, errors) }
    }
  }
}
