import TestSupport
import Testing

@testable import Workflow

/// The hash of a content, as Protocol/storage.md says it.
@Suite struct VersionHashTests {
  /// What Protocol/vectors/generate/version-hashes.py works out, which shares nothing with this.
  @Test func theVectorsAreThoseOfTheScript() throws {
    let vectors = try Vectors.cases("version-hashes.jsonl")
    #expect(vectors.count == 120)
    for (number, vector) in vectors.enumerated() {
      let text = try #require(vector["content"]?.string)
      let content = try #require(WorkflowContent(json: try JSONValue(parsing: Array(text.utf8))))
      #expect(content.versionHash == vector["hash"]?.string, "vector \(number)")
    }
  }

  @Test func oneContentIsSaidToTheByte() {
    let content = WorkflowContent(
      id: "w", name: "Intake",
      jobs: [
        Job(id: "b", name: "load", body: "load();", adaptor: "dhis2@1", keychainCredentialID: "k"),
        Job(id: "a", name: "Fetch", body: "get();", adaptor: "http@1", projectCredentialID: "p"),
      ],
      triggers: [
        Trigger(id: "t", type: "webhook", enabled: true, webhookReply: "before_start"),
        Trigger(id: "u", type: "cron", enabled: false, cronExpression: "0 1 * * *"),
      ],
      edges: [
        Edge(id: "f", conditionType: "always", enabled: true, sourceTriggerID: "t", targetJobID: "a"),
        Edge(
          id: "e", conditionType: "js_expression", conditionExpression: "x > 1", conditionLabel: "big", enabled: false,
          sourceJobID: "a", targetJobID: "b"),
      ],
      positions: ["b": ["y": 2, "x": .number(1.2)], "a": ["x": .number(-0.5), "y": 0]])
    #expect(
      String(decoding: content.versionText, as: UTF8.self) == """
        Intake{"a":{"x":0,"y":0},"b":{"x":2,"y":2}}\
        0 1 * * *falsecrontruewebhook\
        http@1get();Fetchpdhis2@1load();kload\
        x > 1bigjs_expressionfalseFetch-loadalwaystruewebhook-Fetch
        """)
    #expect(content.versionHash.count == 12)
  }

  @Test func whatSaysNothingChangesNothing() {
    for seed in UInt64(0)..<40 {
      var generator = WorkflowGenerator(seed: seed)
      let content = generator.workflow()
      var other = content
      other.jobs.reverse()
      other.triggers.reverse()
      other.edges.reverse()
      other.concurrency = 77
      #expect(other.versionHash == content.versionHash, "seed \(seed)")
      other.name += "!"
      #expect(other.versionHash != content.versionHash, "seed \(seed)")
    }
  }
}
