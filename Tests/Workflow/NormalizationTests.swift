import Testing
import Workflow

@Suite struct NormalizationTests {
  private func normalized(_ trigger: Trigger) -> Trigger {
    WorkflowContent(id: "w", name: "n", triggers: [trigger]).normalized().triggers[0]
  }

  private func normalized(_ edge: Edge) -> Edge {
    WorkflowContent(id: "w", name: "n", edges: [edge]).normalized().edges[0]
  }

  @Test func namesAreTrimmed() {
    let content = WorkflowContent(id: "w", name: " Intake\n", jobs: [Job(id: "j", name: "\tFetch it ", body: " b ")])
    #expect(content.normalized().name == "Intake")
    #expect(content.normalized().jobs[0].name == "Fetch it")
    #expect(content.normalized().jobs[0].body == " b ")
  }

  @Test func jobsHaveAnAdaptorAndNoEmptyCredential() {
    let job = Job(id: "j", adaptor: "", projectCredentialID: "", keychainCredentialID: "k")
    let result = WorkflowContent(id: "w", name: "n", jobs: [job]).normalized().jobs[0]
    #expect(result.adaptor == "@openfn/language-common@latest")
    #expect(result.projectCredentialID == nil && result.keychainCredentialID == "k")
  }

  @Test func webhooksHaveNoScheduleAndAReply() {
    let trigger = Trigger(id: "t", type: "webhook", cronExpression: "* * * * *", cronCursorJobID: "j", customPath: "p")
    #expect(normalized(trigger) == Trigger(id: "t", type: "webhook", webhookReply: "before_start", customPath: "p"))
    #expect(normalized(Trigger(id: "t", webhookReply: "custom")).webhookReply == "custom")
  }

  @Test func schedulesHaveAnExpressionAndNoReply() {
    let trigger = Trigger(id: "t", type: "cron", cronCursorJobID: "j", webhookReply: "custom", customPath: "p")
    #expect(
      normalized(trigger) == Trigger(id: "t", type: "cron", cronExpression: "0 0 * * *", cronCursorJobID: "j"))
  }

  @Test func onlyKafkaTriggersHaveAKafkaConfiguration() {
    #expect(normalized(Trigger(id: "t", type: "webhook", kafkaConfiguration: ["ssl": true])).kafkaConfiguration == nil)
    #expect(normalized(Trigger(id: "t", type: "kafka", kafkaConfiguration: ["ssl": true])).kafkaConfiguration != nil)
  }

  @Test func listsInKafkaConfigurationsAreSpelledInOneWay() {
    let configuration: JSONValue = ["hosts_string": "a:1 ,b:2,", "topics_string": " x,y ", "group_id": "g, h"]
    let trigger = Trigger(id: "t", type: "kafka", kafkaConfiguration: configuration)
    #expect(
      normalized(trigger).kafkaConfiguration == [
        "hosts_string": "a:1, b:2", "topics_string": "x, y", "group_id": "g, h",
      ])
    let broken = Trigger(id: "t", type: "kafka", kafkaConfiguration: ["hosts_string": "::"])
    #expect(normalized(broken) == broken)
  }

  @Test func edgesFromTriggersAreAlwaysOn() {
    #expect(normalized(Edge(id: "e", enabled: false, sourceTriggerID: "t")).enabled)
    #expect(!normalized(Edge(id: "e", enabled: false, sourceJobID: "j")).enabled)
    #expect(normalized(Edge(id: "e", conditionLabel: "", sourceJobID: "", sourceTriggerID: "t")).sourceJobID == nil)
  }
}
