import Reconciliation
import Testing
import Workflow
import YCRDT

@Suite struct ReferenceTests {
  @Test func aJobDeletedInTheDatabaseTakesItsEdgesAndItsPositionWithItInOneUpdate() throws {
    var scenario = try Scenario()
    var updates = 0
    let subscription = scenario.server.observeUpdates { _ in updates += 1 }
    scenario.write { $0.remove(node: "B") }
    let result = try scenario.reconcile()
    subscription.cancel()
    #expect(updates == 1 && result.conflicts.isEmpty && !scenario.isDirty)
    #expect(scenario.ids("jobs") == ["A"] && scenario.ids("edges") == ["e1"])
    #expect(scenario.member.map("positions").keys.sorted() == ["A", "T"])
  }

  @Test func aJobRowDeletedAloneLeavesNoEdgeBehind() throws {
    var scenario = try Scenario()
    // Plain SQL: the foreign key empties the column, the edge stays for a while.
    scenario.write {
      $0.jobs.removeAll { $0.id == "B" }
      $0.edges[1].targetJobID = nil
    }
    try scenario.reconcile()
    #expect(scenario.ids("edges") == ["e1"])
    #expect(scenario.base?.content.edges.map(\.id) == ["e1"])
  }

  @Test func anUnsavedEdgeKeepsTheJobItLeadsTo() throws {
    var scenario = try Scenario()
    try scenario.edit {
      let edge = try scenario.member.array("edges").appendMap()
      for (key, value) in [
        ("id", "e3"), ("condition_type", "always"), ("source_trigger_id", "T"), ("target_job_id", "B"),
      ] {
        try edge.set(key, .string(value))
      }
      try edge.set("enabled", true)
    }
    scenario.write { $0.remove(node: "B") }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A", "B"] && scenario.ids("edges") == ["e1", "e3"])
    #expect(scenario.member.map("positions").contains("B"))
    #expect(scenario.isDirty)
    #expect(result.conflicts.map(ExpectedConflict.init) == [.init(.editDelete, ["jobs", "B"], .kept)])
  }

  @Test func anEdgeWithUnsavedEditsKeepsItsJob() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("edges", "e2").set("condition_label", "when done") }
    scenario.write { $0.remove(node: "B") }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A", "B"] && scenario.ids("edges") == ["e1", "e2"])
    #expect(result.conflicts.count == 2)
  }

  @Test func anEdgeFromTheDatabaseBringsBackTheJobThatWasDeletedLive() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.remove("edges", "e2")
      try scenario.remove("jobs", "B")
      try scenario.member.map("positions").removeValue(forKey: "B")
    }
    scenario.write { $0.edges.append(Edge(id: "e3", sourceTriggerID: "T", targetJobID: "B")) }
    let result = try scenario.reconcile()
    #expect(Set(scenario.ids("jobs")) == ["A", "B"] && scenario.ids("edges") == ["e1", "e3"])
    #expect(scenario.member.map("positions")["B"]?.json == ["x": 2, "y": 2])
    #expect(try scenario.body("B").string == "upsert();\n")
    #expect(result.conflicts.map(ExpectedConflict.init) == [.init(.deleteEdit, ["jobs", "B"], .restored)])
    #expect(scenario.isDirty, "the edge e2 is still deleted")
  }

  @Test func bringingBackATriggerBringsBackTheJobItRefersTo() throws {
    var scenario = try Scenario { content in
      content.triggers.append(Trigger(id: "C", type: "cron", cronExpression: "0 0 * * *", cronCursorJobID: "B"))
    }
    try scenario.edit {
      for id in ["e2"] { try scenario.remove("edges", id) }
      try scenario.remove("triggers", "C")
      try scenario.remove("jobs", "B")
    }
    scenario.write { $0.edges.append(Edge(id: "e3", sourceTriggerID: "C", targetJobID: "A")) }
    try scenario.reconcile()
    #expect(Set(scenario.ids("jobs")) == ["A", "B"] && Set(scenario.ids("triggers")) == ["T", "C"])
  }

  @Test func theTwoSourcesOfAnEdgeAreOneThing() throws {
    var scenario = try Scenario()
    try scenario.edit {
      let edge = try scenario.entity("edges", "e2")
      try edge.set("source_job_id", .null)
      try edge.set("source_trigger_id", "T")
    }
    scenario.write {
      $0.jobs.append(Job(id: "C", name: "Map", body: "map();"))
      $0.edges[1].sourceJobID = "C"
    }
    let result = try scenario.reconcile()
    let edge = try scenario.entity("edges", "e2")
    #expect(edge["source_job_id"]?.json == "C" && edge["source_trigger_id"]?.json == .null)
    #expect(result.conflicts.map(\.unit) == [["edges", "e2", "source"]])
    #expect(result.conflicts.first?.live == ["source_trigger_id": "T"])
  }

  @Test func positionsOfNodesThatAreGoneStayAway() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.remove("edges", "e2")
      try scenario.remove("jobs", "B")
      try scenario.member.map("positions").removeValue(forKey: "B")
    }
    scenario.write { $0.positions?["B"] = ["x": 9, "y": 9] }
    let result = try scenario.reconcile()
    #expect(!scenario.member.map("positions").contains("B"))
    #expect(result.conflicts.map(\.unit) == [["jobs", "B"]])
  }

  @Test func aNewJobComesWithItsPosition() throws {
    var scenario = try Scenario()
    scenario.write {
      $0.jobs.append(Job(id: "C", name: "Map", body: "map();"))
      $0.positions?["C"] = ["x": 3, "y": 3]
    }
    try scenario.reconcile()
    #expect(scenario.member.map("positions")["C"]?.json == ["x": 3, "y": 3])
    #expect(try scenario.body("C").string == "map();", "the body is shared text")
  }
}
