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

  @Test func winnersAreChangedByPath() {
    let policy = Policy.standard.withWinner(.live, for: "jobs.*.name")
    #expect(policy.rule(for: ["jobs", "x", "name"]).winner == .live)
    #expect(policy.rule(for: ["jobs", "x", "adaptor"]).winner == .database)
  }
}
