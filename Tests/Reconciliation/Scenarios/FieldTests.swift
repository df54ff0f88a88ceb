import Reconciliation
import Testing
import Workflow
import YCRDT

@Suite struct FieldTests {
  @Test func everyFieldOfEveryEntityFollowsTheDatabase() throws {
    var scenario = try Scenario { $0.triggers[0].kafkaConfiguration = ["group_id": "a", "ssl": true] }
    scenario.write {
      $0.name = "Intake 2"
      $0.concurrency = nil
      $0.enableJobLogs = false
      $0.jobs[0].name = "Get"
      $0.jobs[0].adaptor = "http@2"
      $0.jobs[0].keychainCredentialID = "k"
      $0.jobs[1].projectCredentialID = "p"
      $0.edges[0].conditionType = "js_expression"
      $0.edges[0].conditionExpression = "true"
      $0.edges[0].conditionLabel = "all"
      $0.edges[1].enabled = false
      $0.edges[1].targetJobID = "A"
      $0.edges[1].sourceJobID = "B"
      $0.triggers[0] = Trigger(
        id: "T", type: "kafka", enabled: false, cronExpression: "1 * * * *", cronCursorJobID: "A",
        webhookReply: "custom",
        customPath: "in", kafkaConfiguration: ["group_id": "b", "ssl": true, "connect_timeout": 30],
        webhookResponseConfig: ["status": 201])
      $0.positions = ["A": ["x": 5, "y": 5], "T": ["x": 0, "y": 0]]
    }
    let result = try scenario.reconcile()
    #expect(State(scenario.member) == State(scenario.rows.content))
    #expect(result.conflicts.isEmpty && !scenario.isDirty)
    #expect(WorkflowDocument.lockVersion(of: scenario.member) == scenario.rows.lockVersion)
  }

  @Test func aKafkaConfigurationIsMergedKeyByKeyInItsOwnMap() throws {
    var scenario = try Scenario {
      $0.triggers[0].kafkaConfiguration = ["group_id": "a", "ssl": true, "topics_string": "one"]
    }
    let nested = try #require(try scenario.entity("triggers", "T")["kafka_configuration"]?.map)
    try scenario.edit { try nested.set("topics_string", "one, two") }
    scenario.write { $0.triggers[0].kafkaConfiguration = ["group_id": "b", "ssl": true, "topics_string": "one"] }
    let result = try scenario.reconcile()
    #expect(try scenario.entity("triggers", "T")["kafka_configuration"]?.map == nested)
    #expect(nested.json == ["group_id": "b", "ssl": true, "topics_string": "one, two"])
    #expect(result.conflicts.isEmpty && scenario.isDirty)
  }

