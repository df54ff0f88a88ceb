import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// What is delivered twice, late or spelled otherwise.
@Suite struct DeliveryTests {
  @Test func g02_theSameSpelledOtherwiseIsNoChange() throws {
    for round in 0..<TestSeed.rounds(80) {
      let seed = TestSeed.value &+ 200_000 &+ UInt64(round)
      var source = RandomWorkflow(SeededGenerator(seed: seed))
      var content = source.content()
      for index in content.jobs.indices { content.jobs[index].body += "\n// café\n" }
      let seeded = try MergeCase.seeded(content)
      let client = EditingClient(doc: seeded.doc.fork(clientID: 1 << 30))
      for _ in 0..<source.pick([0, 3, 8]) { try client.edit(&source) }
      let doc = client.doc.fork(clientID: seeded.doc.clientID)
      let (before, vector) = (doc.encodeStateAsUpdate(), doc.stateVector)
      let rows = WorkflowRows(content: respelled(content, &source), projectID: "p", lockVersion: 1, revision: 9)
      let result = try Reconciler().merge(rows: rows, base: seeded.base, into: doc)
      #expect(!result.changed && result.conflicts.isEmpty, "seed \(seed)")
      #expect(doc.encodeStateAsUpdate() == before && doc.stateVector == vector, "seed \(seed)")
    }
  }

  private func respelled(
    _ content: WorkflowContent, _ source: inout RandomWorkflow<SeededGenerator>
  ) -> WorkflowContent {
    var other = content
    other.jobs.shuffle(using: &source.random)
    other.edges.shuffle(using: &source.random)
    other.triggers.shuffle(using: &source.random)
    for index in other.jobs.indices {
      if source.chance(50) { other.jobs[index].body.replace("\n", with: "\r\n") }
      if source.chance(50) { other.jobs[index].body.replace("\u{E9}", with: "e\u{301}") }
      if other.jobs[index].adaptor == nil, source.chance(50) { other.jobs[index].adaptor = "" }
    }
    for index in other.triggers.indices where other.triggers[index].customPath == nil {
      other.triggers[index].customPath = source.pick([nil, ""])
    }
    return other
  }

  /// Versions of the rows come in any order, some twice, some not at all: only newer ones count, and in the end the document
  /// shows what it would have shown without the others.
  @Test func g03_g12_versionsAreMergedOnceAndNeverBackwards() throws {
    for round in 0..<TestSeed.rounds(60) {
      let seed = TestSeed.value &+ 210_000 &+ UInt64(round)
      var merge = try MergeCase(seed: seed, edits: round.isMultiple(of: 2) ? 0 : 8)
      var versions: [WorkflowRows] = []
      for _ in 0..<5 {
        merge.rows.revision += 1
        for _ in 0..<3 { merge.source.importChange(&merge.rows.content, live: LiveContent.read(merge.doc)) }
        versions.append(merge.rows)
      }
      var base = merge.base
      var newest: Int64 = 0
      let twin = merge.doc.fork(clientID: merge.doc.clientID)
      var twinBase = merge.base
      for _ in 0..<12 {
        let rows = merge.source.pick(versions)
        let before = merge.doc.encodeStateAsUpdate()
        let result = try Reconciler().merge(rows: rows, base: base, into: merge.doc)
        if rows.revision > newest {
          newest = rows.revision
          twinBase = try Reconciler().merge(rows: rows, base: twinBase, into: twin).base
        } else {
          #expect(merge.doc.encodeStateAsUpdate() == before, "seed \(seed): \(rows.revision) after \(newest)")
          #expect(!result.changed && result.conflicts.isEmpty, "seed \(seed): \(rows.revision) after \(newest)")
        }
        base = result.base
        #expect(base.revision == newest && base == twinBase, "seed \(seed)")
      }
      #expect(merge.doc.encodeStateAsUpdate() == twin.encodeStateAsUpdate(), "seed \(seed)")
    }
  }
}
