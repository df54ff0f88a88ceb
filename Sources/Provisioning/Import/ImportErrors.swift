public import Workflow

/// Everything that is wrong with an imported document, nested as the document is: fields have lists of messages, and the
/// entities of a list stand under their names. Only what is wrong appears.
public struct ImportErrors: Error, Hashable, Sendable {
  private var messages: [String: [String]] = [:]
  private var nested: [String: ImportErrors] = [:]

  /// Nothing is wrong.
  public init() {}

  /// One message on one field.
  public init(_ field: String, _ message: String) {
    add(field, message)
  }

  public var isEmpty: Bool { messages.isEmpty && nested.isEmpty }

  /// `{field: [messages], "workflows": {name: {…}}}`.
  public var json: JSONValue {
    let members = messages.mapValues { JSONValue.array($0.map(JSONValue.string)) }
    return .object(members.merging(nested.mapValues(\.json)) { $1 })
  }

  /// One line for each message, with where it belongs: `workflows.Intake.jobs.Fetch.body: …`.
  public var lines: [String] {
    flattened.map { "\($0.path.joined(separator: ".")): \($0.message)" }
  }

  /// Every message with the way to its field, in ascending order of these.
  var flattened: [(path: [String], message: String)] {
    var list: [(path: [String], message: String)] = []
    for (field, texts) in messages.sorted(by: { $0.key < $1.key }) { list += texts.map { ([field], $0) } }
    for (field, errors) in nested.sorted(by: { $0.key < $1.key }) {
      list += errors.flattened.map { ([field] + $0.path, $0.message) }
    }
    return list
  }

  /// Adds a message to a field, once.
  mutating func add(_ field: String, _ message: String) {
    if messages[field]?.contains(message) != true { messages[field, default: []].append(message) }
  }

  /// Adds the errors of what is inside a field, to those that are there.
  mutating func add(_ field: String, _ errors: ImportErrors) {
    if !errors.isEmpty { nested[field, default: ImportErrors()].merge(errors) }
  }

  /// Puts the errors of one entity of a list under its name; of two entities with one name both are seen.
  mutating func add(_ list: String, _ name: String, _ errors: ImportErrors) {
    guard !errors.isEmpty else { return }
    nested[list, default: ImportErrors()].add(name, errors)
  }

  mutating func merge(_ other: ImportErrors) {
    for (field, messages) in other.messages { for message in messages { add(field, message) } }
    for (field, errors) in other.nested { add(field, errors) }
  }
}
