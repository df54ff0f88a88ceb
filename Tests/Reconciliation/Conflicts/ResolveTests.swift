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

  /// Each took out something, so that nothing was left; then somebody began anew.
  @Test(arguments: [ConflictChoice.live, .database, .value("chosen")])
  func laterTypingSurvivesAChoiceAlsoWhereTheMergeLeftNothing(choice: ConflictChoice) throws {
    var scenario = try Scenario()
    let body = try scenario.body("B")
    try scenario.edit { try body.remove(1..<2) }
    scenario.write { $0.jobs[1].body = "" }
    let result = try scenario.reconcile()
    let record = try #require(records(result).first { $0.conflict.unit == ["jobs", "B", "body"] })
    let text = try #require(
      scenario.server.array("jobs").elements.first { $0.map?["id"]?.value?.string == "B" }?.map?["body"]?.text)
    try #require(text.string.isEmpty)
    try scenario.server.transact { try text.insert("anew", at: 0) }
    _ = try Reconciler().resolve([record], by: choice, in: scenario.server, base: result.base)
    let chosen =
      switch choice {
      case .live: record.conflict.live?.string
      case .database: ""
      case .value(let value): value.string
      }
    #expect(text.string.replacing("anew", with: "") == chosen && text.string.contains("anew"))
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
    // The first had positions that the rows have as null.
    let found: [UInt64] = [20_262_142, 20_263_003, 20_264_069, 20_264_666]
    for seed in found + (0..<TestSeed.rounds(200)).map({ TestSeed.value &+ UInt64($0) }) {
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

  @Test func aTextOfWhichNothingIsKnownKeepsWhatWasTypedSince() throws {
    var scenario = try Scenario()
    scenario.base = nil
    scenario.write { $0.jobs[1].body = "theirs();\n" }
    let result = try scenario.reconcile()
    let record = try #require(records(result).first)
    #expect(record.conflict.kind == .noBase && record.conflict.winner == .live)
    try scenario.edit { try scenario.body("B").append("typed();\n") }
    let chosen = try Reconciler().resolve([record], by: .database, in: scenario.server, base: result.base)
    #expect(chosen.chosenTexts == [record.id: "theirs();\n"])
    #expect(LiveContent.read(scenario.server).jobs.first { $0.id == "B" }?.body == "theirs();\ntyped();\n")
  }

  @Test func aSideThatWasChosenStands() throws {
    var scenario = try Scenario { $0.jobs[1].body = "x = 1" }
    try scenario.edit {
      try scenario.body("B").remove(4..<5)
      try scenario.body("B").insert("2", at: 4)
    }
    scenario.write { $0.jobs[1].body = "x = 3" }
    let result = try scenario.reconcile()
    var record = try #require(records(result).first)
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.merged])
    for (choice, standing) in [(ConflictChoice.live, Standing.live), (.database, .database), (.live, .live)] {
      let chosen = try Reconciler().resolve([record], by: choice, in: scenario.server, base: result.base)
      record.conflict.result = chosen.chosenTexts[record.id].map(JSONValue.string)
      #expect(Reconciler().standings(of: [record], in: scenario.server) == [standing])
    }
  }

  @Test func aValueOfAnotherKindIsRefused() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.entity("edges", "e1").set("enabled", false)
      try scenario.member.map("workflow").set("concurrency", 7)
    }
    scenario.write { $0.concurrency = 9 }
    let number = try #require(records(try scenario.reconcile()).first)
    let enabled = ConflictRecord(
      id: number.id,
      conflict: Conflict(
        kind: .editEdit, unit: ["edges", "e1", "enabled"], base: nil, live: false, database: true, winner: .database),
      provenance: .unknown, recordedAt: "")
    let base = try #require(scenario.base)
    for (record, expected) in [(number, "a number"), (enabled, "true or false")] {
      #expect(throws: ResolutionError.unfit(unit: record.conflict.unit, expected: expected)) {
        try Reconciler().resolve([record], by: .value("yes"), in: scenario.server, base: base)
      }
    }
    _ = try Reconciler().resolve([enabled], by: .value(true), in: scenario.server, base: base)
    #expect(LiveContent.read(scenario.server).edges.first { $0.id == "e1" }?.enabled == true)
  }

  @Test func aPositionsConflictEndsWithItsNode() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.member.map("positions").set("B", ["x": 9, "y": 9]) }
    scenario.write { $0.positions?["B"] = ["x": 5, "y": 5] }
    let result = try scenario.reconcile()
    let record = try #require(records(result).first)
    #expect(record.conflict.unit == ["positions", "B"])
    #expect(Reconciler().pointless([record], in: scenario.server, base: result.base).isEmpty)
    try scenario.edit { try scenario.remove("jobs", "B") }
    #expect(Reconciler().standings(of: [record], in: scenario.server) == [.gone])
    #expect(
      Reconciler().pointless([record], in: scenario.server, base: result.base)
        == [ConflictClosure(id: record.id, reason: "deleted")])
  }

  /// Also where several fields are one unit, in maps of their own, and of whole entities; and nobody else.
  @Test func recordsSayWhoEditedWhateverTheUnit() throws {
    var scenario = try Scenario { $0.triggers[0].kafkaConfiguration = ["group_id": "a", "ssl": true] }
    try scenario.edit {
      try scenario.entity("jobs", "A").set("project_credential_id", "mine")
      try scenario.entity("edges", "e2").set("condition_label", "mine")
      try scenario.entity("edges", "e1").set("source_trigger_id", .null)
      try scenario.entity("edges", "e1").set("source_job_id", "B")
      try scenario.entity("triggers", "T")["kafka_configuration"]?.map?.set("group_id", "mine")
    }
    scenario.write {
      $0.jobs[0].projectCredentialID = "theirs"
      $0.edges[0].sourceTriggerID = nil
      $0.edges[0].sourceJobID = "A"
      $0.edges.removeAll { $0.id == "e2" }
      $0.triggers[0].kafkaConfiguration = ["group_id": "theirs", "ssl": true]
    }
    let conflicts = try scenario.reconcile().conflicts
    #expect(
      Set(conflicts.map(\.unit)) == [
        ["jobs", "A", "credential"], ["edges", "e1", "source"], ["edges", "e2"],
        ["triggers", "T", "kafka_configuration", "group_id"],
      ])
    for conflict in conflicts { #expect(conflict.editors == [1 << 31], "\(conflict.unit)") }
  }

  @Test func recordsSayWhoEditedATriggerThatWasDeleted() throws {
    var scenario = try Scenario { $0.triggers[0].kafkaConfiguration = ["group_id": "a", "ssl": true] }
    try scenario.edit { try scenario.entity("triggers", "T")["kafka_configuration"]?.map?.set("group_id", "mine") }
    scenario.write { $0.remove(node: "T") }
    let conflicts = try scenario.reconcile().conflicts
    #expect(conflicts.first?.unit == ["triggers", "T"])
    #expect(conflicts.first?.editors == [1 << 31])
  }
}
