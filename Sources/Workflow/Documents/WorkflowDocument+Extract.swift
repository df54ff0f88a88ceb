public import YCRDT

/// Why a document is no workflow. Names what is missing.
public struct ExtractionError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
}

extension WorkflowDocument {
  /// Reads the workflow that a document shows now, tolerating what editors of all ages write: bodies that are plain
  /// strings or missing, whole numbers with a fraction, absent keys, keys of their own. Of entities with the same id the
  /// first counts.
  public static func extract(_ doc: Doc) throws(ExtractionError) -> WorkflowContent {
    let workflow = doc.map(workflowRoot)
    guard let id = workflow["id"]?.value?.string else { throw missing("id") }
    guard let name = workflow["name"]?.value.map({ $0.string ?? "" }) else { throw missing("name") }
    let positions = positions(of: doc)
    return WorkflowContent(
      id: id, name: name,
      concurrency: workflow["concurrency"].flatMap { JSONValue($0.json).integer },
      enableJobLogs: workflow.contains("enable_job_logs") ? workflow["enable_job_logs"]?.value?.bool : true,
      jobs: entities(doc, jobsRoot, Job.init(id:fields:)),
      triggers: entities(doc, triggersRoot, Trigger.init(id:fields:)),
      edges: entities(doc, edgesRoot, Edge.init(id:fields:)),
      positions: positions.isEmpty ? nil : positions)
  }

  /// The lock version that the document says it is at.
  public static func lockVersion(of doc: Doc) -> Int? {
    doc.map(workflowRoot)["lock_version"].flatMap { JSONValue($0.json).integer }
  }

  /// When the workflow was deleted, as the document says it.
  public static func deletedAt(of doc: Doc) -> String? {
    doc.map(workflowRoot)["deleted_at"]?.value?.string
  }

  private static func missing(_ key: String) -> ExtractionError {
    ExtractionError(description: "the document's 'workflow' map has no '\(key)': it is not a workflow, or a broken one")
  }

  private static func positions(of doc: Doc) -> [String: JSONValue] {
    let map = doc.map(positionsRoot)
    var positions: [String: JSONValue] = [:]
    for key in map.keys { positions[key] = map[key].map { JSONValue($0.json) } }
    return positions
  }

  private static func entities<Entity>(
    _ doc: Doc, _ root: String, _ make: (String, [String: JSONValue]) -> Entity
  ) -> [Entity] {
    var seen: Set<String> = []
    return doc.array(root).elements.compactMap { element in
      guard let fields = JSONValue(element.json).object, let id = fields["id"]?.string else { return nil }
      return seen.insert(id).inserted ? make(id, fields) : nil
    }
  }
}
