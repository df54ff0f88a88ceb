import Reconciliation
import Testing
import Workflow
import YCRDT

/// A small workflow with a webhook that starts A, which starts B; the edits of a person and of the database; and what comes
/// of them.
struct Scenario {
  let server: Doc
  let member: Doc
  var base: Base?
  var rows: WorkflowRows

  static let fetch = "get('/patients');\neach(save);\n"

  init(_ change: (inout WorkflowContent) -> Void = { _ in }) throws {
    var content = WorkflowContent(
      id: "w", name: "Intake", concurrency: 5,
      jobs: [
        Job(id: "A", name: "Fetch", body: Self.fetch, adaptor: "http@1"),
        Job(id: "B", name: "Load", body: "upsert();\n", adaptor: "dhis2@1"),
      ],
      triggers: [Trigger(id: "T", type: "webhook", webhookReply: "before_start")],
      edges: [
        Edge(id: "e1", sourceTriggerID: "T", targetJobID: "A"),
        Edge(id: "e2", conditionType: "on_job_success", sourceJobID: "A", targetJobID: "B"),
      ],
      positions: ["A": ["x": 1, "y": 1], "B": ["x": 2, "y": 2], "T": ["x": 0, "y": 0]])
    change(&content)
    let seeded = try MergeCase.seeded(content)
    (server, base) = (seeded.doc, seeded.base)
    member = server.fork(clientID: 1 << 31)
    rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
  }

  /// Unsaved edits.
  func edit(_ body: () throws -> Void) throws {
    try member.transact(origin: "editor", body)
    try server.apply(member.encodeStateAsUpdate(since: server.stateVector))
  }

  /// A write to the rows.
  mutating func write(_ body: (inout WorkflowContent) -> Void) {
    body(&rows.content)
    rows.revision += 1
    rows.lockVersion += 1
  }

  /// Merges the rows, and lets the member have what comes of it.
  @discardableResult
  mutating func reconcile() throws -> Reconciliation {
    let result = try Reconciler().merge(rows: rows, base: base, into: server)
    base = result.base
    try member.apply(server.encodeStateAsUpdate(since: member.stateVector))
    return result
  }

  // MARK: The member's view

  /// Whether the document holds what the rows do not have.
  var isDirty: Bool { base.map { Reconciler().isDirty(server, base: $0) } ?? false }

  func entity(_ collection: String, _ id: String) throws -> YMap {
    try #require(member.array(collection).elements.lazy.compactMap(\.map).first { $0["id"]?.value?.string == id })
  }

  func remove(_ collection: String, _ id: String) throws {
    let index = try #require(
      member.array(collection).elements.firstIndex { $0.map?["id"]?.value?.string == id })
    try member.array(collection).remove(at: index)
  }

  func body(_ job: String) throws -> YText { try #require(try entity("jobs", job)["body"]?.text) }

  func ids(_ collection: String) -> [String] {
    member.array(collection).elements.compactMap { $0.map?["id"]?.value?.string }
  }
}
