import TestSupport
import Testing

@testable import Workflow

@Suite struct ValidationTests {
  private let job = Job(id: "00000000-0000-4000-8000-00000000000a", name: "Fetch", body: "fn()")
  private let other = Job(id: "00000000-0000-4000-8000-00000000000b", name: "Load", body: "fn()")
  private let trigger = Trigger(id: "00000000-0000-4000-8000-00000000000c", webhookReply: "before_start")

  private func workflow(_ change: (inout WorkflowContent) -> Void = { _ in }) -> WorkflowContent {
    var content = WorkflowContent(id: "00000000-0000-4000-8000-000000000001", name: "Intake")
    content.jobs = [job, other]
    content.triggers = [trigger]
    content.edges = [
      Edge(id: "00000000-0000-4000-8000-00000000000e", sourceTriggerID: trigger.id, targetJobID: job.id),
      Edge(
        id: "00000000-0000-4000-8000-00000000000f", conditionType: "on_job_success", sourceJobID: job.id,
        targetJobID: other.id),
    ]
    change(&content)
    return content
  }

  private func errors(_ content: WorkflowContent) -> ValidationErrors {
    do {
      try content.validate()
      return ValidationErrors()
    } catch {
      return error
    }
  }

  @Test func aRightWorkflowPasses() throws {
    try workflow().validate()
  }

