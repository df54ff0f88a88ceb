import TestSupport
import Testing
import Workflow
import YCRDT

@Suite struct WorkflowDocumentTests {
  private func rows(_ content: WorkflowContent, deletedAt: String? = nil) -> WorkflowRows {
    WorkflowRows(content: content, projectID: "p", lockVersion: 3, revision: 7, deletedAt: deletedAt)
  }

  private func doc(_ content: WorkflowContent, deletedAt: String? = nil) -> Doc {
    let doc = Doc(clientID: 1)
    WorkflowDocument.populate(doc, from: rows(content, deletedAt: deletedAt))
    return doc
  }

  private func entity(_ doc: Doc, _ root: String, _ index: Int = 0) throws -> YMap {
    try #require(doc.array(root).elements[index].map)
  }

  // MARK: Shape

  @Test func rootsHaveTheFieldsThatEditorsExpect() throws {
    var content = WorkflowContent(id: "w", name: "Intake", concurrency: 5, enableJobLogs: false)
    content.jobs = [Job(id: "j1", name: "A", body: "fn()"), Job(id: "j2", name: "B", projectCredentialID: "c")]
    content.triggers = [Trigger(id: "t", type: "cron", cronExpression: "0 0 * * *")]
    content.edges = [Edge(id: "e", sourceTriggerID: "t", targetJobID: "j1")]
    content.positions = ["j1": ["x": 1, "y": 2]]
    let doc = doc(content)
    #expect(
      JSONValue(doc.map("workflow").json) == [
        "id": "w", "name": "Intake", "lock_version": 3, "deleted_at": nil, "concurrency": 5, "enable_job_logs": false,
      ])
    #expect(
      JSONValue(doc.array("jobs").json) == [
        [
          "id": "j1", "name": "A", "body": "fn()", "adaptor": "@openfn/language-common@latest",
          "project_credential_id": nil, "keychain_credential_id": nil,
        ],
        [
          "id": "j2", "name": "B", "body": "", "adaptor": "@openfn/language-common@latest",
          "project_credential_id": "c",
          "keychain_credential_id": nil,
        ],
      ])
    #expect(
      JSONValue(doc.array("triggers").json) == [
        [
          "id": "t", "type": "cron", "enabled": true, "cron_expression": "0 0 * * *", "cron_cursor_job_id": nil,
          "webhook_reply": nil, "kafka_configuration": nil,
        ]
      ])
    #expect(
      JSONValue(doc.array("edges").json) == [
        [
          "id": "e", "condition_type": "always", "condition_expression": nil, "condition_label": nil, "enabled": true,
          "source_job_id": nil, "source_trigger_id": "t", "target_job_id": "j1",
        ]
      ])
    #expect(JSONValue(doc.map("positions").json) == ["j1": ["x": 1, "y": 2]])
    #expect(doc.map("errors").count == 0)
  }

  @Test func bodiesAreTextsAndJobsKeepTheOrderOfTheRows() throws {
    let content = WorkflowContent(id: "w", name: "n", jobs: [Job(id: "b", body: "one"), Job(id: "a", body: "two")])
    let doc = doc(content)
    #expect(try entity(doc, "jobs", 0)["body"]?.text?.string == "one")
    #expect(try entity(doc, "jobs", 1)["body"]?.text?.string == "two")
    #expect(try WorkflowDocument.extract(doc).jobs.map(\.id) == ["b", "a"])
  }

  @Test func positionsAreWholeObjectsAndKafkaConfigurationsAreMaps() throws {
    var content = WorkflowContent(id: "w", name: "n", positions: ["j": ["x": 1]])
    content.triggers = [Trigger(id: "t", type: "kafka", kafkaConfiguration: ["group_id": "g"])]
    let doc = doc(content)
    #expect(doc.map("positions")["j"]?.value != nil)
    #expect(try entity(doc, "triggers")["kafka_configuration"]?.map?["group_id"]?.value == "g")
  }

  @Test func populatingIsOneTransaction() {
    let doc = Doc(clientID: 1)
    var updates: [UpdateEvent] = []
    let subscription = doc.observeUpdates { updates.append($0) }
    WorkflowDocument.populate(doc, from: rows(WorkflowContent(id: "w", name: "n", jobs: [Job(id: "j", body: "b")])))
    withExtendedLifetime(subscription) {}
    #expect(updates.count == 1)
    #expect(updates.first?.origin == "initialize_workflow_document")
  }

  // MARK: Round trip

  /// Byte for byte: also texts that Swift takes for equal must be the same.
  @Test(arguments: [false, true]) func whatIsPopulatedIsExtracted(isOdd: Bool) throws {
    for seed in 0..<120 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: isOdd)
      let content = make.workflow()
      let update = doc(content).encodeStateAsUpdate()
      let member = Doc(clientID: 99)
      try member.apply(update)
      let extracted = try WorkflowDocument.extract(member)
      #expect((extracted == content) as Bool, "seed \(seed)")
      #expect((extracted.json.serialized() == content.json.serialized()) as Bool, "seed \(seed)")
      #expect(
        (WorkflowContent(json: try JSONValue(parsing: content.json.serialized())) == content) as Bool, "seed \(seed)")
    }
  }

  @Test func savingWhatNobodyChangedChangesNothing() throws {
    for seed in 0..<80 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let content = make.workflow()
      let extracted = try WorkflowDocument.extract(doc(content))
      try extracted.validate()
      #expect((extracted.normalized() == content) as Bool, "seed \(seed)")
    }
  }

  // MARK: Tolerance

  @Test(arguments: [YValue.float(5), .int(5), .float(5.9)]) func concurrencyIsReadFromEveryKindOfNumber(value: YValue)
    throws
  {
    let doc = doc(WorkflowContent(id: "w", name: "n"))
    try doc.transact { try doc.map("workflow").set("concurrency", value) }
    #expect(try WorkflowDocument.extract(doc).concurrency == 5)
  }

  @Test func absentSettingsLeaveTheDefaults() throws {
    let doc = doc(WorkflowContent(id: "w", name: "n", concurrency: 5, enableJobLogs: false))
    #expect(try WorkflowDocument.extract(doc).enableJobLogs == false)
    try doc.transact { try doc.map("workflow").set("concurrency", .null) }
    #expect(try WorkflowDocument.extract(doc).concurrency == nil)
    try doc.transact {
      try doc.map("workflow").removeValue(forKey: "concurrency")
      try doc.map("workflow").removeValue(forKey: "enable_job_logs")
    }
    #expect(try WorkflowDocument.extract(doc).concurrency == nil)
    #expect(try WorkflowDocument.extract(doc).enableJobLogs == true)
  }

  @Test func bodiesMayBePlainStringsOrMissing() throws {
    let doc = doc(WorkflowContent(id: "w", name: "n"))
    try doc.transact {
      for (id, body) in [("a", "plain"), ("b", YValue.null), ("c", .int(5))] as [(YValue, YValue)] {
        let job = try doc.array("jobs").appendMap()
        try job.set("id", id)
        try job.set("body", body)
      }
      try doc.array("jobs").append([["id": "d", "body": "whole", "name": "pushed as an object"]])
    }
    let jobs = try WorkflowDocument.extract(doc).jobs
    #expect(jobs.map(\.body) == ["plain", "", "", "whole"])
    #expect(jobs[0].name == "" && jobs[0].adaptor == nil && jobs[3].name == "pushed as an object")
  }

  @Test func kafkaTimeoutsAreWholeNumbers() throws {
    let doc = doc(WorkflowContent(id: "w", name: "n", triggers: [Trigger(id: "t", kafkaConfiguration: ["ssl": true])]))
    let configuration = try #require(try entity(doc, "triggers")["kafka_configuration"]?.map)
    try doc.transact { try configuration.set("connect_timeout", .float(30.7)) }
    #expect(try WorkflowDocument.extract(doc).triggers[0].kafkaConfiguration?["connect_timeout"] == 30)
  }

  @Test func noPositionsAreNullAndOthersStayAsTheyAre() throws {
    #expect(try WorkflowDocument.extract(doc(WorkflowContent(id: "w", name: "n", positions: [:]))).positions == nil)
    let positions: [String: JSONValue] = ["a": ["x": .number(0.1), "y": -3, "locked": ["by": "amy"]]]
    let content = WorkflowContent(id: "w", name: "n", positions: positions)
    #expect(try WorkflowDocument.extract(doc(content)).positions == positions)
  }

  @Test func deletionIsATextOrNull() {
    let date = "2026-11-21T05:00:00Z"
    let content = WorkflowContent(id: "w", name: "n")
    #expect(WorkflowDocument.deletedAt(of: doc(content, deletedAt: date)) == date)
    #expect(doc(content).map("workflow")["deleted_at"]?.value == .null)
    #expect(WorkflowDocument.lockVersion(of: doc(content)) == 3)
  }

  @Test func keysOfTheirOwnAreIgnored() throws {
    var content = WorkflowContent(id: "w", name: "n", jobs: [Job(id: "j")], triggers: [Trigger(id: "t")])
    content.edges = [Edge(id: "e", sourceTriggerID: "t", targetJobID: "j")]
    let doc = doc(content)
    try doc.transact {
      for root in ["jobs", "triggers", "edges"] {
        try entity(doc, root).set("workflow_id", "w")
        try entity(doc, root).set("errors", ["name": ["bad"]])
      }
      try doc.map("workflow").set("zoom", 3)
    }
    #expect(try WorkflowDocument.extract(doc) == content)
  }

  @Test func ofEqualIDsTheFirstCounts() throws {
    let doc = doc(
      WorkflowContent(id: "w", name: "n", jobs: [Job(id: "j", name: "first"), Job(id: "j", name: "second")]))
    #expect(try WorkflowDocument.extract(doc).jobs.map(\.name) == ["first"])
  }

  @Test func withoutIDOrNameItIsNoWorkflow() throws {
    for key in ["id", "name"] {
      let doc = doc(WorkflowContent(id: "w", name: "n"))
      try doc.transact { try doc.map("workflow").removeValue(forKey: key) }
      let error = #expect(throws: ExtractionError.self) { try WorkflowDocument.extract(doc) }
      #expect(error?.description.contains("'\(key)'") == true)
    }
    #expect(throws: ExtractionError.self) { try WorkflowDocument.extract(Doc(clientID: 1)) }
  }

  /// Whatever clients put into the six roots: a workflow or an error, never a trap.
  @Test func noDocumentTraps() throws {
    for seed in 0..<120 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let content = make.workflow()
      let doc = doc(content)
      try doc.transact {
        for _ in 0..<5 { try scribble(on: doc, &make) }
      }
      if let extracted = try? WorkflowDocument.extract(doc) {
        try? extracted.normalized().validate()
        #expect((WorkflowContent(json: extracted.json) == extracted) as Bool, "seed \(seed)")
      }
    }
  }

  private func scribble(on doc: Doc, _ make: inout WorkflowGenerator) throws {
    let keys = [
      "id", "name", "body", "type", "enabled", "kafka_configuration", "concurrency", "positions", "webhook_reply",
    ]
    let root = make.pick(["jobs", "triggers", "edges"])
    switch make.pick([0, 1, 2, 3]) {
    case 0: try doc.map("workflow").set(make.pick(keys), make.json(2).yValue)
    case 1: try doc.array(root).append([make.json(3).yValue])
    case 2: try doc.map("positions").set(make.text(["n"]), make.json(3).yValue)
    default:
      guard let map = doc.array(root).elements.first?.map else { return }
      if make.chance(50) {
        try map.set(make.pick(keys), make.json(2).yValue)
      } else {
        _ = try map.setArray(make.pick(keys))
      }
    }
  }
}
