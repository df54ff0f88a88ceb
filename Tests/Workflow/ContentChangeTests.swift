import Testing
import Workflow

@Suite struct ContentChangeTests {
  private let job = Job(id: "a", name: "Fetch", body: "get()")

  @Test func equalContentsDifferInNothing() {
    let content = WorkflowContent(id: "w", name: "W", jobs: [job, Job(id: "b", name: "B")], positions: ["a": ["x": 1]])
    var other = content
    other.jobs.reverse()
    #expect(content.changes(to: other).isEmpty)
  }

  @Test func changesSayTheUnitAndBothValues() {
    let old = WorkflowContent(id: "w", name: "W", jobs: [job, Job(id: "b", name: "B")], positions: ["a": ["x": 1]])
    var new = old
    new.name = "V"
    new.jobs[0].body = "post()"
    new.jobs[1] = Job(id: "c", name: "C")
    new.positions = ["a": ["x": 2]]
    let changes = old.changes(to: new)
    #expect(
      changes.map(\.unit) == [
        ["workflow", "name"], ["jobs", "a", "body"], ["jobs", "b"], ["jobs", "c"], ["positions", "a"],
      ])
    #expect(changes.map(\.kind) == [.changed, .changed, .removed, .added, .changed])
    #expect(changes[1] == ContentChange(unit: ["jobs", "a", "body"], before: "get()", after: "post()"))
    #expect(changes[2].before?["name"] == "B")
  }

  @Test func whatIsNotSetIsNoChange() {
    let old = WorkflowContent(id: "w", name: "W", edges: [Edge(id: "e", conditionLabel: nil, targetJobID: "a")])
    var new = old
    new.edges[0].conditionLabel = ""
    #expect(old.changes(to: new).isEmpty)
  }
}
