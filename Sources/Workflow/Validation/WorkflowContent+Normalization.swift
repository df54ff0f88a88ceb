extension WorkflowContent {
  /// The content as the rows hold it: names trimmed, and the fields that follow from others set.
  public func normalized() -> WorkflowContent {
    var content = self
    content.name = name.trimmed()
    content.jobs = jobs.map { $0.normalized() }
    content.triggers = triggers.map { $0.normalized() }
    content.edges = edges.map { $0.normalized() }
    content.positions = positions.flatMap { $0.isEmpty ? nil : $0 }
    return content
  }
}

extension Job {
  func normalized() -> Job {
    var job = self
    job.name = name.trimmed()
    job.adaptor = adaptor?.trimmed().nonEmpty ?? Job.defaultAdaptor
    job.projectCredentialID = projectCredentialID?.nonEmpty
    job.keychainCredentialID = keychainCredentialID?.nonEmpty
    return job
  }
}

extension Trigger {
  /// What a schedule without an expression runs at: every midnight.
  public static let defaultCronExpression = "0 0 * * *"
  /// When a webhook without a choice of its own answers.
  public static let defaultWebhookReply = "before_start"

  func normalized() -> Trigger {
    var trigger = self
    trigger.customPath = customPath?.nonEmpty
    trigger.cronCursorJobID = cronCursorJobID?.nonEmpty
    switch type {
    case "webhook":
      trigger.cronExpression = nil
      trigger.cronCursorJobID = nil
      trigger.webhookReply = webhookReply?.nonEmpty ?? Trigger.defaultWebhookReply
    case "cron":
      trigger.cronExpression = cronExpression?.trimmed().nonEmpty ?? Trigger.defaultCronExpression
      trigger.webhookReply = nil
      trigger.customPath = nil
    default: break
    }
    // Lists in texts are spelled as rows give them back.
    trigger.kafkaConfiguration =
      type == "kafka"
      ? kafkaConfiguration.flatMap { KafkaConfiguration.documentForm(ofRow: .object(KafkaConfiguration.lists(of: $0))) }
      : nil
    return trigger
  }
}

extension Edge {
  func normalized() -> Edge {
    var edge = self
    edge.sourceJobID = sourceJobID?.nonEmpty
    edge.sourceTriggerID = sourceTriggerID?.nonEmpty
    edge.targetJobID = targetJobID?.nonEmpty
    edge.conditionExpression = conditionExpression?.nonEmpty
    edge.conditionLabel = conditionLabel?.nonEmpty
    // A trigger always starts its workflow.
    if edge.sourceTriggerID != nil { edge.enabled = true }
    return edge
  }
}

extension String {
  /// Without white space at either end.
  func trimmed() -> String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  var nonEmpty: String? { isEmpty ? nil : self }
}
