import Testing
import Workflow
import YCRDT

@testable import Reconciliation

@Suite struct PolicyTests {
  /// A field that the table does not name would silently be left out of every merge.
  @Test func theTableNamesEveryFieldOnce() throws {
    let content = WorkflowContent(id: "w", name: "n")
    let everything: [(String, [String: JSONValue])] = [
      ("workflow", content.metadata.merging(["lock_version": 1, "deleted_at": nil]) { $1 }),
      ("jobs", Job(id: "j").fields), ("triggers", Trigger(id: "t").fields), ("edges", Edge(id: "e").fields),
    ]
    for (collection, fields) in everything {
      let named = Policy.standard.units(of: collection).flatMap(\.fields)
      #expect(named.sorted() == fields.keys.sorted(), "\(collection)")
    }
  }

  @Test func whatNoRuleNamesFollowsTheNearestThatDoes() {
    let policy = Policy.standard
    #expect(policy.rule(for: ["triggers", "t", "kafka_configuration", "ssl"]).kind == .map)
    #expect(policy.rule(for: ["positions", "j"]).winner == .live)
    #expect(policy.rule(for: ["jobs", "j", "body"]).kind == .text)
    #expect(policy.rule(for: ["nowhere"]).winner == .database)
  }

  @Test func winnersAreOverriddenByPath() throws {
    let policy = try Policy.standard.overriding(winners: ["jobs.*.name": .live, "positions.*": .database])
    #expect(policy.rule(for: ["jobs", "x", "name"]).winner == .live)
    #expect(policy.rule(for: ["jobs", "x", "adaptor"]).winner == .database)
    #expect(policy.rule(for: ["positions", "x"]).winner == .database)
    #expect(try Policy.standard.overriding(winners: [:]) == .standard)
  }

  @Test func aPathThatTheTableDoesNotHaveIsRefusedByName() {
    let error = #expect(throws: PolicyError.self) {
      try Policy.standard.overriding(winners: ["jobs.*.name": .live, "jobs.*.title": .live])
    }
    #expect(error == .unknownPath("jobs.*.title", known: Policy.standard.overridablePaths))
    #expect(error?.description.contains("jobs.*.credential") == true)
  }

  @Test(arguments: [
    ("jobs.*.body", Policy.Kind.text), ("jobs", .set), ("positions", .set), ("workflow.id", .serverOwned),
  ])
  func whereNobodyWinsNoWinnerCanBeChosen(path: String, kind: Policy.Kind) {
    let error = #expect(throws: PolicyError.self) { try Policy.standard.overriding(winners: [path: .live]) }
    #expect(error == .noWinner(path, kind: kind))
    #expect(error?.description.contains(path) == true)
  }

  @Test func winnersAreReadFromTexts() throws {
    let winners = try Policy.winners(parsing: ["jobs.*.name=live", "positions.*=database", "jobs.*.name=live"])
    #expect(winners == ["jobs.*.name": .live, "positions.*": .database])
    for text in ["jobs.*.name", "jobs.*.name=", "=live", "jobs.*.name=theirs", "a=live=live", ""] {
      #expect(throws: PolicyError.malformed(text)) { try Policy.winners(parsing: [text]) }
    }
    #expect(throws: PolicyError.contradiction("jobs.*.name")) {
      try Policy.winners(parsing: ["jobs.*.name=live", "jobs.*.name=database"])
    }
  }

  @Test func everyRuleSaysWhatItsKindNeeds() {
    for rule in Policy.standard.rules {
      let hasWinner = [.scalar, .map, .atomic].contains(rule.kind)
      #expect((rule.winner != nil) == hasWinner, "\(rule.dottedPath)")
      #expect((rule.limits != nil) == (rule.kind == .text), "\(rule.dottedPath)")
    }
    #expect(Set(Policy.standard.rules.map(\.path)).count == Policy.standard.rules.count)
  }
}
