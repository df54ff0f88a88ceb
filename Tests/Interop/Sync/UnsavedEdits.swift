import Workflow

/// What somebody changed in documents and did not save, and what has to become of it when a sync changes the rows below.
struct UnsavedEdits {
  /// A plain field, or a body, of a job of a workflow.
  struct Unit: Hashable {
    let workflow: String
    let job: String
    let field: String
  }

  /// What a sync has to lead to.
  struct Outcome {
    /// Where both sides changed the same plain field, or one deleted what the other edited: a conflict each.
    var conflicts: Set<[String]> = []
    /// Bodies that both sides changed: a conflict where that was in the same place.
    var possible: Set<[String]> = []
  }

  /// Plain fields that have another value than the rows.
  private(set) var values: [Unit: JSONValue] = [:]
  /// What was typed into bodies.
  private(set) var typed: [Unit: [String]] = [:]
  /// Jobs that the rows do not have any more, and that stay because somebody edited them.
  private(set) var kept: Set<Unit> = []
  /// Bodies in which both sides wrote in the same place.
  var mixed: Set<Unit> = []

  mutating func set(_ value: JSONValue, at unit: Unit) { values[unit] = value }
  mutating func type(_ text: String, at unit: Unit) { typed[unit, default: []].append(text) }

  /// What a sync has to lead to that changed the rows of a workflow, nil where there are none any more.
  mutating func rowsChanged(_ workflow: String, from before: JSONValue, to after: JSONValue?) -> Outcome {
    var outcome = Outcome()
    guard let after else {
      values = values.filter { $0.key.workflow != workflow }
      typed = typed.filter { $0.key.workflow != workflow }
      kept = kept.filter { $0.workflow != workflow }
      return outcome
    }
    for unit in Set(values.keys).union(typed.keys) where unit.workflow == workflow {
      let whole = Unit(workflow: workflow, job: unit.job, field: "")
      guard let row = Self.job(unit.job, of: after) else {
        if kept.insert(whole).inserted { outcome.conflicts.insert(["jobs", unit.job]) }
        continue
      }
      guard let old = Self.job(unit.job, of: before), old[unit.field] != row[unit.field] else { continue }
      if unit.field == "body" {
        outcome.possible.insert(["jobs", unit.job, "body"])
      } else if let value = values.removeValue(forKey: unit), value != row[unit.field] {
        outcome.conflicts.insert(["jobs", unit.job, unit.field])
      }
    }
    return outcome
  }

  /// What the live document has not as it should be.
  func differences(of live: JSONValue, from rows: JSONValue, _ workflow: String) -> [String] {
    var differences: [String] = []
    for unit in kept where unit.workflow == workflow && Self.job(unit.job, of: live) == nil {
      differences.append("the job \(unit.job), which was edited, is gone")
    }
    for job in rows["jobs"]?.array ?? [] {
      let id = job["id"]?.string ?? ""
      guard let found = Self.job(id, of: live) else {
        differences.append("the job \(id) is missing")
        continue
      }
      for field in ["name", "adaptor"] {
        let wanted = values[Unit(workflow: workflow, job: id, field: field)] ?? job[field]
        if found[field] != wanted {
          differences.append("\(id) \(field): \(found[field]?.text ?? ""), not \(wanted?.text ?? "")")
        }
      }
    }
    for (unit, texts) in typed where unit.workflow == workflow {
      var body = Self.job(unit.job, of: live)?["body"]?.string ?? ""
      for text in texts {
        guard let range = body.firstRange(of: text) else {
          differences.append("\(unit.job): \(text) is gone")
          continue
        }
        body.removeSubrange(range)
      }
      if let row = Self.job(unit.job, of: rows), !mixed.contains(unit), body != row["body"]?.string {
        differences.append("\(unit.job): without what was typed it is \(body), not \(row["body"]?.text ?? "")")
      }
    }
    return differences
  }

  private static func job(_ id: String, of workflow: JSONValue) -> JSONValue? {
    workflow["jobs"]?.array?.first { $0["id"]?.string == id }
  }
}
