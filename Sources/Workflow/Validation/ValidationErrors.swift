/// Everything that is wrong with a workflow, all at once: which field of which entity, and what would be right.
public struct ValidationErrors: Error, Hashable, Codable, Sendable {
  /// The three kinds of entities a workflow consists of.
  public enum Collection: String, Hashable, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
    case jobs, triggers, edges
  }

  /// Messages by field of the workflow itself; `base` is what belongs to no field.
  public var workflow: [String: [String]] = [:]
  /// Messages by field, by id of the entity.
  public var entities: [Collection: [String: [String: [String]]]] = [:]

  /// Whether nothing is wrong with the workflow itself, and it is a limit that does not let it be.
  public var isLimit = false

  /// The key of what belongs to no field.
  public static let base = "base"

  /// Nothing is wrong.
  public init() {}

  /// One message about one field of the workflow.
  public init(_ field: String, _ message: String) {
    add(field, message)
  }

  public var isEmpty: Bool { workflow.isEmpty && entities.isEmpty }

  public mutating func add(_ field: String, _ message: String) {
    workflow[field, default: []].append(message)
  }

  public mutating func add(_ collection: Collection, _ id: String, _ field: String, _ message: String) {
    entities[collection, default: [:]][id, default: [:]][field, default: []].append(message)
  }

  /// `{field: [messages], "jobs": {id: {field: [messages]}}, …}`.
  public var json: JSONValue {
    var members = workflow.mapValues(Self.list)
    for (collection, byID) in entities {
      members[collection.rawValue] = .object(byID.mapValues { .object($0.mapValues(Self.list)) })
    }
    return .object(members)
  }

  private static func list(_ messages: [String]) -> JSONValue {
    .array(messages.map(JSONValue.string))
  }
}
