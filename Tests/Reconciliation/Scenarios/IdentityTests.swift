import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// What the merge leaves alone stays the very same thing, and updates are as small as the change.
@Suite struct IdentityTests {
  @Test func g09_whatStaysInTheDocumentKeepsItsTypes() throws {
    for round in 0..<TestSeed.rounds(80) {
      let seed = TestSeed.value &+ 40_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let before = maps(merge.doc)
      _ = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let after = maps(merge.doc)
      for (key, map) in before where after[key] != nil {
        #expect(after[key] == map, "seed \(seed): \(key) was replaced")
      }
    }
  }

  /// Every shared type of the document, by its path of ids and keys.
  private func maps(_ doc: Doc) -> [[String]: AnyHashable] {
    var result: [[String]: AnyHashable] = [:]
    for array in ["jobs", "triggers", "edges"] {
      for case .map(let map) in doc.array(array).elements {
        guard let id = map["id"]?.value?.string else { continue }
        result[[array, id]] = map
        result[[array, id, "body"]] = map["body"]?.text
        result[[array, id, "kafka"]] = map["kafka_configuration"]?.map
      }
    }
    // A type that became or was no shared type has no identity to keep.
    return result
  }

  @Test func g08_onlyWhatChangedIsInTheUpdate() throws {
    var scenario = try Scenario { content in
      for number in 0..<100 {
        content.jobs.append(
          Job(id: "job-\(number)", name: "Job \(number)", body: String(repeating: "line \(number);\n", count: 50)))
      }
    }
    try scenario.edit { try scenario.body("job-7").insert("// unsaved\n", at: 30) }
    var bytes = 0
    let subscription = scenario.server.observeUpdates { bytes += $0.update.count }
    scenario.write {
      $0.jobs[4].name = "Renamed"
      $0.jobs[9].body = $0.jobs[9].body.replacing(
        "line 7;\nline 7;\nline 7;\nline 7;\n", with: "line 7;\nX\n", maxReplacements: 1)
    }
    try scenario.reconcile()
    subscription.cancel()
    #expect(bytes < 120, "\(bytes) bytes")
  }

  @Test func g08_textUpdatesGrowWithTheEditNotWithTheText() throws {
    for round in 0..<TestSeed.rounds(60) {
      let seed = TestSeed.value &+ 50_000 &+ UInt64(round)
      var source = RandomWorkflow(SeededGenerator(seed: seed))
      let old = source.text.make(length: 400)
      var scenario = try Scenario { $0.jobs[0].body = old }
      let edits = source.pick([1, 2, 5])
      let new = source.text.edited(old, edits: edits, using: &source.random)
      var bytes = 0
      let subscription = scenario.server.observeUpdates { bytes += $0.update.count }
      scenario.write { $0.jobs[0].body = new }
      try scenario.reconcile()
      subscription.cancel()
      let distance = Set(old).symmetricDifference(new).count
      #expect(bytes <= 40 + edits * 30 + distance * 4, "seed \(seed): \(bytes) bytes for \(distance) characters")
    }
  }
}
