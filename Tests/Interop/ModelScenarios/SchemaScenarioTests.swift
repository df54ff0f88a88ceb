import TestSupport
import Testing
import Workflow
import YCRDT

/// The model system's scenarios 1 to 9, as far as no other test has them: how what editors write is read. See
/// Tests/Guarantees.md.
@Suite struct SchemaScenarioTests {
  /// What the rows hold after somebody has made these edits and saved.
  private func saved(_ edit: (Doc) throws -> Void) throws -> WorkflowContent {
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { doc in
      try edit(doc)
      try doc.map("workflow").set("name", "Edited")
    }
    try tab.settle()
    try site.save()
    return try site.rows().content
  }

  private func entity(_ doc: Doc, _ root: String, _ id: String) throws -> YMap {
    try #require(doc.array(root).elements.lazy.compactMap(\.map).first { $0["id"]?.value == .string(id) })
  }

  @Test func s03_concurrencyIsAWholeNumberOrNull() throws {
    for (value, expected) in [(.float(5), 5), (.int(5), 5), (.null, nil)] as [(YValue, Int?)] {
      #expect(try saved { try $0.map("workflow").set("concurrency", value) }.concurrency == expected)
    }
    #expect(try saved { try $0.map("workflow").removeValue(forKey: "concurrency") }.concurrency == nil)
  }

  @Test func s04_jobLogsAreOnUnlessSwitchedOff() throws {
    #expect(try saved { try $0.map("workflow").set("enable_job_logs", false) }.enableJobLogs == false)
    #expect(try saved { try $0.map("workflow").removeValue(forKey: "enable_job_logs") }.enableJobLogs == true)
  }

  @Test func s05_bodiesAreTextsStringsOrMissing() throws {
    func body(_ edit: (YMap) throws -> Void) throws -> String? {
      let content = try saved { try edit(entity($0, "jobs", SampleProject.jobs[0])) }
      return content.jobs.first { $0.id == SampleProject.jobs[0] }?.body
    }
    #expect(try body { try $0.set("body", "plain()") } == "plain()")
    #expect(try body { try $0.setText("body", "shared()") } == "shared()")
    // Null reads as "", which no job may have.
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { try entity($0, "jobs", SampleProject.jobs[0]).set("body", .null) }
    try tab.settle()
    let refusal = try site.post("/api/workflows/\(SampleProject.workflow)/save", expecting: 422)
    #expect(refusal["errors"]?["jobs"]?[SampleProject.jobs[0]]?["body"] == ["job body can't be blank"])
  }

  @Test func s06_timeoutsAreWholeNumbers() throws {
    let content = try saved { doc in
      let trigger = try entity(doc, "triggers", SampleProject.trigger)
      try trigger.set("type", "kafka")
      try trigger.setMap("kafka_configuration").set("connect_timeout", .float(30))
    }
    #expect(content.triggers[0].kafkaConfiguration?["connect_timeout"] == 30)
  }

  @Test func s07_positionsAreNullOrExactlyWhatTheyAre() throws {
    #expect(try saved { try $0.map("positions").removeAll() }.positions == nil)
    let content = try saved {
      try $0.map("positions").set(SampleProject.jobs[0], ["x": .float(1.5), "y": -7, "w": "?"])
    }
    #expect(content.positions == [SampleProject.jobs[0]: ["x": .number(1.5), "y": .number(-7), "w": "?"]])
  }

  @Test func s09_keysOfTheirOwnAreNoHindrance() throws {
    let content = try saved { doc in
      try entity(doc, "edges", SampleProject.edges[0]).set("workflow_id", "x")
      try entity(doc, "triggers", SampleProject.trigger).set("has_auth_method", true)
      try entity(doc, "jobs", SampleProject.jobs[0]).set("enabled", true)
    }
    #expect(content.edges.count == 2 && content.triggers.count == 1 && content.jobs.count == 2)
  }
}
