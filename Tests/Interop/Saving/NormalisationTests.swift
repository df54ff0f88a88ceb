import TestSupport
import Testing
import Workflow
import YCRDT

/// What a save puts right is put right in the document: two editors that have it open show exactly what the rows hold.
@Suite struct NormalisationTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var sql = ""
    let edit: @Sendable (Doc) throws -> Void
    let isDone: @Sendable (WorkflowContent) -> Bool
  }

  private static func entity(_ doc: Doc, _ root: String, _ id: String) throws -> YMap {
    try #require(doc.array(root).elements.lazy.compactMap(\.map).first { $0["id"]?.value == .string(id) })
  }

  private static func job(_ doc: Doc) throws -> YMap { try entity(doc, "jobs", SampleProject.jobs[0]) }
  private static func trigger(_ doc: Doc) throws -> YMap { try entity(doc, "triggers", SampleProject.trigger) }

  private static let cases = [
    Case(testDescription: "a workflow's name is trimmed") {
      try $0.map("workflow").set("name", "  Visits\n")
    } isDone: {
      $0.name == "Visits"
    },
    Case(testDescription: "a job's name is trimmed") {
      try job($0).set("name", "\tFetch all ")
    } isDone: {
      $0.jobs.contains { $0.name == "Fetch all" }
    },
    Case(testDescription: "an adaptor is trimmed") {
      try job($0).set("adaptor", " @openfn/language-http@1.0.0 ")
    } isDone: {
      $0.jobs.contains { $0.adaptor == "@openfn/language-http@1.0.0" }
    },
    Case(testDescription: "a missing adaptor is the usual one") {
      try job($0).set("adaptor", .null)
    } isDone: {
      $0.jobs.allSatisfy { $0.adaptor == Job.defaultAdaptor }
    },
    Case(testDescription: "a schedule without an expression runs at midnight") {
      try trigger($0).set("type", "cron")
    } isDone: {
      $0.triggers[0].cronExpression == "0 0 * * *" && $0.triggers[0].webhookReply == nil
    },
    Case(testDescription: "a cron expression is trimmed") {
      try trigger($0).set("type", "cron")
      try trigger($0).set("cron_expression", " 5 4 * * * ")
      try trigger($0).set("custom_path", "visits")
    } isDone: {
      $0.triggers[0].cronExpression == "5 4 * * *" && $0.triggers[0].customPath == nil
    },
    Case(testDescription: "a webhook has no schedule") {
      try trigger($0).set("cron_expression", "5 4 * * *")
      try trigger($0).set("cron_cursor_job_id", .string(SampleProject.jobs[0]))
      try trigger($0).set("webhook_reply", "")
    } isDone: {
      $0.triggers[0].cronExpression == nil && $0.triggers[0].cronCursorJobID == nil
        && $0.triggers[0].webhookReply == "before_start"
    },
    Case(testDescription: "the lists of a Kafka configuration are spelled one way") {
      try trigger($0).set("type", "kafka")
      let kafka = try trigger($0).setMap("kafka_configuration")
      try kafka.set("hosts_string", "a:9092,b:9093")
      try kafka.set("topics_string", "one,two")
      try kafka.set("connect_timeout", .float(30))
    } isDone: {
      $0.triggers[0].kafkaConfiguration?["hosts_string"] == "a:9092, b:9093"
        && $0.triggers[0].kafkaConfiguration?["topics_string"] == "one, two"
        && $0.triggers[0].kafkaConfiguration?["connect_timeout"] == 30
    },
    Case(testDescription: "only Kafka triggers have a Kafka configuration") {
      try trigger($0).setMap("kafka_configuration").set("hosts_string", "a:9092")
    } isDone: {
      $0.triggers[0].kafkaConfiguration == nil
    },
    Case(testDescription: "an edge from a trigger is on") {
      try entity($0, "edges", SampleProject.edges[0]).set("enabled", false)
    } isDone: {
      $0.edges.allSatisfy(\.enabled)
    },
    Case(testDescription: "an edge goes with its job, and the job's position") { doc in
      let jobs = doc.array("jobs").elements.compactMap(\.map)
      let place = try #require(jobs.firstIndex { $0["id"]?.value == .string(SampleProject.jobs[0]) })
      try doc.array("jobs").remove(at: place)
    } isDone: {
      $0.jobs.count == 1 && $0.edges.isEmpty && $0.positions == nil
    },
    Case(testDescription: "a body that is a plain string stays what it says") {
      try job($0).set("body", "plain()")
    } isDone: {
      $0.jobs.contains { $0.body == "plain()" }
    },
  ]

  @Test(arguments: cases)
  private func reachesEverybody(normalisation: Case) throws {
    let site = try Site()
    let tabs = try [Tab(site), Tab(site, clientID: 900_000_002)]
    try tabs[0].edit { doc in
      try normalisation.edit(doc)
      // So that there is something to save in any case.
      try doc.map("workflow").set("concurrency", 7)
    }
    try tabs[0].settle()
    #expect(try site.save()["lock_version"] == 1)
    let rows = try site.rows()
    #expect(normalisation.isDone(rows.content), "\(rows.content.json.text)")
    for tab in tabs {
      try tab.wait { WorkflowDocument.lockVersion(of: $0) == 1 }
      #expect(try tab.content.changes(to: rows.content) == [])
    }
    #expect(tabs[0].doc.encodeStateAsUpdate() == tabs[1].doc.encodeStateAsUpdate())
    #expect(try site.isDirty() == false)
    #expect(try site.save()["lock_version"] == 1, "nothing is left to save")
  }
}
