import Workflow
import YCRDT

/// What a document shows, typed.
enum LiveContent {
  static func read(_ doc: Doc) -> WorkflowContent {
    func entities(_ name: String) -> [(String, [String: JSONValue])] {
      doc.array(name).elements.compactMap { element in
        guard let map = element.map, let fields = JSONValue(map.json).object, let id = fields["id"]?.string else {
          return nil
        }
        return (id, fields)
      }
    }
    let metadata = JSONValue(doc.map("workflow").json)
    return WorkflowContent(
      id: "w", name: metadata["name"]?.string ?? "", concurrency: metadata["concurrency"]?.integer,
      enableJobLogs: metadata["enable_job_logs"]?.bool, jobs: entities("jobs").map { Job(id: $0.0, fields: $0.1) },
      triggers: entities("triggers").map { Trigger(id: $0.0, fields: $0.1) },
      edges: entities("edges").map { Edge(id: $0.0, fields: $0.1) },
      positions: JSONValue(doc.map("positions").json).object)
  }
}
