// The fields of jobs, triggers and edges under the keys that the document, base and project JSON give them.

extension Job {
  /// All fields but the id.
  public var fields: [String: JSONValue] {
    [
      "name": .string(name), "body": .string(body), "adaptor": JSONValue(adaptor),
      "project_credential_id": JSONValue(projectCredentialID),
      "keychain_credential_id": JSONValue(keychainCredentialID),
    ]
  }

  /// Reads fields as tolerantly as documents need it: what is absent or of another type counts as not given.
  public init(id: String, fields: [String: JSONValue]) {
    self.init(
      id: id, name: fields.text("name"), body: fields.text("body"), adaptor: fields["adaptor"]?.string,
      projectCredentialID: fields["project_credential_id"]?.string,
      keychainCredentialID: fields["keychain_credential_id"]?.string)
  }
}

extension Trigger {
  /// All fields but the id.
  public var fields: [String: JSONValue] {
    [
      "type": .string(type), "enabled": .bool(enabled), "cron_expression": JSONValue(cronExpression),
      "cron_cursor_job_id": JSONValue(cronCursorJobID), "webhook_reply": JSONValue(webhookReply),
      "custom_path": JSONValue(customPath), "comment": JSONValue(comment),
      "kafka_configuration": kafkaConfiguration ?? .null, "webhook_response_config": webhookResponseConfig ?? .null,
    ]
  }

  /// Reads fields as tolerantly as documents need it. An older writer has "" where no reply is chosen; secrets of a
  /// Kafka connection are left out.
  public init(id: String, fields: [String: JSONValue]) {
    self.init(
      id: id, type: fields.text("type"), enabled: fields["enabled"]?.bool ?? false,
      cronExpression: fields["cron_expression"]?.string, cronCursorJobID: fields["cron_cursor_job_id"]?.string,
      webhookReply: fields["webhook_reply"]?.string.flatMap { $0.isEmpty ? nil : $0 },
      customPath: fields["custom_path"]?.string, comment: fields["comment"]?.string,
      kafkaConfiguration: fields["kafka_configuration"].flatMap(KafkaConfiguration.documentForm),
      webhookResponseConfig: fields["webhook_response_config"])
  }
}

extension Edge {
  /// All fields but the id.
  public var fields: [String: JSONValue] {
    [
      "condition_type": .string(conditionType), "condition_expression": JSONValue(conditionExpression),
      "condition_label": JSONValue(conditionLabel), "enabled": .bool(enabled),
      "source_job_id": JSONValue(sourceJobID), "source_trigger_id": JSONValue(sourceTriggerID),
      "target_job_id": JSONValue(targetJobID),
    ]
  }

  /// Reads fields as tolerantly as documents need it.
  public init(id: String, fields: [String: JSONValue]) {
    self.init(
      id: id, conditionType: fields.text("condition_type"),
      conditionExpression: fields["condition_expression"]?.string, conditionLabel: fields["condition_label"]?.string,
      enabled: fields["enabled"]?.bool ?? true, sourceJobID: fields["source_job_id"]?.string,
      sourceTriggerID: fields["source_trigger_id"]?.string, targetJobID: fields["target_job_id"]?.string)
  }
}

extension [String: JSONValue] {
  fileprivate func text(_ key: String) -> String { self[key]?.string ?? "" }
}
