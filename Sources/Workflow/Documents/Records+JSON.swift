// Records in the form that clients get over HTTP and as events.

extension Actor {
  public var json: JSONValue { ["type": .string(type), "id": JSONValue(id), "name": JSONValue(name)] }
}

extension Provenance {
  /// The members that records have in common.
  fileprivate var members: [String: JSONValue] {
    ["source": .string(source.rawValue), "actor": actor.json, "commit": JSONValue(commit)]
  }
}

extension ContentChange {
  /// The change without its values.
  public var summary: JSONValue {
    ["unit": .array(unit.map(JSONValue.string)), "kind": .string(kind.rawValue)]
  }

  /// The change with both values. Reading it back gives the same change.
  public var json: JSONValue {
    var members = ["unit": JSONValue.array(unit.map(JSONValue.string))]
    members["before"] = before
    members["after"] = after
    return .object(members)
  }

  public init?(json: JSONValue) {
    guard let unit = json["unit"]?.array?.map({ $0.string ?? "" }) else { return nil }
    self.init(unit: unit, before: json["before"], after: json["after"])
  }
}

extension Rename {
  public var json: JSONValue {
    [
      "collection": .string(collection), "old_id": .string(oldID), "new_id": .string(newID),
      "matched_by": .string(matchedBy.rawValue),
    ]
  }

  public init?(json: JSONValue) {
    guard let collection = json["collection"]?.string, let oldID = json["old_id"]?.string,
      let newID = json["new_id"]?.string, let matchedBy = json["matched_by"]?.string.flatMap(Match.init)
    else { return nil }
    self.init(collection: collection, oldID: oldID, newID: newID, matchedBy: matchedBy)
  }
}

extension ReconciliationRecord {
  /// How many changes a summary lists.
  public static let listedChanges = 50

  /// The record without values: at most `listedChanges` changes and renames, and how many changes there are.
  public var json: JSONValue {
    var members = provenance.members
    members["number"] = .number(Double(number))
    members["kind"] = .string(kind.rawValue)
    members["lock_version"] = JSONValue(lockVersion)
    members["changes"] = .array(changes.prefix(Self.listedChanges).map(\.summary))
    members["change_count"] = JSONValue(changes.count)
    members["conflicts"] = JSONValue(conflicts)
    members["renames"] = .array(renames.prefix(Self.listedChanges).map(\.json))
    members["recorded_at"] = .string(recordedAt)
    return .object(members)
  }
}

extension ConflictRecord {
  /// The record; a side without a value has null.
  public var json: JSONValue {
    var members = provenance.members
    members["id"] = .string("\(id)")
    members["reconciliation"] = .number(Double(id.reconciliation))
    members["kind"] = .string(conflict.kind.rawValue)
    members["recorded_by"] = .string(recordedBy.rawValue)
    members["unit"] = .array(conflict.unit.map(JSONValue.string))
    members["base"] = conflict.base ?? .null
    members["live"] = conflict.live ?? .null
    members["database"] = conflict.database ?? .null
    members["range"] = conflict.range.map { [JSONValue($0.lowerBound), JSONValue($0.upperBound)] } ?? .null
    members["winner"] = .string(conflict.winner.rawValue)
    members["editors"] = .array(conflict.editors.map { .number(Double($0)) })
    members["recorded_at"] = .string(recordedAt)
    members["status"] = .string(status.rawValue)
    members["outcome"] = JSONValue(outcome)
    members["decided_by"] = decidedBy?.json ?? .null
    members["decided_at"] = JSONValue(decidedAt)
    return .object(members)
  }
}

extension VersionRecord {
  public var json: JSONValue {
    var members = provenance?.members ?? [:]
    members["id"] = .string(id)
    members["lock_version"] = JSONValue(lockVersion)
    members["inserted_at"] = .string(savedAt)
    members["is_latest"] = .bool(isLatest)
    return .object(members)
  }
}
