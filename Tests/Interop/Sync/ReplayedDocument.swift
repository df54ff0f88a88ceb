import Foundation
import Workflow

/// A commit as a document to import: with the ids that are known, and otherwise those that the rows have for the same names.
struct ReplayedDocument {
  let json: JSONValue

  init(_ project: String, _ commit: MadeHistory.Commit, over rows: ReplayedRows) {
    var kept: Set<String> = []
    var workflows: [JSONValue] = commit.workflows.map { wanted in
      let old = rows.workflows.first { row in
        wanted["id"]?.string.map { row["id"]?.string == $0 } ?? (row["name"] == wanted["name"])
      }
      let id = Self.id(wanted, old)
      kept.insert(id)
      return Self.workflow(wanted, id, old)
    }
    for row in rows.workflows {
      guard let id = row["id"]?.string, !kept.contains(id) else { continue }
      workflows.append(["id": .string(id), "delete": true])
    }
    json = ["id": .string(project), "name": .string("history-\(project.prefix(8))"), "workflows": .array(workflows)]
  }

  private static func workflow(_ wanted: JSONValue, _ id: String, _ old: JSONValue?) -> JSONValue {
    var ids: [String: String] = [:]
    let jobs: [JSONValue] = (wanted["jobs"]?.array ?? []).map { job in
      let id = Self.id(job, old?["jobs"]?.array?.first { $0["name"] == job["name"] })
      ids[job["name"]?.string ?? ""] = id
      return [
        "id": .string(id), "name": job["name"] ?? .null, "adaptor": job["adaptor"] ?? .null,
        "body": job["body"] ?? .null,
      ]
    }
    let triggers: [JSONValue] = (wanted["triggers"]?.array ?? []).map { trigger in
      let id = Self.id(trigger, old?["triggers"]?.array?.first { $0["type"] == trigger["type"] })
      ids[trigger["type"]?.string ?? ""] = id
      return [
        "id": .string(id), "type": trigger["type"] ?? .null, "enabled": trigger["enabled"] ?? .null,
        "cron_expression": trigger["cron_expression"] ?? .null,
      ]
    }
    let edges: [JSONValue] = (wanted["edges"]?.array ?? []).map { edge in
      let (source, target) = (ids[edge["source"]?.string ?? ""] ?? "", ids[edge["target"]?.string ?? ""] ?? "")
      let isTrigger = triggers.contains { $0["id"]?.string == source }
      let before = old?["edges"]?.array?.first {
        ($0["source_job_id"]?.string ?? $0["source_trigger_id"]?.string) == source
          && $0["target_job_id"]?.string == target
      }
      return [
        "id": .string(Self.id(edge, before)), isTrigger ? "source_trigger_id" : "source_job_id": .string(source),
        "target_job_id": .string(target), "condition_type": edge["condition_type"] ?? .null,
        "condition_expression": edge["condition_expression"] ?? .null,
        "condition_label": edge["condition_label"] ?? .null, "enabled": edge["enabled"] ?? .null,
      ]
    }
    return [
      "id": .string(id), "name": wanted["name"] ?? .null, "jobs": .array(jobs), "triggers": .array(triggers),
      "edges": .array(edges),
    ]
  }

  private static func id(_ wanted: JSONValue, _ old: JSONValue?) -> String {
    wanted["id"]?.string ?? old?["id"]?.string ?? UUID().uuidString.lowercased()
  }
}
