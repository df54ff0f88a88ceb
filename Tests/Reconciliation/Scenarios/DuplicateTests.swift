import Reconciliation
import Testing
import Workflow
import YCRDT

/// Entities that two replicas inserted under one id.
@Suite struct DuplicateTests {
  private func addTwice(_ scenario: Scenario, _ first: Job, _ second: Job) throws {
    try scenario.edit {
      try WorkflowDocument.append(first, to: scenario.member)
      try WorkflowDocument.append(second, to: scenario.member)
    }
  }

  @Test func theFirstStaysAndTakesOverWhatOnlyTheOtherSays() throws {
    var scenario = try Scenario()
    try addTwice(
      scenario, Job(id: "C", name: "Map", body: "", adaptor: "http@1"),
      Job(id: "C", name: "", body: "map();", adaptor: "http@2", projectCredentialID: "p1"))
    let kept = try scenario.entity("jobs", "C")
    let result = try scenario.reconcile()
    let job = try scenario.entity("jobs", "C")
    #expect(scenario.ids("jobs") == ["A", "B", "C"])
    #expect(job == kept)
    #expect(job["name"]?.json == "Map" && job["adaptor"]?.json == "http@1")
    #expect(job["project_credential_id"]?.json == "p1")
    #expect(try scenario.body("C").string == "map();")
    #expect(result.changed && scenario.isDirty && result.conflicts.isEmpty)
    #expect(try !scenario.reconcile().changed)
  }

  @Test func anEditOfEitherCopyOfAKnownJobSurvives() throws {
    var scenario = try Scenario()
    try scenario.edit {
      // A client that put everything in again, and somebody who edited what came second.
      let known = try #require(scenario.base).content.jobs[0]
      let map = try WorkflowDocument.append(known, to: scenario.member)
      try map["body"]?.text?.insert("// mine\n", at: 0)
      try map.set("name", "Get")
    }
    scenario.write { $0.jobs[0].adaptor = "http@2" }
    try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A", "B"])
    let job = try scenario.entity("jobs", "A")
    #expect(job["name"]?.json == "Get" && job["adaptor"]?.json == "http@2")
    #expect(try scenario.body("A").string == "// mine\n" + Scenario.fetch)
  }

  @Test func twoNodesRepairTheSameWay() throws {
    let scenario = try Scenario()
    try addTwice(scenario, Job(id: "C", name: "One"), Job(id: "C", name: "Two"))
    try addTwice(scenario, Job(id: "A", name: "Three"), Job(id: "D", name: "Four"))
    let other = scenario.server.fork(clientID: scenario.server.clientID)
    _ = try Reconciler().merge(rows: scenario.rows, base: scenario.base, into: scenario.server)
    _ = try Reconciler().merge(rows: scenario.rows, base: scenario.base, into: other)
    #expect(scenario.server.encodeStateAsUpdate() == other.encodeStateAsUpdate())
    // Two nodes that did it under their own names leave no damage either.
    let third = scenario.member.fork(clientID: 77)
    _ = try Reconciler().merge(rows: scenario.rows, base: scenario.base, into: third)
    try third.apply(scenario.server.encodeStateAsUpdate())
    #expect(State(third) == State(scenario.server))
  }

  @Test func allCopiesOfAJobGoWhenTheDatabaseDeletesIt() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try WorkflowDocument.append(try #require(scenario.base).content.jobs[1], to: scenario.member)
    }
    scenario.write { $0.remove(node: "B") }
    try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A"])
  }

  @Test func whatIsNoEntityIsLeftAlone() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.member.array("jobs").insert(["noise"], at: 0)
      try scenario.member.array("jobs").appendMap().set("name", "without id")
    }
    scenario.write { $0.remove(node: "B") }
    try scenario.reconcile()
    #expect(scenario.member.array("jobs").count == 3)
    #expect(scenario.ids("jobs") == ["A"])
  }
}