  @Test func whatGeneratorsMakePasses() throws {
    for seed in 0..<100 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let content = make.workflow()
      #expect(errors(content).json == [:], "seed \(seed)")
      #expect(content.normalized() == content, "seed \(seed)")
    }
  }

  @Test(arguments: [
    ("", "can't be blank"), ("  ", "can't be blank"), ("x_del", "cannot end with _del followed by digits"),
    ("x_del42", "cannot end with _del followed by digits"), ("a\u{0}b", "cannot contain null bytes"),
    (String(repeating: "x", count: 256), "should be at most 255 character(s)"),
  ])
  func namesOfWorkflows(name: String, message: String) {
    #expect(errors(workflow { $0.name = name }).workflow == ["name": [message]])
  }

  @Test(arguments: ["x_del4a", "_delta", "del1", String(repeating: "ü", count: 255)])
  func namesThatAreFine(name: String) {
    #expect(errors(workflow { $0.name = name }).isEmpty)
  }

  @Test func concurrencyIsAPositiveDatabaseInteger() {
    #expect(errors(workflow { $0.concurrency = 0 }).workflow == ["concurrency": ["must be greater than or equal to 1"]])
    #expect(
      errors(workflow { $0.concurrency = 3_000_000_000 }).workflow
        == ["concurrency": ["must be less than or equal to 2147483647"]])
    #expect(errors(workflow { $0.concurrency = 1 }).isEmpty)
  }

  // MARK: Jobs

  private func jobErrors(_ change: (inout Job) -> Void) -> [String: [String]] {
    let errors = errors(workflow { change(&$0.jobs[0]) })
    #expect(errors.workflow.isEmpty && Set(errors.entities.keys).isSubset(of: [.jobs]))
    return errors.entities[.jobs]?[job.id] ?? [:]
  }

  @Test func jobs() {
    #expect(jobErrors { $0.name = " " } == ["name": ["job name can't be blank"]])
    #expect(jobErrors { $0.name = "a/b" } == ["name": ["job name has invalid format"]])
    #expect(jobErrors { $0.name = "Fetch_2 -x" } == [:])
    #expect(
      jobErrors { $0.name = String(repeating: "x", count: 101) }
        == ["name": ["job name should be at most 100 character(s)"]])
    #expect(jobErrors { $0.body = " \n" } == ["body": ["job body can't be blank"]])
    #expect(jobErrors { $0.body = "a\u{0}" } == ["body": ["cannot contain null bytes"]])
    #expect(jobErrors { $0.adaptor = nil } == ["adaptor": ["can't be blank"]])
    #expect(jobErrors { $0.projectCredentialID = "mine" } == ["project_credential_id": ["is invalid"]])
    let message = "cannot be set when the other credential type is also set"
    #expect(
      jobErrors { ($0.projectCredentialID, $0.keychainCredentialID) = (other.id, trigger.id) }
        == ["project_credential_id": [message], "keychain_credential_id": [message]])
  }

  @Test(arguments: ["fetch", "FETCH", "Fetch"]) func jobNamesAreTakenWhateverTheirCase(name: String) {
    let errors = errors(workflow { $0.jobs[1].name = name })
    #expect(errors.entities == [.jobs: [other.id: ["name": ["job name has already been taken"]]]])
  }

  @Test func hyphensAndSpacesAreTheSameInJobNames() {
    let errors = errors(workflow { ($0.jobs[0].name, $0.jobs[1].name) = ("get it", "Get-It") })
    #expect(errors.entities == [.jobs: [other.id: ["name": ["job name has already been taken"]]]])
  }

  // MARK: Triggers

  private func triggerErrors(_ change: (inout Trigger) -> Void) -> [String: [String]] {
    errors(workflow { change(&$0.triggers[0]) }).entities[.triggers]?[trigger.id] ?? [:]
  }

  @Test func triggers() {
    #expect(triggerErrors { $0.type = "" } == ["type": ["can't be blank"]])
    #expect(triggerErrors { $0.type = "email" } == ["type": ["is invalid"]])
    #expect(
      triggerErrors { ($0.type, $0.cronExpression) = ("cron", "* * *") }
        == ["cron_expression": ["has to be a valid cron expression"]])
    #expect(triggerErrors { $0.webhookReply = "later" } == ["webhook_reply": ["is invalid"]])
    #expect(
      triggerErrors { $0.cronCursorJobID = trigger.id }
        == ["cron_cursor_job_id": ["job doesn't exist, or is not in the same workflow"]])
    for path in ["A", "a b", "", trigger.id] {
      #expect(triggerErrors { $0.customPath = path } == ["custom_path": ["has invalid format"]])
    }
    #expect(triggerErrors { $0.customPath = "intake_1-x" } == [:])
    #expect(
      triggerErrors { ($0.type, $0.kafkaConfiguration) = ("kafka", ["hosts_string": "a:1, b"]) }
        == ["kafka_configuration": ["hosts have to be given as host:port, host:port"]])
  }

  // MARK: Edges

  private func edgeErrors(_ index: Int = 1, _ change: (inout Edge) -> Void) -> [String: [String]] {
    let content = workflow { change(&$0.edges[index]) }
    return errors(content).entities[.edges]?[content.edges[index].id] ?? [:]
  }

  @Test func edgesHaveExactlyOneSource() {
    #expect(
      edgeErrors { $0.sourceTriggerID = trigger.id }["source_job_id"]
        == ["source_job_id and source_trigger_id are mutually exclusive"])
    #expect(
      edgeErrors { $0.sourceJobID = nil } == ["source_job_id": ["source_job_id or source_trigger_id must be present"]])
  }

  @Test func edgesEndInTheirWorkflow() {
    let message = "job doesn't exist, or is not in the same workflow"
    #expect(edgeErrors { $0.targetJobID = trigger.id } == ["target_job_id": [message]])
    #expect(edgeErrors { $0.sourceJobID = trigger.id } == ["source_job_id": [message]])
    #expect(
      edgeErrors(0) { $0.sourceTriggerID = job.id }
        == ["source_trigger_id": ["trigger doesn't exist, or is not in the same workflow"]])
    #expect(
      edgeErrors { $0.targetJobID = $0.sourceJobID }
        == ["target_job_id": ["target job must be different from source job"]])
  }

  @Test func conditions() {
    #expect(edgeErrors { $0.conditionType = "" } == ["condition_type": ["can't be blank"]])
    #expect(edgeErrors { $0.conditionType = "never" } == ["condition_type": ["is invalid"]])
    #expect(edgeErrors { $0.conditionType = "js_expression" } == ["condition_expression": ["can't be blank"]])
    #expect(edgeErrors { ($0.conditionType, $0.conditionExpression) = ("js_expression", "true") } == [:])
    #expect(edgeErrors(0) { $0.conditionType = "on_job_success" }.keys.sorted() == ["condition_type"])
    #expect(edgeErrors { $0.conditionLabel = "\u{0}" } == ["condition_label": ["cannot contain null bytes"]])
    let long = String(repeating: "é", count: 256)
    #expect(
      edgeErrors { $0.conditionExpression = long } == ["condition_expression": ["should be at most 255 character(s)"]])
  }

  // MARK: All of it

  @Test func everythingThatIsWrongIsSaidAtOnce() {
    let content = workflow {
      $0.name = ""
      $0.jobs[0].name = ""
      $0.triggers[0].type = ""
      $0.edges[1].conditionType = ""
    }
    let expected: JSONValue = .object([
      "name": ["can't be blank"],
      "jobs": .object([job.id: ["name": ["job name can't be blank"]]]),
      "triggers": .object([trigger.id: ["type": ["can't be blank"]]]),
      "edges": .object([content.edges[1].id: ["condition_type": ["can't be blank"]]]),
    ])
    #expect(errors(content).json == expected)
  }

  @Test func whatCouldNotBeReadAgainIsNotSaved() {
    var deep: JSONValue = 1
    for _ in 0..<70 { deep = [deep] }
    let content = workflow {
      $0.positions = ["a": deep]
      $0.triggers[0].webhookResponseConfig = ["k\u{0}": 1]
    }
    #expect(errors(content).workflow == ["positions": ["is nested deeper than 64 levels"]])
    #expect(
      errors(content).entities == [.triggers: [trigger.id: ["webhook_response_config": ["cannot contain null bytes"]]]])
  }

  @Test(arguments: ["x", "00000000-0000-4000-8000-00000000000A"]) func idsAreLowerCaseUUIDs(id: String) {
    let errors = errors(workflow { $0.jobs.append(Job(id: id, name: "New", body: "b")) })
    #expect(errors.entities == [.jobs: [id: ["id": ["has to be a uuid in lower case"]]]])
  }
}
