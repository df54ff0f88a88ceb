import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Reconciliation

/// What a choice in a recorded conflict does.
@Suite struct ResolveTests {
  private func records(_ result: Reconciliation) -> [ConflictRecord] {
    result.conflicts.enumerated().map { place, conflict in
      ConflictRecord(
        id: ConflictRecord.ID(reconciliation: 1, place: place + 1), conflict: conflict, provenance: .unknown,
        recordedAt: "2026-11-21T12:00:00Z")
    }
  }

  /// G7: either value can be brought back in one call, whichever stands.
  @Test func g07_eitherSideCanBeChosen() throws {
    var chosen = 0
    for round in 0..<TestSeed.rounds(150) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      for record in records(result) {
        for (choice, standing) in [(ConflictChoice.live, Standing.live), (.database, .database)] {
          let fork = merge.doc.fork(clientID: merge.doc.clientID)
          do {
            _ = try Reconciler().resolve([record], by: choice, in: fork, base: result.base)
          } catch is ResolutionError {
            // An edge that leads to something that went with another conflict.
            #expect(record.conflict.unit.count == 2 && record.conflict.unit[0] == "edges", "seed \(seed)")
            continue
          }
          chosen += 1
          let found = Reconciler().standings(of: [record], in: fork)[0]
          let value = choice == .live ? record.conflict.live : record.conflict.database
          let other = choice == .live ? record.conflict.database : record.conflict.live
          #expect(found == standing || value == other, "seed \(seed): \(record.conflict) is \(found) after \(choice)")
        }
      }
    }
    #expect(chosen > 100)
  }

  /// What was typed after the merge is nobody's side.
  @Test func laterTypingSurvivesAChoice() throws {
    for round in 0..<TestSeed.rounds(150) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      for record in records(result) where record.conflict.winner == .merged {
        for choice in [ConflictChoice.live, .database] {
          let fork = merge.doc.fork(clientID: 1 << 29)
          let id = record.conflict.unit[1]
          let body = fork.array("jobs").elements.first { $0.map?["id"]?.value?.string == id }?.map?["body"]?.text
          try fork.transact { try body?.insert("⟪typed⟫", at: 0) }
          _ = try Reconciler().resolve([record], by: choice, in: fork, base: result.base)
          let text = (choice == .live ? record.conflict.live : record.conflict.database)?.string ?? ""
          let parts = (body?.string ?? "").split(separator: "⟪typed⟫", omittingEmptySubsequences: false)
          #expect(parts.count == 2 && parts.joined() == text, "seed \(seed)")
        }
      }
    }
  }

  @Test func aValueOfOnesOwnStands() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").set("name", "Mine") }
    scenario.write { $0.jobs[0].name = "Theirs" }
    let record = try #require(records(try scenario.reconcile()).first)
    #expect(record.conflict.unit == ["jobs", "A", "name"])
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.database])
    let base = try #require(scenario.base)
    let result = try Reconciler().resolve([record], by: .value("Ours"), in: scenario.server, base: base)
    #expect(result.changed && scenario.isDirty)
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.other])
    #expect(LiveContent.read(scenario.server).jobs.contains { $0.name == "Ours" })
  }

  @Test func aValueThatDoesNotFitIsRefusedAndNothingChanges() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").set("name", "Mine") }
    scenario.write { $0.jobs[0].name = "Theirs" }
    let record = try #require(records(try scenario.reconcile()).first)
    let before = scenario.server.encodeStateAsUpdate()
    let base = try #require(scenario.base)
    #expect(throws: ResolutionError.unfit(unit: ["jobs", "A", "name"], expected: "a plain value")) {
      try Reconciler().resolve([record], by: .value(["x": 1]), in: scenario.server, base: base)
    }
    #expect(scenario.server.encodeStateAsUpdate() == before)
  }

  /// Edited by somebody, deleted by the import: choosing the import takes the job with its edges and its position.
  @Test func aJobThatGoesTakesItsEdgesAlong() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("B").insert("mine();\n", at: 0) }
    scenario.write { content in
      content.jobs.removeAll { $0.id == "B" }
      content.edges.removeAll { $0.id == "e2" }
    }
    let result = try scenario.reconcile()
    let record = try #require(records(result).first { $0.conflict.unit == ["jobs", "B"] })
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.live])
    _ = try Reconciler().resolve([record], by: .database, in: scenario.server, base: result.base)
    let content = LiveContent.read(scenario.server)
    #expect(content.jobs.map(\.id) == ["A"])
    #expect(content.edges.map(\.id) == ["e1"])
    #expect(content.positions?["B"] == nil)
    _ = try Reconciler().resolve([record], by: .live, in: scenario.server, base: result.base)
    #expect(LiveContent.read(scenario.server).jobs.contains { $0.body == "mine();\nupsert();\n" })
  }

  @Test func conflictsCloseWhenLaterEditsLeaveNothingToChoose() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").set("name", "Mine") }
    scenario.write { $0.jobs[0].name = "Theirs" }
    let result = try scenario.reconcile()
    let conflicts = records(result)
    #expect(Reconciler().pointless(conflicts, in: scenario.server, base: result.base).isEmpty)
    try scenario.edit { try scenario.entity("jobs", "A").set("name", "Something else") }
    #expect(Reconciler().pointless(conflicts, in: scenario.server, base: result.base).isEmpty)
    try scenario.edit { try scenario.entity("jobs", "A").set("name", "Mine") }
    #expect(
      Reconciler().pointless(conflicts, in: scenario.server, base: result.base)
        == [ConflictClosure(id: conflicts[0].id, reason: "live value written")])
    try scenario.edit { try scenario.remove("jobs", "A") }
    #expect(
      Reconciler().pointless(conflicts, in: scenario.server, base: result.base)
        == [ConflictClosure(id: conflicts[0].id, reason: "deleted")])
  }

  /// A conflict never closes by itself before anybody did anything.
  @Test func noConflictIsPointlessWhenItIsRecorded() throws {
    for round in 0..<TestSeed.rounds(200) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let result = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let closures = Reconciler().pointless(records(result), in: merge.doc, base: result.base)
      #expect(closures.isEmpty, "seed \(seed)")
    }
  }

  @Test func recordsSayWhoEdited() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.entity("jobs", "A").set("name", "Mine")
      try scenario.body("B").insert("mine", at: 0)
    }
    scenario.write {
      $0.jobs[0].name = "Theirs"
      $0.jobs[1].body = "theirs" + $0.jobs[1].body
    }
    let conflicts = try scenario.reconcile().conflicts
    #expect(conflicts.map(\.unit) == [["jobs", "A", "name"], ["jobs", "B", "body"]])
    #expect(conflicts.map(\.editors) == [[1 << 31], [1 << 31]])
    #expect(conflicts.map(\.result?.string) == [nil, try scenario.body("B").string])
  }
}
