import Testing
import Workflow
import YCRDT

/// What counts as a unit, whatever a client puts into the document.
@Suite struct WorkflowBlameTests {
  @Test func whatIsDeeperThanUnitsIsOneValue() throws {
    let doc = Doc(clientID: 1)
    try doc.transact {
      for root in WorkflowBlame.roots where root == "workflow" || root == "positions" {
        var map = try doc.map(root).setMap("a")
        for _ in 0..<20_000 { map = try map.setMap("b") }
      }
      let trigger = try doc.array("triggers").appendMap()
      try trigger.set("id", "T")
      try trigger.setMap("kafka_configuration").setMap("hosts_string").set("x", 1)
    }
    let blame = WorkflowBlame(doc, Authorship(start: 0))
    #expect(
      blame.entries.map(\.unit) == [
        ["workflow", "a", "b"], ["triggers", "T"], ["triggers", "T", "id"],
        ["triggers", "T", "kafka_configuration", "hosts_string"], ["positions", "a", "b"],
      ])
    #expect(WorkflowBlame(doc, Authorship(start: 0), path: ["workflow", "a", "b"]).entries.count == 1)
    #expect(WorkflowBlame(doc, Authorship(start: 0), path: ["workflow", "a", "b", "b"]).entries.isEmpty)
  }
}
