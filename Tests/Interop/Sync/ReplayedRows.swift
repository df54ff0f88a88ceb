import Workflow

/// Rows as an export has them, made comparable with what `make-history.py` says: nodes by name, edges by the names of their
/// ends, and ids where both know one.
struct ReplayedRows {
  /// The workflows of an export.
  let workflows: [JSONValue]

  init(export: JSONValue) {
    workflows = (export["data"]?["workflows"]?.array ?? []).filter { ($0["deleted_at"] ?? .null) == .null }
  }

  func workflow(_ id: String) -> JSONValue? { workflows.first { $0["id"]?.string == id } }

  /// What is not as it should be; empty if all is.
  func differences(from expected: [JSONValue]) -> [String] {
    var differences: [String] = []
    let names = { (list: [JSONValue]) in list.compactMap { $0["name"]?.string }.sorted() }
    if names(workflows) != names(expected) {
      differences.append("workflows \(names(workflows)), not \(names(expected))")
    }
    for wanted in expected {
      guard let found = workflows.first(where: { $0["name"] == wanted["name"] }) else { continue }
      let place = wanted["name"]?.string ?? ""
      Self.compare(found, wanted, ["id"], place, &differences)
      for (list, fields) in [
        ("jobs", ["id", "adaptor", "body"]), ("triggers", ["id", "enabled", "cron_expression"]),
        ("edges", ["id", "condition_type", "condition_expression", "condition_label", "enabled"]),
      ] {
        let (have, want) = (Self.byKey(found, list), Self.byKey(wanted, list))
        if have.keys.sorted() != want.keys.sorted() {
          differences.append("\(place): \(list) \(have.keys.sorted()), not \(want.keys.sorted())")
        }
        for (key, entity) in want {
          if let other = have[key] { Self.compare(other, entity, fields, "\(place): \(key)", &differences) }
        }
      }
    }
    return differences
  }

  private static func compare(
    _ found: JSONValue, _ wanted: JSONValue, _ fields: [String], _ place: String, _ differences: inout [String]
  ) {
    for field in fields {
      let (have, want) = (found[field] ?? .null, wanted[field] ?? .null)
      // Which id it gets that no state file has is nobody's business.
      if field == "id", want == .null { continue }
      if have != want { differences.append("\(place): \(field) is \(have.text), not \(want.text)") }
    }
  }

  /// The entities of a list by what they are called.
  private static func byKey(_ workflow: JSONValue, _ list: String) -> [String: JSONValue] {
    var names: [String: String] = [:]
    for job in workflow["jobs"]?.array ?? [] { names[job["id"]?.string ?? ""] = job["name"]?.string }
    for trigger in workflow["triggers"]?.array ?? [] { names[trigger["id"]?.string ?? ""] = trigger["type"]?.string }
    var entities: [String: JSONValue] = [:]
    for entity in workflow[list]?.array ?? [] {
      let key: String
      switch list {
      case "jobs": key = entity["name"]?.string ?? ""
      case "triggers": key = entity["type"]?.string ?? ""
      default:
        let source = entity["source_job_id"]?.string ?? entity["source_trigger_id"]?.string
        let from = entity["source"]?.string ?? source.flatMap { names[$0] } ?? "?"
        key = "\(from)->\(entity["target"]?.string ?? entity["target_job_id"]?.string.flatMap { names[$0] } ?? "?")"
      }
      entities[key] = entity
    }
    return entities
  }
}
