import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// A base, somebody's unsaved edits and an import, all random.
struct MergeCase {
  let base: Base
  /// The server's document with the unsaved edits in it.
  let doc: Doc
  var rows: WorkflowRows
  let live: State
  var source: RandomWorkflow<SeededGenerator>

  /// `edits` unsaved edits and `imports` changes in the database at most.
  init(seed: UInt64, edits: Int = 12, imports: Int = 12) throws {
    source = RandomWorkflow(SeededGenerator(seed: seed))
    let content = source.content()
    let seeded = try Self.seeded(content)
    base = seeded.base
    let client = EditingClient(doc: seeded.doc.fork(clientID: 1 << 30))
    for _ in 0..<Int.random(in: 0...edits, using: &source.random) { try client.edit(&source) }
    doc = client.doc.fork(clientID: seeded.doc.clientID)
    live = State(doc)
    rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    let shown = LiveContent.read(doc)
    for _ in 0..<Int.random(in: 0...imports, using: &source.random) {
      source.importChange(&rows.content, live: shown)
    }
    rows.lockVersion = 2
    rows.revision = 7
  }

  /// A document as it is created from rows, and its base.
  static func seeded(_ content: WorkflowContent) throws -> (doc: Doc, base: Base) {
    let rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    let seed = WorkflowDocument.seed(name: DocumentName(workflowID: content.id), epoch: 1, rows: rows)
    let doc = Doc(clientID: seed.clientID)
    try doc.apply(seed.update)
    // The seed is of the same client, and a document in whose name others wrote takes another id, as in Yjs.
    doc.clientID = seed.clientID
    return (doc, Base(content: content, ids: seed.ids, revision: 1, lockVersion: 1))
  }
}

extension MergeCase {
  /// What the merge is about, everything under the ids that the database has.
  var sides: (base: State, live: State, database: State) {
    let (base, database) = (State(base.content), State(rows.content))
    let identity = ExpectedIdentity(base: base, live: live, database: database)
    return (identity.renamed(base), identity.renamed(live), database)
  }
}

/// What a reconcile must lead to, and what it led to.
func expectAgreement(
  _ result: Reconciliation, _ doc: Doc, with oracle: Merge3, database: State, _ comment: Comment
) {
  var found = State(doc)
  for (id, expected) in oracle.texts {
    let body = found.jobs[id]?["body"]?.string ?? ""
    #expect(expected.allows(body), "\(comment): body of \(id) is \(body)")
    found.jobs[id]?["body"] = nil
  }
  #expect(found == oracle.merged, comment)
  #expect(Set(result.conflicts.map(ExpectedConflict.init)) == oracle.conflicts, comment)
  #expect(result.conflicts.count == oracle.conflicts.count, comment)
  #expect(Set(result.renames.map(ExpectedRename.init)) == oracle.renames, comment)
  #expect(result.renames.count == oracle.renames.count, comment)
  #expect(Reconciler().isDirty(doc, base: result.base) == State(doc).differs(from: database), comment)
}

@Suite struct OracleTests {
  @Test func g06_theMergeIsWhatTheDecisionTableSays() throws {
    for round in 0..<TestSeed.rounds(300) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let oracle = Merge3.run(base: State(merge.base.content), live: merge.live, database: State(merge.rows.content))
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      expectAgreement(result, merge.doc, with: oracle, database: State(merge.rows.content), "seed \(seed)")
    }
  }
}
