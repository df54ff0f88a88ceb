import Workflow
import YCRDT

extension LiveWorkflow {
  /// A string of the workflow's metadata.
  func string(_ key: String) -> String? {
    if case .value(.string(let text))? = metadata[key] { text } else { nil }
  }

  /// The metadata, read as a save reads it.
  var metadataFields: [String: JSONValue] {
    var fields = JSONValue(metadata.json).object ?? [:]
    fields["concurrency"] = JSONValue(fields["concurrency"]?.integer)
    fields["lock_version"] = JSONValue(fields["lock_version"]?.integer)
    if fields["enable_job_logs"] == nil { fields["enable_job_logs"] = true }
    return fields
  }

  /// What the document shows, read as a save reads it but for what would make a save fail.
  var content: WorkflowContent {
    let metadata = metadataFields
    return WorkflowContent(
      id: metadata["id"]?.string ?? "", name: metadata["name"]?.string ?? "",
      concurrency: metadata["concurrency"]?.integer, enableJobLogs: metadata["enable_job_logs"]?.bool,
      jobs: jobs.first.map { Job(id: $0.id, fields: $0.fields(as: Job.self)) },
      triggers: triggers.first.map { Trigger(id: $0.id, fields: $0.fields(as: Trigger.self)) },
      edges: edges.first.map { Edge(id: $0.id, fields: $0.fields(as: Edge.self)) },
      positions: JSONValue(positions.json).object.flatMap { $0.isEmpty ? nil : $0 })
  }

  /// Whether the document says something else than `content`. The order of entities says nothing, nor do positions of
  /// nodes that do not exist.
  func differs(from content: WorkflowContent) -> Bool {
    let metadata = metadataFields
    for (key, value) in content.metadata where key != "id" && metadata[key]?.canonical != value.canonical {
      return true
    }
    if jobs.differs(from: content.jobs) || triggers.differs(from: content.triggers) { return true }
    if edges.differs(from: content.edges) { return true }
    for id in jobs.ids + triggers.ids {
      let (shown, known) = (positions[id]?.json, content.positions?[id])
      if let shown, let known, known.isPlainly(shown) { continue }
      if shown.map(JSONValue.init)?.canonical != known?.canonical { return true }
    }
    return false
  }
}

extension LiveCollection {
  fileprivate func differs<E: Entity>(from others: [E]) -> Bool {
    guard ids.count == others.count else { return true }
    for (place, other) in others.enumerated() {
      // Nearly always both have the same order.
      let entity = ids[place] == other.id ? first[place] : self[other.id]
      guard let entity else { return true }
      if other.isPlainly(in: entity.map) { continue }
      let fields = entity.fields(as: E.self)
      if fields != other.fields, CanonicalEntity(fields) != CanonicalEntity(other.fields) { return true }
    }
    return false
  }
}

extension JSONValue {
  /// Whether a document's value is exactly this one; false means to look closer.
  fileprivate func isPlainly(_ value: YValue) -> Bool {
    switch (self, value) {
    case (.number(let a), .int(let b)): a == Double(b)
    case (.number(let a), .float(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && a.allSatisfy { key, value in b[key].map(value.isPlainly) ?? false }
    default: false
    }
  }
}
