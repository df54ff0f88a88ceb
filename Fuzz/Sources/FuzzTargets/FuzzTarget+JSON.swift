import Reconciliation
import Workflow
import YCRDT

@testable import YProtocol

extension FuzzTarget {
  static func runJSON(_ bytes: [UInt8]) throws(Finding) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      let lines = bytes.count { $0 == 0x0A } + 1
      try require((0...bytes.count).contains(error.offset), "an error at byte \(error.offset)")
      try require((1...lines).contains(error.line) && error.column >= 1, "an error at \(error.line):\(error.column)")
      return
    }
    _ = try accepted("what one reader takes") { () throws(JSONSyntaxError) in try JSONSyntax.check(bytes[...]) }
    let written = value.serialized()
    let again = try accepted("JSON as we write it") { () throws(JSONError) in try JSONValue(parsing: written) }
    try require(again == value, "another value after a round trip: \(value.text)")
    try require(again.serialized() == written, "a value is spelled otherwise the second time: \(value.text)")
    // What goes into a document and comes out of it is the same.
    try require(JSONValue(value.yValue) == value, "another value after it was shared: \(value.text)")
  }

  static func runPatch(_ bytes: [UInt8]) throws(Finding) {
    guard let kind = bytes.first, let json = try? JSONValue(parsing: Array(bytes.dropFirst())) else { return }
    let content = WorkflowContent.fuzzed
    let patched: WorkflowContent
    do throws(PatchError) {
      let patch = kind.isMultiple(of: 2) ? WorkflowPatch.merge(json) : .operations(try JSONPatch(json: json))
      patched = try patch.applied(to: content, lockVersion: 3, deletedAt: nil)
    } catch {
      return try require(!error.reason.isEmpty, "a refusal without a reason")
    }
    try? patched.validate()
    _ = patched.findings
    let (doc, base, rows) = try seeded(content)
    let patch = PatchedContent(patched, of: content, ids: base.ids)
    let merged = try accepted("the merge of a patch") {
      try Reconciler().merge(patch: patch, into: doc, base: base, rows: rows)
    }
    doc.checkIntegrity()
    try require(merged.conflicts.isEmpty, "a conflict where nobody else edited: \(merged.conflicts)")
    let shown = try accepted("the patched document") { try WorkflowDocument.extract(doc) }
    try require(
      DocumentedState(shown) == DocumentedState(patched),
      "the document shows \(shown.json.text), not \(patched.json.text)")
    let again = try accepted("the merge again") {
      try Reconciler().merge(patch: patch, into: doc, base: base, rows: rows)
    }
    try require(!again.changed, "the same patch changes something again")
  }

  /// A document as it is made from rows.
  static func seeded(_ content: WorkflowContent) throws(Finding) -> (doc: Doc, base: Base, rows: WorkflowRows) {
    let rows = WorkflowRows(content: content, projectID: "p", lockVersion: 3, revision: 1)
    let seed = WorkflowDocument.seed(name: DocumentName(workflowID: content.id), epoch: 1, rows: rows)
    let doc = Doc(clientID: seed.clientID)
    _ = try accepted("the first update of a document") { try doc.apply(seed.update) }
    // A document takes another id where others wrote under its own.
    doc.clientID = seed.clientID
    return (doc, Base(content: content, ids: seed.ids, revision: 1, lockVersion: 3), rows)
  }
}

/// What a document can show of a content: things in any order, and nothing that is not set.
private struct DocumentedState: Equatable {
  private let state: State

  init(_ content: WorkflowContent) {
    var state = State(content)
    state.positions = state.positions.filter { state.nodes.contains($0.key) }
    self.state = state
  }
}

extension WorkflowContent {
  private static let ids = (1...6).map { "00000000-0000-4000-8000-00000000000\($0)" }

  /// Two jobs in a row behind a trigger.
  static var fuzzed: WorkflowContent {
    var content = WorkflowContent(id: ids[0], name: "Sync", concurrency: 2)
    content.jobs = [
      Job(id: ids[1], name: "Fetch", body: "get('/patients');"), Job(id: ids[2], name: "Load", body: "🧵 post();"),
    ]
    content.triggers = [Trigger(id: ids[3], type: "cron", cronExpression: "0 0 * * *", cronCursorJobID: ids[1])]
    content.edges = [
      Edge(id: ids[4], sourceTriggerID: ids[3], targetJobID: ids[1]),
      Edge(id: ids[5], conditionType: "on_job_success", sourceJobID: ids[1], targetJobID: ids[2]),
    ]
    content.positions = [ids[1]: ["x": 1, "y": 2], ids[2]: ["x": 3, "y": 4]]
    return content
  }
}
