import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Laws that hold for every merge, whatever the decision table says in detail.
@Suite struct LawTests {
  private func forEachCase(_ count: Int = 80, _ body: (MergeCase, UInt64) throws -> Void) throws {
    for round in 0..<TestSeed.rounds(count) {
      let seed = TestSeed.value &+ 10_000 &+ UInt64(round)
      try body(try MergeCase(seed: seed), seed)
    }
  }

  @Test func g02_unchangedRowsLeaveTheDocumentAsItIs() throws {
    try forEachCase { merge, seed in
      let rows = WorkflowRows(content: merge.base.content, projectID: "p", lockVersion: 1, revision: 9)
      let before = merge.doc.encodeStateAsUpdate()
      var events = 0
      let subscription = merge.doc.observeUpdates { _ in events += 1 }
      let result = try Reconciler().merge(rows: rows, base: merge.base, into: merge.doc)
      subscription.cancel()
      #expect(merge.doc.encodeStateAsUpdate() == before && events == 0 && !result.changed, "seed \(seed)")
      #expect(result.conflicts.isEmpty, "seed \(seed)")
      #expect(result.base.content == merge.base.content && result.base.revision == 9, "seed \(seed)")
    }
  }

  @Test func g05_withoutUnsavedEditsTheDocumentBecomesTheRows() throws {
    for round in 0..<TestSeed.rounds(120) {
      let seed = TestSeed.value &+ 20_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed, edits: 0)
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      #expect(!State(merge.doc).differs(from: State(merge.rows.content)), "seed \(seed)")
      #expect(result.conflicts.isEmpty && !Reconciler().isDirty(merge.doc, base: result.base), "seed \(seed)")
    }
  }

  @Test func g06_whereBothSidesCameToTheSameNothingHappens() throws {
    try forEachCase { merge, seed in
      // What is in the document as rows would have it: nothing that refers to what is not there.
      let content = try WorkflowDocument.extract(merge.doc).withoutDanglingReferences()
      guard State(content) == merge.live else { return }
      let rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 9)
      let before = merge.doc.encodeStateAsUpdate()
      let result = try Reconciler().merge(rows: rows, base: merge.base, into: merge.doc)
      #expect(merge.doc.encodeStateAsUpdate() == before && !result.changed, "seed \(seed)")
      #expect(result.conflicts.isEmpty && !Reconciler().isDirty(merge.doc, base: result.base), "seed \(seed)")
    }
  }

  @Test func g03_theSecondMergeIsSilent() throws {
    try forEachCase { merge, seed in
      let first = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let (state, vector) = (merge.doc.encodeStateAsUpdate(), merge.doc.stateVector)
      let second = try Reconciler().merge(rows: merge.rows, base: first.base, into: merge.doc)
      #expect(!second.changed && second.conflicts.isEmpty, "seed \(seed)")
      #expect(merge.doc.encodeStateAsUpdate() == state && merge.doc.stateVector == vector, "seed \(seed)")
      #expect(second.base == first.base, "seed \(seed)")
    }
  }

  @Test func g01_everyNodeComesToTheSameBytes() throws {
    try forEachCase(60) { merge, seed in
      let other = merge.doc.fork(clientID: merge.doc.clientID)
      let a = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let b = try Reconciler().merge(rows: merge.rows, base: merge.base, into: other)
      #expect(a == b && merge.doc.encodeStateAsUpdate() == other.encodeStateAsUpdate(), "seed \(seed)")
    }
  }

  @Test func g11_mergesAreOneTransactionAtMost() throws {
    try forEachCase(60) { merge, seed in
      var origins: [Origin?] = []
      let subscription = merge.doc.observeUpdates { origins.append($0.origin) }
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      subscription.cancel()
      #expect(origins == (result.changed ? ["reconcile"] : []), "seed \(seed)")
    }
  }

  @Test func twoImportsMergedOneByOneOrTogetherComeToTheSameWhereNobodyEdits() throws {
    for round in 0..<TestSeed.rounds(60) {
      let seed = TestSeed.value &+ 30_000 &+ UInt64(round)
      var merge = try MergeCase(seed: seed, edits: 0)
      let together = merge.doc.fork(clientID: merge.doc.clientID)
      let first = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      for _ in 0..<4 { merge.source.importChange(&merge.rows.content, live: LiveContent.read(merge.doc)) }
      merge.rows.revision += 1
      _ = try Reconciler().merge(rows: merge.rows, base: first.base, into: merge.doc)
      _ = try Reconciler().merge(rows: merge.rows, base: merge.base, into: together)
      #expect(State(merge.doc) == State(together), "seed \(seed)")
    }
  }

  @Test func aMergeAndAnEditElsewhereCommute() throws {
    try forEachCase(60) { merge, seed in
      let member = merge.doc.fork(clientID: 1 << 31)
      try member.transact { try member.map("workflow").set("note", "mine") }
      let edit = member.encodeStateAsUpdate(since: merge.doc.stateVector)
      let other = merge.doc.fork(clientID: merge.doc.clientID)
      try other.apply(edit)
      let before = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      try merge.doc.apply(edit)
      let after = try Reconciler().merge(rows: merge.rows, base: merge.base, into: other)
      #expect(State(merge.doc) == State(other) && before.conflicts == after.conflicts, "seed \(seed)")
    }
  }

  @Test func withoutABaseNothingIsDeletedAndEveryDifferenceIsReported() throws {
    try forEachCase { merge, seed in
      let oracle = Merge3.run(base: nil, live: merge.live, database: State(merge.rows.content))
      let result = try Reconciler().merge(rows: merge.rows, base: nil, into: merge.doc)
      expectAgreement(result, merge.doc, with: oracle, database: State(merge.rows.content), "seed \(seed)")
      let again = try Reconciler().merge(rows: merge.rows, base: result.base, into: merge.doc)
      #expect(!again.changed && again.conflicts.isEmpty, "seed \(seed)")
    }
  }

  @Test func resetShowsTheRowsAndNothingElse() throws {
    try forEachCase { merge, seed in
      try merge.doc.transact { try merge.doc.map("errors").set("jobs", ["j": "bad"]) }
      let result = try Reconciler().reset(merge.doc, to: merge.rows)
      #expect(!State(merge.doc).differs(from: State(merge.rows.content)), "seed \(seed)")
      #expect(merge.doc.map("errors").count == 0, "seed \(seed)")
      #expect(WorkflowDocument.lockVersion(of: merge.doc) == merge.rows.lockVersion, "seed \(seed)")
      #expect(!Reconciler().isDirty(merge.doc, base: result.base) && result.conflicts.isEmpty, "seed \(seed)")
      #expect(result.base.content.revisionlessEquals(merge.rows.content), "seed \(seed)")
      let again = try Reconciler().merge(rows: merge.rows, base: result.base, into: merge.doc)
      #expect(!again.changed, "seed \(seed)")
    }
  }

  @Test func dirtyIsWhatASaveWouldChange() throws {
    try forEachCase { merge, seed in
      let isDirty = Reconciler().isDirty(merge.doc, base: merge.base)
      #expect(isDirty == merge.live.differs(from: State(merge.base.content)), "seed \(seed)")
    }
  }
}

extension WorkflowContent {
  fileprivate func revisionlessEquals(_ other: WorkflowContent) -> Bool { State(self) == State(other) }
}
