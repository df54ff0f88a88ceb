import Testing
import Workflow
import YCRDT

@testable import Reconciliation

/// A node that one side moved and the other deleted: the deletion stands, and both can be chosen.
@Suite struct MovedNodeTests {
  private static let unit = ["jobs", "B"]

  private func record(_ result: Reconciliation) throws -> ConflictRecord {
    #expect(result.conflicts.map(\.unit) == [Self.unit])
    return ConflictRecord(
      id: ConflictRecord.ID(reconciliation: 1, place: 1), conflict: try #require(result.conflicts.first),
      provenance: .unknown, recordedAt: "2026-11-21T12:00:00Z")
  }

  private func shown(_ doc: Doc) throws -> WorkflowContent { try WorkflowDocument.extract(doc) }

  @Test func movedByPeopleAndDeletedByTheDatabase() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.member.map("positions").set("B", ["x": 9, "y": 9]) }
    scenario.write { content in
      content.jobs.removeAll { $0.id == "B" }
      content.edges.removeAll { $0.id == "e2" }
      content.positions?["B"] = nil
    }
    let result = try scenario.reconcile()
    let record = try record(result)
    #expect(record.conflict.kind == .editDelete)
    #expect(record.conflict.winner == .database)
    #expect(record.conflict.live?["position"] == ["x": 9, "y": 9])
    #expect(record.conflict.base?["position"] == ["x": 2, "y": 2])
    #expect(record.conflict.editors == [scenario.member.clientID])
    #expect(scenario.ids("jobs") == ["A"])
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.database])
    #expect(Reconciler().pointless([record], in: scenario.server, base: result.base).isEmpty)
    _ = try Reconciler().resolve([record], by: .live, in: scenario.server, base: result.base)
    let content = try shown(scenario.server)
    #expect(content.jobs.first { $0.id == "B" }?.body == "upsert();\n")
    #expect(content.positions?["B"] == ["x": 9, "y": 9])
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.live])
    _ = try Reconciler().resolve([record], by: .database, in: scenario.server, base: result.base)
    #expect(try shown(scenario.server).positions?.keys.sorted() == ["A", "T"])
  }

  @Test func deletedByPeopleAndMovedByTheDatabase() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.remove("edges", "e2")
      try scenario.remove("jobs", "B")
      try scenario.member.map("positions").removeValue(forKey: "B")
    }
    scenario.write { $0.positions?["B"] = ["x": 9, "y": 9] }
    let result = try scenario.reconcile()
    let record = try record(result)
    #expect(record.conflict.kind == .deleteEdit)
    #expect(record.conflict.winner == .live)
    #expect(record.conflict.database?["position"] == ["x": 9, "y": 9])
    #expect(scenario.ids("jobs") == ["A"])
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.live])
    #expect(Reconciler().pointless([record], in: scenario.server, base: result.base).isEmpty)
    _ = try Reconciler().resolve([record], by: .database, in: scenario.server, base: result.base)
    #expect(try shown(scenario.server).positions?["B"] == ["x": 9, "y": 9])
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.database])
  }

  /// Who only looks at a node, or leaves it where it was, has changed nothing.
  @Test func aNodeThatNobodyMovedGoesQuietly() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.member.map("positions").set("B", ["x": .float(2), "y": 2]) }
    scenario.write { content in
      content.jobs.removeAll { $0.id == "B" }
      content.edges.removeAll { $0.id == "e2" }
      content.positions?["B"] = nil
    }
    #expect(try scenario.reconcile().conflicts.isEmpty)
    #expect(scenario.ids("jobs") == ["A"])
  }
}
