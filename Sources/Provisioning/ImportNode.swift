import Workflow

/// One object of an imported document: its keys are checked, and what it says of a field is told from its silence.
struct ImportNode {
  let members: [String: JSONValue]
  let id: String?
  /// What is wrong with the object itself.
  private(set) var errors = ImportErrors()

  /// Keys that exports carry and imports ignore.
  private static let ignored: Set<String> = ["inserted_at", "updated_at"]

  init(_ json: JSONValue, keys: Set<String>, tolerated: Set<String> = []) {
    members = json.object ?? [:]
    let unknown = Set(members.keys).subtracting(keys).subtracting(tolerated).subtracting(Self.ignored)
    let text = members["id"]?.string ?? ""
    id = DocumentName.isUUID(text) ? text.lowercased() : nil
    if json.object == nil { errors.add("base", "an object is expected") }
    if !unknown.isEmpty { errors.add("base", "extraneous parameters: \(unknown.sorted().joined(separator: ", "))") }
    if members["id"] == nil || members["id"] == .null || text.isEmpty {
      errors.add("id", "can't be blank")
    } else if id == nil {
      errors.add("id", "is invalid")
    }
  }

  var isDelete: Bool { members["delete"]?.bool == true }

  /// Gives `target` the string that the object has for `key`; null is nil, absence changes nothing.
  mutating func read(_ key: String, into target: inout String?) {
    guard let value = members[key] else { return }
    guard value.isNull || value.string != nil else { return errors.add(key, "is invalid") }
    target = value.string
  }

  mutating func read(_ key: String, into target: inout String) {
    guard let value = members[key] else { return }
    guard value.isNull || value.string != nil else { return errors.add(key, "is invalid") }
    target = value.string ?? ""
  }

  mutating func read(_ key: String, into target: inout Bool) {
    guard let value = members[key] else { return }
    guard let bool = value.bool else { return errors.add(key, "is invalid") }
    target = bool
  }

  /// Like `read(_:into:)` for the id of something, which is kept in lower case.
  mutating func readID(_ key: String, into target: inout String?) {
    read(key, into: &target)
    target = target?.lowercased()
  }

  /// The elements of a list; nil where the key is absent.
  mutating func list(_ key: String) -> [JSONValue]? {
    guard let value = members[key], !value.isNull else { return nil }
    if value.array == nil { errors.add(key, "is invalid") }
    return value.array
  }

  mutating func add(_ field: String, _ message: String) {
    errors.add(field, message)
  }

  mutating func add(_ list: String, _ name: String, _ errors: ImportErrors) {
    self.errors.add(list, name, errors)
  }
}
