import Workflow

/// What lists of a workflow hold.
protocol Identified: Equatable {
  var id: String { get }
}

extension Job: Identified {}
extension Trigger: Identified {}
extension Edge: Identified {}

/// The keys that a document may have for each kind of entity.
enum EntityKeys {
  static let job: Set<String> = [
    "id", "name", "body", "adaptor", "project_credential_id", "keychain_credential_id", "delete",
  ]
  static let trigger: Set<String> = [
    "id", "type", "enabled", "cron_expression", "cron_cursor_job_id", "comment", "custom_path", "webhook_reply",
    "webhook_response_config", "kafka_configuration", "delete",
  ]
  static let edge: Set<String> = [
    "id", "source_job_id", "source_trigger_id", "target_job_id", "condition_type", "condition_expression",
    "condition_label", "enabled", "delete",
  ]
}

extension ImportNode {
  mutating func read(into job: inout Job) {
    read("name", into: &job.name)
    read("body", into: &job.body)
    read("adaptor", into: &job.adaptor)
    readID("project_credential_id", into: &job.projectCredentialID)
    readID("keychain_credential_id", into: &job.keychainCredentialID)
  }

  mutating func read(into trigger: inout Trigger) {
    read("type", into: &trigger.type)
    read("enabled", into: &trigger.enabled)
    read("cron_expression", into: &trigger.cronExpression)
    readID("cron_cursor_job_id", into: &trigger.cronCursorJobID)
    read("custom_path", into: &trigger.customPath)
    read("comment", into: &trigger.comment)
    read("webhook_reply", into: &trigger.webhookReply)
    if let config = members["webhook_response_config"] { trigger.webhookResponseConfig = config.isNull ? nil : config }
    readKafkaConfiguration(into: &trigger)
  }

  /// Given keys are set, others stay; the secrets belong to the application.
  private mutating func readKafkaConfiguration(into trigger: inout Trigger) {
    guard let given = members["kafka_configuration"], !given.isNull else { return }
    guard let members = given.object else { return add("kafka_configuration", "is invalid") }
    guard KafkaConfiguration.secretKeys.isDisjoint(with: members.keys) else {
      return add("kafka_configuration", "credentials can only be changed through the dashboard")
    }
    trigger.kafkaConfiguration = .object((trigger.kafkaConfiguration?.object ?? [:]).merging(members) { $1 })
  }

  mutating func read(into edge: inout Edge) {
    readID("source_job_id", into: &edge.sourceJobID)
    readID("source_trigger_id", into: &edge.sourceTriggerID)
    readID("target_job_id", into: &edge.targetJobID)
    read("condition_type", into: &edge.conditionType)
    read("condition_expression", into: &edge.conditionExpression)
    read("condition_label", into: &edge.conditionLabel)
    read("enabled", into: &edge.enabled)
  }
}
