public import Workflow

extension ImportPlan {
  /// What `POST /api/provision?plan=1` answers.
  public func answer(id: String) -> JSONValue {
    ["plan": .string(id), "data": json, "warnings": warnings.json]
  }

  /// The plan itself.
  public var json: JSONValue {
    [
      "project": [
        "id": .string(projectID), "name": .string(projectName), "new": .bool(isNewProject),
        "changes": .array(projectChanges.map(\.planned)),
      ],
      "workflows": .array(workflows.map(\.json)), "touches_unsaved_work": .bool(touchesUnsavedWork),
    ]
  }
}

extension ImportPlan.Workflow {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(id), "name": .string(name), "action": .string(action.rawValue),
      "lock_version": JSONValue(lockVersion), "changes": .array(changes.map(\.planned)),
      "unsaved": .array(unsaved.map(\.planned)), "conflicts": .array(conflicts.map(\.planned)), "open": .null,
    ]
    if let presence {
      members["open"] = [
        "members": JSONValue(presence.members), "names": .array(presence.names.map(JSONValue.string)),
      ]
    }
    if let unreadable { members["unreadable"] = .string(unreadable) }
    return .object(members)
  }
}

extension UnsavedChange {
  fileprivate var planned: JSONValue {
    .object((change.planned.object ?? [:]).merging(["met": .bool(isMet)]) { $1 })
  }
}

extension ContentChange {
  fileprivate var planned: JSONValue {
    [
      "unit": .array(unit.map(JSONValue.string)), "kind": .string(kind.rawValue), "before": .summary(of: before),
      "after": .summary(of: after),
    ]
  }
}

extension Conflict {
  /// The conflict as plans show it.
  var planned: JSONValue {
    [
      "kind": .string(kind.rawValue), "unit": .array(unit.map(JSONValue.string)), "base": .summary(of: base),
      "live": .summary(of: live), "database": .summary(of: database), "winner": .string(winner.rawValue),
      "range": range.map { [JSONValue($0.lowerBound), JSONValue($0.upperBound)] } ?? .null,
    ]
  }
}

extension JSONValue {
  /// The longest text that a plan shows whole, in characters. Of longer ones, and those of several lines, it shows the
  /// beginning.
  private static let wholeText = 80

  /// A value as plans show it: `{"excerpt": …, "length": …}` for a text that is long, with its length in UTF-16 units.
  static func summary(of value: JSONValue?) -> JSONValue {
    switch value {
    case nil: .null
    case .string(let text)? where text.contains("\n") || text.count > wholeText:
      ["excerpt": .string(String(text.prefix(wholeText))), "length": JSONValue(text.utf16.count)]
    case .array(let elements)?: .array(elements.map(summary))
    case .object(let members)?: .object(members.mapValues(summary))
    case let value?: value
    }
  }
}
