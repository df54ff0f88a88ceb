import Workflow

/// One object of an imported document: its keys are checked, and what it says of a field is told from its silence.
struct ImportNode {
  let members: [String: JSONValue]
  /// In lower case; nil where the object has no valid one.
  let id: String?
  /// Whether the object says that what it names is to be deleted.
  private(set) var isDelete = false
  /// What is wrong with the object itself.
  private(set) var errors = ImportErrors()

  /// Keys that exports carry and imports ignore.
  private static let ignored: Set<String> = ["inserted_at", "updated_at"]

  /// `keys` are those that mean something here, `tolerated` those that do not but are no mistake.
  /// Where `needsID` is false the object may do without one.
  init(_ json: JSONValue, keys: Set<String>, tolerated: Set<String> = [], needsID: Bool = true) {
    members = json.object ?? [:]
    let given = members["id"] ?? .null
    let text = given.string.map { $0.lowercased() } ?? ""
    id = DocumentName.isUUID(text) ? text : nil
    if json.object == nil {
      errors.add("base", "an object is expected")
    } else {
      checkKeys(keys.union(tolerated))
      if needsID || !given.isNull { checkID(given) }
    }
    var isDelete = false
    if keys.contains("delete") { read("delete", into: &isDelete) }
    self.isDelete = isDelete
  }

  private mutating func checkKeys(_ keys: Set<String>) {
    let unknown = Set(members.keys).subtracting(keys).subtracting(Self.ignored)
    if !unknown.isEmpty { errors.add("base", "extraneous parameters: \(unknown.sorted().joined(separator: ", "))") }
  }

  private mutating func checkID(_ given: JSONValue) {
    if given.isNull || given == "" {
      errors.add("id", "can't be blank")
    } else if id == nil {
      errors.add("id", "is invalid")
    }
  }

  /// Gives `target` the string that the object has for `key`; null is nil, absence changes nothing.
  mutating func read(_ key: String, into target: inout String?) {
    guard let value = members[key] else { return }
    guard value.isNull || value.string != nil else { return errors.add(key, "is invalid") }
    target = value.string
  }

  /// Gives `target` the string that the object has for `key`; null is "", absence changes nothing.
  mutating func read(_ key: String, into target: inout String) {
    var text: String? = target
    read(key, into: &text)
    target = text ?? ""
  }

  /// Gives `target` the truth value that the object has for `key`; null and absence change nothing.
  mutating func read(_ key: String, into target: inout Bool) {
    guard let value = members[key], !value.isNull else { return }
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
    guard let value = members[key] else { return nil }
    if value.array == nil { errors.add(key, "is invalid") }
    return value.array
  }

  /// Notes what the database would refuse of a short text that has to be there.
  mutating func checkName(_ text: String, for key: String) {
    if text.allSatisfy(\.isWhitespace) { errors.add(key, "can't be blank") }
    if text.unicodeScalars.count > 255 { errors.add(key, "should be at most 255 character(s)") }
    checkText(text, for: key)
  }

  /// Notes what the database would refuse of any text.
  mutating func checkText(_ text: String?, for key: String) {
    if text?.utf8.contains(0) ?? false { errors.add(key, "cannot contain null bytes") }
  }

  mutating func add(_ field: String, _ message: String) {
    errors.add(field, message)
  }

  mutating func add(_ field: String, _ nested: ImportErrors) {
    errors.add(field, nested)
  }

  mutating func add(_ list: String, _ name: String, _ nested: ImportErrors) {
    errors.add(list, name, nested)
  }
}