  @Test func aConfigurationThatIsAPlainObjectStaysOne() throws {
    var scenario = try Scenario {
      $0.triggers[0].webhookResponseConfig = ["status": 200, "headers": ["a": "1", "b": "2"]]
    }
    try scenario.edit {
      try scenario.entity("triggers", "T").set(
        "webhook_response_config", ["status": 200, "headers": ["a": "mine", "b": "2"]])
    }
    scenario.write { $0.triggers[0].webhookResponseConfig = ["status": 201, "headers": ["a": "1", "b": "3"]] }
    try scenario.reconcile()
    #expect(
      try scenario.entity("triggers", "T")["webhook_response_config"]?.value
        == ["status": 201, "headers": ["a": "mine", "b": "3"]])
  }

  @Test func aNewConfigurationBecomesAMapOfItsOwn() throws {
    var scenario = try Scenario()
    scenario.write { $0.triggers[0].kafkaConfiguration = ["group_id": "b"] }
    try scenario.reconcile()
    #expect(try scenario.entity("triggers", "T")["kafka_configuration"]?.map?.json == ["group_id": "b"])
    scenario.write { $0.triggers[0].kafkaConfiguration = nil }
    try scenario.reconcile()
    #expect(try scenario.entity("triggers", "T")["kafka_configuration"]?.json == .null)
  }

  @Test func theDatabaseWinsScalarsAndTheRecordHasTheOtherValue() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.entity("jobs", "A").set("adaptor", "http@9")
      try scenario.entity("jobs", "A").set("project_credential_id", "mine")
      try scenario.member.map("positions").set("A", ["x": 7, "y": 7])
    }
    scenario.write {
      $0.jobs[0].adaptor = "http@2"
      $0.jobs[0].keychainCredentialID = "theirs"
      $0.positions?["A"] = ["x": 8, "y": 8]
    }
    let result = try scenario.reconcile()
    let job = try scenario.entity("jobs", "A")
    #expect(job["adaptor"]?.json == "http@2")
    #expect(job["project_credential_id"]?.json == .null && job["keychain_credential_id"]?.json == "theirs")
    #expect(scenario.member.map("positions")["A"]?.json == ["x": 7, "y": 7])
    let byUnit = Dictionary(uniqueKeysWithValues: result.conflicts.map { ($0.unit, $0) })
    let adaptor = try #require(byUnit[["jobs", "A", "adaptor"]])
    #expect(adaptor.base == "http@1" && adaptor.live == "http@9" && adaptor.database == "http@2")
    #expect(adaptor.winner == .database && adaptor.kind == .editEdit)
    #expect(byUnit[["jobs", "A", "credential"]]?.live == ["project_credential_id": "mine"])
    #expect(byUnit[["positions", "A"]]?.winner == .live)
    #expect(result.conflicts.count == 3)
  }

  @Test func aJobDeletedInTheDatabaseAndEditedLiveIsKept() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("B").append("more();\n") }
    scenario.write { $0.remove(node: "B") }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A", "B"] && scenario.isDirty)
    #expect(result.conflicts.map(\.kind) == [.editDelete])
    #expect(result.conflicts.first?.live?["body"] == "upsert();\nmore();\n")
    #expect(try !scenario.reconcile().changed)
  }

  @Test(arguments: [false, true])
  func aTriggerThatTakesAJobsIdTakesItsPlace(isMoved: Bool) throws {
    var scenario = try Scenario()
    if isMoved { try scenario.edit { try scenario.member.map("positions").set("B", ["x": 9, "y": 9]) } }
    scenario.write { content in
      content.remove(node: "B")
      content.triggers.append(Trigger(id: "B", type: "webhook"))
      content.positions?["B"] = ["x": 2, "y": 2]
    }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A"] && scenario.ids("triggers") == ["T", "B"])
    #expect(scenario.member.map("positions")["B"]?.json == (isMoved ? ["x": 9, "y": 9] : ["x": 2, "y": 2]))
    #expect(result.conflicts.isEmpty && scenario.isDirty == isMoved)
  }

  @Test func aDeletedWorkflowIsMarkedAndKept() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("B").append("more();\n") }
    let before = State(scenario.server)
    let base = try #require(scenario.base)
    scenario.write {
      $0.name = "Intake_del"
      $0.triggers[0].enabled = false
    }
    scenario.rows.deletedAt = "2026-11-21T07:00:00Z"
    var result = try scenario.reconcile()
    #expect(WorkflowDocument.deletedAt(of: scenario.member) == "2026-11-21T07:00:00Z")
    #expect(State(scenario.member) == before && result.base.content == base.content && result.conflicts.isEmpty)
    #expect(result.base.revision == scenario.rows.revision && scenario.isDirty)
    #expect(try !scenario.reconcile().changed)

    // Brought back, it is merged as if nothing had been.
    scenario.write { $0.name = "Intake 2" }
    scenario.rows.deletedAt = nil
    result = try scenario.reconcile()
    #expect(WorkflowDocument.deletedAt(of: scenario.member) == nil)
    #expect(scenario.member.map("workflow")["name"]?.json == "Intake 2")

    // Gone for good.
    let gone = try Reconciler().merge(rows: nil, base: scenario.base, into: scenario.server)
    #expect(gone.changed && WorkflowDocument.deletedAt(of: scenario.server) != nil)
    #expect(try !Reconciler().merge(rows: nil, base: gone.base, into: scenario.server).changed)
  }

  @Test func rowsOlderThanTheBaseChangeNothing() throws {
    var scenario = try Scenario()
    let old = scenario.rows
    scenario.write { $0.name = "Newer" }
    scenario.write { $0.jobs[0].name = "Newest" }
    try scenario.reconcile()
    let before = scenario.server.encodeStateAsUpdate()
    let result = try Reconciler().merge(rows: old, base: scenario.base, into: scenario.server)
    #expect(!result.changed && result.base == scenario.base && result.conflicts.isEmpty)
    #expect(scenario.server.encodeStateAsUpdate() == before)
  }

  @Test func whatTheServerOwnsIsAlwaysAsTheServerHasIt() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.member.map("workflow").set("lock_version", 77)
      try scenario.member.map("workflow").set("id", "other")
      try scenario.member.map("workflow").set("deleted_at", "never")
    }
    scenario.write { _ in }
    let result = try scenario.reconcile()
    #expect(scenario.member.map("workflow")["lock_version"]?.json == .int(2))
    #expect(scenario.member.map("workflow")["id"]?.json == "w")
    #expect(scenario.member.map("workflow")["deleted_at"]?.json == .null)
    #expect(result.conflicts.isEmpty && !scenario.isDirty)
  }
}
