import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Branches of earlier histories, merged into a document.
@Suite struct BranchMergeTests {
  /// Merges a branch that was made from `start` (nil: nobody knows from what) by `edit`, into what the scenario's member has.
  private func merge(
    into scenario: inout Scenario, from start: WorkflowContent?, _ edit: (inout WorkflowContent) -> Void
  ) throws -> Reconciliation {
    var content = start ?? scenario.rows.content
    edit(&content)
    let branch = BranchRecord(number: 1, content: content, base: start, recordedAt: "", updatedAt: "")
    let base = try #require(scenario.base)
    let result = try Reconciler().merge(branch: branch, into: scenario.server, base: base, rows: scenario.rows)
    try scenario.member.apply(scenario.server.encodeStateAsUpdate(since: scenario.member.stateVector))
    return result
  }

  @Test func itsEditsComeInAndAreUnsaved() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("B").insert("live ", at: 0) }
    let base = scenario.base
    let result = try merge(into: &scenario, from: scenario.rows.content) {
      $0.jobs[0].body = "branch();\n" + $0.jobs[0].body
      $0.jobs.append(Job(id: "C", name: "Third", body: "third();\n"))
      $0.name = "Renamed"
    }
    #expect(result.conflicts.isEmpty && scenario.isDirty && result.base == base)
    #expect(try scenario.body("A").string == "branch();\n" + Scenario.fetch)
    #expect(try scenario.body("B").string == "live upsert();\n")
    #expect(scenario.ids("jobs") == ["A", "B", "C"])
    #expect(scenario.member.map("workflow")["name"]?.value == "Renamed")
    #expect(scenario.member.map("workflow")["lock_version"]?.value == .int(1))
  }

  @Test func theDocumentsValueStandsAndTheBranchsIsInTheRecord() throws {
    var scenario = try Scenario()
    let start = scenario.rows.content
    try scenario.edit { try scenario.member.map("workflow").set("name", "Live") }
    let result = try merge(into: &scenario, from: start) { $0.name = "Branch" }
    #expect(scenario.member.map("workflow")["name"]?.value == "Live")
    let conflict = try #require(result.conflicts.first)
    #expect(result.conflicts.count == 1 && conflict.winner == .live)
    #expect(conflict.base == "Intake" && conflict.live == "Live" && conflict.database == "Branch")
  }

  /// The old history had saved it and the new one began with it.
  @Test func whatBothHaveIsThereOnce() throws {
    let start = try Scenario().rows.content
    var scenario = try Scenario { $0.jobs[0].body = "<saved>\n" + $0.jobs[0].body }
    try scenario.edit { try scenario.body("A").insert("<live>\n", at: 0) }
    let result = try merge(into: &scenario, from: start) {
      $0.jobs[0].body = "<saved>\n" + $0.jobs[0].body + "<branch>\n"
    }
    #expect(try scenario.body("A").string == "<live>\n<saved>\n" + Scenario.fetch + "<branch>\n")
    #expect(result.conflicts.isEmpty)
  }

  /// Each with something of its own around it.
  @Test func aLineThatBothWroteIsThereOnce() throws {
    var scenario = try Scenario { $0.jobs[0].body = "f();\n" }
    try scenario.edit { try scenario.body("A").append("save(patient);\n") }
    _ = try merge(into: &scenario, from: scenario.rows.content) { $0.jobs[0].body += "await save(patient);\n" }
    #expect(try scenario.body("A").string == "f();\nawait save(patient);\n")
  }

  @Test func whatIsInBothByChanceIsThereTwice() throws {
    var scenario = try Scenario { $0.jobs[0].body = "f();\n" }
    try scenario.edit { try scenario.body("A").append("ab\n") }
    _ = try merge(into: &scenario, from: scenario.rows.content) { $0.jobs[0].body += "cab\n" }
    #expect(Set(try scenario.body("A").string.split(separator: "\n")) == ["f();", "ab", "cab"])
  }

  @Test func whatBothWroteDifferentlyInOnePlaceIsOnRecordWithWhatItWas() throws {
    var scenario = try Scenario { $0.jobs[0].body = "x = 1;\n" }
    try scenario.edit {
      try scenario.body("A").remove(4..<5)
      try scenario.body("A").insert("2", at: 4)
    }
    let result = try merge(into: &scenario, from: scenario.rows.content) { $0.jobs[0].body = "x = 3;\n" }
    #expect(result.conflicts.map(\.base) == ["x = 1;\n"])
  }

  @Test func whatWasMergedComesNotAgain() throws {
    var scenario = try Scenario()
    let start = scenario.rows.content
    for _ in 0..<3 {
      _ = try merge(into: &scenario, from: start) { $0.jobs[0].body = "<branch>\n" + $0.jobs[0].body }
      #expect(try scenario.body("A").string == "<branch>\n" + Scenario.fetch)
    }
  }

  @Test func withoutABaseNothingIsDeletedAndEveryDifferenceIsAConflict() throws {
    var scenario = try Scenario()
    let result = try merge(into: &scenario, from: nil) {
      $0.jobs[0].body = "branch();\n"
      $0.jobs.removeLast()
      $0.edges.removeLast()
      $0.jobs.append(Job(id: "C", name: "Third"))
    }
    #expect(scenario.ids("jobs") == ["A", "B", "C"])
    #expect(try scenario.body("A").string == Scenario.fetch)
    let conflict = try #require(result.conflicts.first { $0.unit == ["jobs", "A", "body"] })
    #expect(conflict.kind == .noBase && conflict.database == "branch();\n")
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func g14_nothingOfEitherSideIsLostOrDoubled(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var number = 0
    /// Writes tokens at the starts of lines.
    func typed(_ text: String, _ tokens: inout [String]) -> String {
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        number += 1
        tokens.append("<token \(number)>")
        lines.insert("<token \(number)>", at: Int.random(in: 0..<lines.count, using: &random))
      }
      return lines.joined(separator: "\n")
    }
    var tokens: [String] = []
    let saved = typed(Scenario.fetch, &tokens)
    var scenario = try Scenario { $0.jobs[0].body = saved }
    let live = typed(saved, &tokens)
    try scenario.edit { try scenario.body("A").replace(with: live) }
    let branch = typed(saved, &tokens)
    _ = try merge(into: &scenario, from: scenario.rows.content) {
      $0.jobs[0].body = branch
    }
    let merged = try scenario.body("A").string
    for token in tokens + ["get('/patients');", "each(save);"] {
      #expect(merged.components(of: token) == 1, "seed \(seed): \(token) in\n\(merged)")
    }
  }
}

extension String {
  /// How often a text is in this one.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

extension YText {
  fileprivate func replace(with text: String) throws {
    try remove(0..<string.utf16.count)
    try insert(text, at: 0)
  }
}
