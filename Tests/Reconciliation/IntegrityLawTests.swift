import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Referential integrity of what a merge leaves in the document, and of what a save makes of it.
@Suite struct IntegrityLawTests {
  @Test func g10_everythingThatIsReferredToIsThereOnce() throws {
    for round in 0..<TestSeed.rounds(120, share: 0.3) {
      let seed = TestSeed.value &+ 600_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed, edits: 20, imports: 20)
      var random = SeededGenerator(seed: seed)
      let live = merge.sides.live
      let paths = Policy.standard.overridablePaths.filter { _ in Bool.random(using: &random) }
      let policy = try Policy.standard.overriding(
        winners: Dictionary(uniqueKeysWithValues: paths.map { ($0, $0 == "positions.*" ? .database : .live) }))
      let result = try Reconciler(policy: policy).merge(rows: merge.rows, base: merge.base, into: merge.doc)
      expectIntegrity(of: merge.doc, except: live.loose, "seed \(seed)")
      // What clients left loose before the merge is not ours to remove from the document; a save drops it.
      let saved = try WorkflowDocument.extract(merge.doc).normalized().withoutDanglingReferences()
      #expect(State(saved).loose.isEmpty, "seed \(seed)")
      // Nor does the base refer to what it does not have.
      #expect(State(result.base.content).loose.isEmpty, "seed \(seed)")
      let rows = WorkflowRows(content: saved, projectID: "p", lockVersion: 3, revision: 8)
      _ = try Reconciler().reset(merge.doc, to: rows)
      expectIntegrity(of: merge.doc, except: [], "seed \(seed), saved")
    }
  }

  private func expectIntegrity(of doc: Doc, except known: Set<[String]>, _ comment: Comment) {
    #expect(State(doc).loose.subtracting(known).isEmpty, comment)
    var nodes: [String] = []
    for list in ["jobs", "triggers", "edges"] {
      let ids = doc.array(list).elements.compactMap { $0.map?["id"]?.value?.string }
      #expect(Set(ids).count == ids.count, "\(comment): \(list) has an entity twice")
      if list != "edges" { nodes += ids }
    }
    #expect(Set(nodes).count == nodes.count, "\(comment): a job and a trigger share an id")
  }
}

extension State {
  /// References to what is not in this workflow, and positions of it.
  fileprivate var loose: Set<[String]> {
    var found: Set<[String]> = []
    for (holder, field, target) in State.references {
      for (id, fields) in self[keyPath: holder] {
        guard let other = fields[field]?.string, self[keyPath: target][other] == nil else { continue }
        found.insert([holder == \.edges ? "edges" : "triggers", id, field, other])
      }
    }
    for id in positions.keys where !nodes.contains(id) { found.insert(["positions", id]) }
    return found
  }
}
