import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Three contents of one workflow: what both sides were made of, and the sides.
struct ContentCase {
  let base: WorkflowContent
  let theirs: WorkflowContent
  let ours: WorkflowContent

  init(seed: UInt64) throws {
    let merge = try MergeCase(seed: seed)
    base = merge.base.content
    theirs = merge.rows.content.identified(as: base.id)
    // As rows would have it: nothing in them refers to what is not there.
    ours = try WorkflowDocument.extract(merge.doc).withoutDanglingReferences()
  }
}

/// Merges of contents without a document of anybody's.
@Suite struct ContentMergeTests {
  private func forEachCase(_ count: Int = 150, _ body: (ContentCase, Comment) throws -> Void) throws {
    for round in 0..<TestSeed.rounds(count) {
      let seed = TestSeed.value &+ 70_000 &+ UInt64(round)
      try body(try ContentCase(seed: seed), "seed \(seed)")
    }
  }

  private func merge(_ base: WorkflowContent, _ theirs: WorkflowContent, _ ours: WorkflowContent) throws -> ContentMerge
  {
    try Reconciler().merge(base: base, database: theirs, live: ours)
  }

  @Test func itIsWhatTheDecisionTableSays() throws {
    try forEachCase(300) { sides, comment in
      let oracle = Merge3.run(base: State(sides.base), live: State(sides.ours), database: State(sides.theirs))
      let result = try merge(sides.base, sides.theirs, sides.ours)
      var found = State(result.content)
      for (id, expected) in oracle.texts {
        let body = found.jobs[id]?["body"]?.string ?? ""
        #expect(expected.allows(body), "\(comment): body of \(id) is \(body)")
        found.jobs[id]?["body"] = nil
      }
      #expect(found == oracle.merged.withoutStrayPositions, comment)
      #expect(Set(result.conflicts.map(ExpectedConflict.init)) == oracle.conflicts, comment)
      #expect(result.conflicts.count == oracle.conflicts.count, comment)
    }
  }

  /// The document that a member has edited until it shows one side, merged with rows that hold the other.
  @Test func itIsWhatTheMergeOfADocumentIs() throws {
    try forEachCase { sides, comment in
      let (server, base) = try MergeCase.seeded(sides.base)
      let member = server.fork(clientID: 1 << 30)
      let edits = WorkflowRows(content: sides.ours, projectID: "p", lockVersion: 1, revision: 2)
      _ = try Reconciler().merge(rows: edits, base: base, into: member)
      let doc = member.fork(clientID: server.clientID)
      let rows = WorkflowRows(content: sides.theirs, projectID: "p", lockVersion: 2, revision: 2)
      var conflicts = try Reconciler().merge(rows: rows, base: base, into: doc).conflicts
      for index in conflicts.indices { conflicts[index].editors = [] }
      let result = try merge(sides.base, sides.theirs, sides.ours)
      #expect(State(result.content) == State(doc).withoutStrayPositions, comment)
      #expect(Set(result.conflicts) == Set(conflicts), comment)
    }
  }

  @Test func whatOneSideLeftAloneBecomesTheOther() throws {
    try forEachCase { sides, comment in
      let adopted = try merge(sides.base, sides.theirs, sides.base)
      #expect(State(adopted.content) == State(sides.theirs) && adopted.conflicts.isEmpty, comment)
      let kept = try merge(sides.base, sides.base, sides.ours)
      #expect(kept == ContentMerge(content: sides.ours), comment)
      let same = try merge(sides.base, sides.theirs, sides.theirs)
      #expect(same == ContentMerge(content: sides.theirs), comment)
    }
  }

  @Test func aMergeThatIsMergedAgainStays() throws {
    try forEachCase { sides, comment in
      let once = try merge(sides.base, sides.theirs, sides.ours)
      let again = try merge(sides.theirs, sides.theirs, once.content)
      #expect(again == ContentMerge(content: once.content), comment)
      #expect(try merge(sides.base, sides.theirs, sides.ours) == once, comment)
    }
  }

  @Test func nothingRefersToWhatIsGone() throws {
    try forEachCase { sides, comment in
      let content = try merge(sides.base, sides.theirs, sides.ours).content
      #expect(content == content.withoutDanglingReferences(), comment)
      #expect(content.edges.allSatisfy { $0.targetJobID != nil }, comment)
      let ids = content.jobs.map(\.id) + content.triggers.map(\.id) + content.edges.map(\.id)
      #expect(Set(ids).count == ids.count, comment)
    }
  }

  @Test func theOrderOfEntitiesSaysNothing() throws {
    try forEachCase { sides, comment in
      var (base, theirs) = (sides.base, sides.theirs)
      base.jobs.reverse()
      theirs.edges.reverse()
      theirs.triggers.reverse()
      let result = try merge(base, theirs, sides.ours)
      let expected = try merge(sides.base, sides.theirs, sides.ours)
      #expect(State(result.content) == State(expected.content), comment)
      #expect(Set(result.conflicts) == Set(expected.conflicts), comment)
    }
  }

  @Test func bothSidesTypeInOneTextAndBothAreKept() throws {
    let base = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A", body: "one();\ntwo();\nthree();\n")])
    var (theirs, ours) = (base, base)
    theirs.jobs[0].body = "zero();\n" + base.jobs[0].body
    ours.jobs[0].body = base.jobs[0].body + "four();\n"
    let result = try merge(base, theirs, ours)
    #expect(result.content.jobs[0].body == "zero();\n" + base.jobs[0].body + "four();\n" && result.conflicts.isEmpty)
  }

  @Test func whereBothChangedOneValueTheDatabasesStandsAndBothAreInTheConflict() throws {
    let base = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A", body: "a();", adaptor: "http@1")])
    var (theirs, ours) = (base, base)
    theirs.jobs[0].adaptor = "http@2"
    ours.jobs[0].adaptor = "http@3"
    ours.name = "Ours"
    let result = try merge(base, theirs, ours)
    #expect(result.content.jobs[0].adaptor == "http@2" && result.content.name == "Ours")
    #expect(
      result.conflicts == [
        Conflict(
          kind: .editEdit, unit: ["jobs", "a", "adaptor"], base: "http@1", live: "http@3", database: "http@2",
          winner: .database)
      ])
  }

  @Test func aContentOfAnotherWorkflowBecomesPartOfThisOne() throws {
    let base = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A", body: "a();")])
    var (theirs, ours) = (base.identified(as: "other"), base)
    theirs.jobs.append(Job(id: "b", name: "B", body: "b();"))
    ours.concurrency = 3
    let result = try merge(base, theirs, ours)
    #expect(result.content.id == "w" && result.content.jobs.map(\.id) == ["a", "b"] && result.content.concurrency == 3)
  }
}

extension State {
  fileprivate var withoutStrayPositions: State {
    var state = self
    state.positions = positions.filter { nodes.contains($0.key) }
    return state
  }
}

extension WorkflowContent {
  fileprivate func identified(as id: String) -> WorkflowContent {
    var content = self
    content.id = id
    return content
  }
}
