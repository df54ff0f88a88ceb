import Testing
import Workflow
import YCRDT

@testable import Reconciliation

/// Choices by which something comes back or goes, and what leads to it.
@Suite struct PresenceChoiceTests {
  /// A workflow with a schedule that starts where the second job is.
  private func scenario() throws -> Scenario {
    try Scenario { $0.triggers.append(Trigger(id: "C", type: "cron", cronCursorJobID: "B")) }
  }

  /// The record of the conflict about a unit, which the rows bring.
  private func conflict(_ scenario: inout Scenario, _ unit: [String]) throws -> ConflictRecord {
    let found = try scenario.reconcile().conflicts.first { $0.unit == unit }
    return ConflictRecord(
      id: ConflictRecord.ID(reconciliation: 1, place: 1), conflict: try #require(found), provenance: .unknown,
      recordedAt: "2026-11-21T12:00:00Z")
  }

  private func choose(_ choice: ConflictChoice, _ record: ConflictRecord, _ scenario: Scenario) throws {
    let base = try #require(scenario.base)
    _ = try Reconciler().resolve([record], by: choice, in: scenario.server, base: base)
    try scenario.member.apply(scenario.server.encodeStateAsUpdate(since: scenario.member.stateVector))
  }

  @Test func nothingLeadsToAJobThatGoes() throws {
    var scenario = try Scenario { $0.triggers.append(Trigger(id: "C", type: "cron")) }
    try scenario.edit { try scenario.body("B").insert("mine();\n", at: 0) }
    scenario.write {
      $0.jobs.removeLast()
      $0.edges.removeLast()
    }
    let record = try conflict(&scenario, ["jobs", "B"])
    try scenario.edit {
      try WorkflowDocument.append(Edge(id: "e3", sourceJobID: "A", targetJobID: "B"), to: scenario.member)
      try scenario.entity("triggers", "C").set("cron_cursor_job_id", "B")
    }
    try choose(.database, record, scenario)
    #expect(scenario.ids("jobs") == ["A"])
    #expect(scenario.ids("edges") == ["e1"])
    #expect(try scenario.entity("triggers", "C")["cron_cursor_job_id"]?.value == .null)
  }

  @Test func aTriggerComesBackWithoutAJobThatIsGone() throws {
    var scenario = try scenario()
    try scenario.edit { try scenario.entity("triggers", "C").set("cron_expression", "5 * * * *") }
    scenario.write { $0.triggers.removeLast() }
    let record = try conflict(&scenario, ["triggers", "C"])
    try choose(.database, record, scenario)
    #expect(scenario.ids("triggers") == ["T"])
    try scenario.edit {
      try scenario.remove("edges", "e2")
      try scenario.remove("jobs", "B")
    }
    try choose(.live, record, scenario)
    let trigger = try scenario.entity("triggers", "C")
    #expect(trigger["cron_expression"]?.value == "5 * * * *")
    #expect(trigger["cron_cursor_job_id"]?.value == .null)
  }

  @Test func anEdgeDoesNotComeBackWithoutItsJob() throws {
    var scenario = try scenario()
    try scenario.edit { try scenario.entity("edges", "e2").set("condition_type", "always") }
    scenario.write { $0.edges.removeLast() }
    let record = try conflict(&scenario, ["edges", "e2"])
    try choose(.database, record, scenario)
    try scenario.edit { try scenario.remove("jobs", "B") }
    let before = scenario.server.encodeStateAsUpdate()
    #expect(throws: ResolutionError.incomplete(unit: ["edges", "e2"], missing: "B")) {
      try choose(.live, record, scenario)
    }
    #expect(scenario.server.encodeStateAsUpdate() == before)
  }

  /// Where it lies by now is nobody's side: that it is there is what was kept.
  @Test func aKeptPositionStaysKeptWhereverItGoes() throws {
    var scenario = try scenario()
    try scenario.edit { try scenario.member.map("positions").set("A", ["x": 5, "y": 5]) }
    scenario.write { $0.positions?["A"] = nil }
    let record = try conflict(&scenario, ["positions", "A"])
    #expect(record.conflict.winner == .kept)
    try scenario.edit { try scenario.member.map("positions").set("A", ["x": 9, "y": 9]) }
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.live])
    var base = try #require(scenario.base)
    #expect(Reconciler().pointless([record], in: scenario.server, base: base).isEmpty)
    base.content.positions?["A"] = ["x": 9, "y": 9]
    #expect(
      Reconciler().pointless([record], in: scenario.server, base: base)
        == [ConflictClosure(id: record.id, reason: "saved")])
  }
}
