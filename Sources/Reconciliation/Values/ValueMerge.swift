import Workflow

/// One key of an entity's map, or a key of an object inside it, that gets another value. nil removes the key.
struct FieldWrite: Equatable {
  var path: [String]
  var value: JSONValue?
}

/// Three versions of an entity's fields.
struct FieldVersions {
  /// nil: there was no such entity.
  var base: [String: JSONValue]?
  var live: [String: JSONValue]
  var database: [String: JSONValue]
}

/// Merges the values of one entity by the policy's rules, noting conflicts on the way.
struct ValueMerge {
  private(set) var writes: [FieldWrite] = []
  private(set) var conflicts: [Conflict] = []
  private let unit: [String]
  private let fields: FieldVersions
  private let knowsBase: Bool

  /// `unit` is the path of the entity. Without a base at all (`knowsBase` false) nothing in the document is overwritten.
  init(unit: [String], fields: FieldVersions, knowsBase: Bool) {
    self.unit = unit
    self.fields = fields
    self.knowsBase = knowsBase
  }

  /// Merges the part of the entity that `rule` is about.
  mutating func merge(_ rule: Policy.Rule) {
    if rule.kind == .serverOwned {
      adopt(rule.fields)
    } else if rule.fields.count == 1, let field = rule.fields.first {
      let versions = (fields.base?[field], fields.live[field], fields.database[field])
      merge(rule, at: [field], base: versions.0, live: versions.1, database: versions.2)
    } else {
      let versions = (group(rule, of: fields.base), group(rule, of: fields.live), group(rule, of: fields.database))
      if takesDatabase(rule, at: [rule.name], base: versions.0, live: versions.1, database: versions.2) {
        adopt(rule.fields)
      }
    }
  }

  private mutating func merge(
    _ rule: Policy.Rule, at path: [String], base: JSONValue?, live: JSONValue?, database: JSONValue?
  ) {
    if rule.kind == .map, case .object(let liveMembers)? = live, case .object(let databaseMembers)? = database {
      let baseMembers = if case .object(let members)? = base { members } else { [String: JSONValue]() }
      for key in Set(liveMembers.keys).union(databaseMembers.keys).sorted() {
        merge(rule, at: path + [key], base: baseMembers[key], live: liveMembers[key], database: databaseMembers[key])
      }
    } else if takesDatabase(
      rule, at: path, base: base?.canonical, live: live?.canonical, database: database?.canonical)
    {
      writes.append(FieldWrite(path: path, value: path.count == 1 ? database ?? .null : database))
    }
  }

  private func group(_ rule: Policy.Rule, of fields: [String: JSONValue]?) -> JSONValue? {
    let members = (fields ?? [:]).filter { rule.fields.contains($0.key) }.compactMapValues(\.canonical)
    return members.isEmpty ? nil : .object(members)
  }

  private mutating func adopt(_ names: [String]) {
    for name in names where fields.live[name]?.canonical != fields.database[name]?.canonical {
      writes.append(FieldWrite(path: [name], value: fields.database[name] ?? .null))
    }
  }

  /// The decision between canonical values, "not set" being a value like any other.
  private mutating func takesDatabase(
    _ rule: Policy.Rule, at path: [String], base: JSONValue?, live: JSONValue?, database: JSONValue?
  ) -> Bool {
    let verdict =
      knowsBase
      ? Verdict(base: base, live: live, database: database) : Verdict(unknownBaseLive: live, database: database)
    switch verdict {
    case .keep: return false
    case .adopt: return true
    case .conflict(let kind):
      let isAdopted = kind != .noBase && rule.winner == .database
      conflicts.append(
        Conflict(
          kind: kind == .noBase ? kind : fields.base == nil ? .addAdd : .editEdit, unit: unit + path,
          base: base, live: live, database: database, winner: isAdopted ? .database : .live))
      return isAdopted
    }
  }
}
