import TestSupport
import Testing
import Workflow
import YCRDT

@Suite struct DocumentSeedTests {
  private let name = DocumentName(workflowID: "3f2b8f0a-0000-4000-8000-000000000001")

  private func rows(_ content: WorkflowContent, revision: Int64 = 5) -> WorkflowRows {
    WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: revision)
  }

  /// Two nodes that create a document at once must make one document, not two.
  @Test func everyNodeMakesTheSameBytes() throws {
    for seed in 0..<50 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let content = make.workflow()
      let first = WorkflowDocument.seed(name: name, epoch: 1, rows: rows(content))
      let second = WorkflowDocument.seed(name: name, epoch: 1, rows: rows(content))
      #expect((first == second) as Bool, "seed \(seed)")
      let doc = Doc(clientID: 9)
      try doc.apply(first.update)
      #expect(try (doc.apply(second.update) == nil) as Bool, "seed \(seed)")
      #expect(try (WorkflowDocument.extract(doc) == content) as Bool, "seed \(seed)")
    }
  }

  @Test func theClientIDIsSmallAndBelongsToOneHistory() {
    let content = WorkflowContent(id: name.workflowID, name: "n")
    var seen: Set<ClientID> = []
    for epoch in 0..<20 as Range<Int64> {
      for revision in 0..<20 as Range<Int64> {
        let seed = WorkflowDocument.seed(name: name, epoch: epoch, rows: rows(content, revision: revision))
        #expect((1..<1 << 24).contains(seed.clientID))
        seen.insert(seed.clientID)
      }
    }
    #expect(seen.count == 400)
  }

  @Test func theIDsAreThoseOfAllCharactersOfTheTexts() throws {
    let jobs = [Job(id: "a", body: "one😀"), Job(id: "b", body: ""), Job(id: "c", body: "two")]
    let seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows(WorkflowContent(id: "w", name: "n", jobs: jobs)))
    #expect(seed.ids.count == 8)
    #expect(seed.ids.clients == [seed.clientID])
    let doc = Doc(clientID: 2)
    try doc.apply(seed.update)
    #expect(doc.stateVector[seed.clientID] == seed.clock)
    #expect(doc.array("jobs")[0].map?["body"]?.text?.count(of: seed.ids) == 5)
  }
}
