import Reconciliation
import Workflow

/// One thing that a merge decides on, as far as both sides can change it independently.
struct Unit: Hashable, CustomStringConvertible {
  /// As in conflict records.
  let path: [String]

  var description: String { path.joined(separator: ".") }

  private static let groups = [
    "credential": ["project_credential_id", "keychain_credential_id"],
    "source": ["source_job_id", "source_trigger_id"],
  ]

  private static func name(of field: String) -> String {
    groups.first { $0.value.contains(field) }?.key ?? field
  }

  /// All units of several states, except texts.
  static func all(in states: [State]) -> Set<Unit> {
    var paths: Set<[String]> = []
    for state in states {
      for key in state.workflow.keys { paths.insert(["workflow", key]) }
      for key in state.positions.keys { paths.insert(["positions", key]) }
      for (name, entities) in [("jobs", state.jobs), ("triggers", state.triggers), ("edges", state.edges)] {
        for (id, fields) in entities {
          for field in fields.keys where field != "body" { paths.insert([name, id, self.name(of: field)]) }
        }
      }
    }
    return Set(paths.map(Unit.init))
  }

  /// What a state has there; nil for nothing.
  func value(in state: State) -> JSONValue? {
    switch path.first {
    case "workflow": return deep(state.workflow[path[1]], path.dropFirst(2))
    case "positions": return deep(state.positions[path[1]], path.dropFirst(2))
    default: break
    }
    guard let fields = entities(in: state)[path[1]] else { return nil }
    guard path.count > 2 else { return .object(fields) }
    if let keys = Self.groups[path[2]] {
      let found = fields.filter { keys.contains($0.key) }
      return found.isEmpty ? nil : .object(found)
    }
    return deep(fields[path[2]], path.dropFirst(3))
  }

  private func deep(_ value: JSONValue?, _ path: ArraySlice<String>) -> JSONValue? {
    path.reduce(value) { $0?[$1] }
  }

  private func entities(in state: State) -> [String: [String: JSONValue]] {
    switch path.first {
    case "jobs": state.jobs
    case "triggers": state.triggers
    case "edges": state.edges
    default: [:]
    }
  }

  /// Whether what it belongs to is there: a field of a job that is gone is not a unit.
  func hasOwner(in state: State) -> Bool {
    switch path.first {
    case "workflow": true
    case "positions": state.nodes.contains(path[1])
    default: entities(in: state)[path[1]] != nil
    }
  }
}

extension [Conflict] {
  /// Whether one of them is about the unit, a part of it, or what it is a part of.
  func concern(_ unit: Unit) -> Bool {
    contains { $0.unit.starts(with: unit.path) || unit.path.starts(with: $0.unit) }
  }
}
