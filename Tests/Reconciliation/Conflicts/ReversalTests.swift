import Reconciliation
import TestSupport
import Testing
import Workflow

/// Taking back what a reconciliation brought.
@Suite struct ReversalTests {
  @Test func withoutLaterChangesTheRowsAreAsTheyWere() throws {
    for round in 0..<TestSeed.rounds(300) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let (before, after) = (merge.base.content.withoutDanglingReferences(), merge.rows.content)
      let reversal = Reversal(of: before.changes(to: after), in: after)
      #expect(reversal.kept.isEmpty, "seed \(seed)")
      #expect(before.changes(to: reversal.content).isEmpty, "seed \(seed): \(before.changes(to: reversal.content))")
    }
  }

  /// What is not in the changes stays, whatever it is.
  @Test func nothingElseIsTakenBack() throws {
    for round in 0..<TestSeed.rounds(300) {
      let seed = TestSeed.value &+ UInt64(round)
      var merge = try MergeCase(seed: seed)
      let (before, imported) = (merge.base.content, merge.rows.content)
      var now = imported
      for _ in 0..<4 { merge.source.importChange(&now, live: imported) }
      now = now.withoutDanglingReferences()
      let changes = before.changes(to: imported)
      let reversal = Reversal(of: changes, in: now)
      let touched = Set(changes.map(\.unit))
      for change in now.changes(to: reversal.content) where !touched.contains(change.unit) {
        // An edge or a position goes with what it belongs to; a field that is inside of what came back or went is part of it.
        let isWithin = touched.contains(Array(change.unit.prefix(2)))
        let follows = change.kind == .removed || change.unit.last == "cron_cursor_job_id"
        #expect(isWithin || follows, "seed \(seed): \(change)")
      }
    }
  }

  @Test func aTextKeepsWhatWasWrittenSince() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A", body: "one\ntwo\nthree\n")])
    var imported = before
    imported.jobs[0].body = "one\nTWO\nthree\n"
    var now = imported
    now.jobs[0].body = "one\nTWO\nthree\nfour\n"
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content.jobs[0].body == "one\ntwo\nthree\nfour\n")
    #expect(reversal.reverted == [["jobs", "a", "body"]])
  }

  @Test func whatWasChangedSinceStays() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A")])
    var imported = before
    imported.name = "Imported"
    imported.jobs = [Job(id: "a", name: "B"), Job(id: "b", name: "New")]
    var now = imported
    now.name = "Later"
    now.jobs[1].name = "Edited"
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content.name == "Later")
    #expect(reversal.content.jobs.map(\.name) == ["A", "Edited"])
    #expect(reversal.kept == [["workflow", "name"], ["jobs", "b"]])
  }
}
