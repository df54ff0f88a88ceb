import Workflow

/// Writes project YAML v1.
struct V1Writer {
  /// Where the bodies of jobs are that have files of their own.
  let bodies: BodyFiles

  func value(_ project: ProjectSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = [("name", .text(project.name))]
    if let description = project.description { members.append(("description", .text(description))) }
    if !project.collections.isEmpty {
      members.append(("collections", .map(project.collections.map { ($0.key, .map([("name", .text($0.name))])) })))
    }
    if !project.credentials.isEmpty {
      let credentials = project.credentials.map { credential in
        (credential.key, YAMLValue.map([("name", .text(credential.name)), ("owner", .text(credential.owner))]))
      }
      members.append(("credentials", .map(credentials)))
    }
    members.append(("workflows", .map(project.workflows.map { ($0.key, value($0)) })))
    return .map(members)
  }

  func value(_ workflow: WorkflowSpecification) -> YAMLValue {
    .map([
      ("name", .text(workflow.name)),
      ("jobs", .map(workflow.jobs.map { ($0.key, value($0, workflow.key)) })),
      ("triggers", .map(workflow.triggers.map { ($0.key, value($0)) })),
      ("edges", .map(workflow.edges.map { ($0.key, value($0)) })),
    ])
  }

  private func value(_ job: JobSpecification, _ workflow: String) -> YAMLValue {
    .map([
      ("name", .text(job.name)), ("adaptor", .text(job.adaptor)), ("credential", YAMLValue(job.credential)),
      ("body", bodies.value(job, workflow)),
    ])
  }

  private func value(_ trigger: TriggerSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = [("type", .text(trigger.type))]
    if let text = trigger.cronExpression { members.append(("cron_expression", .text(text))) }
    if let key = trigger.cronCursorJob { members.append(("cron_cursor_job", .text(key))) }
    if let text = trigger.webhookReply { members.append(("webhook_reply", .text(text))) }
    if let text = trigger.customPath { members.append(("custom_path", .text(text))) }
    if let text = trigger.comment { members.append(("comment", .text(text))) }
    members.append(("enabled", .bool(trigger.enabled)))
    if let kafka = trigger.kafkaValue { members.append(("kafka_configuration", kafka)) }
    if let config = trigger.webhookResponseConfig { members.append(("webhook_response_config", YAMLValue(config))) }
    return .map(members)
  }

  private func value(_ edge: EdgeSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = []
    switch edge.source {
    case .trigger(let key): members.append(("source_trigger", .text(key)))
    case .job(let key): members.append(("source_job", .text(key)))
    }
    members.append(("target_job", YAMLValue(edge.target)))
    members.append(("condition_type", .text(edge.conditionType)))
    if let text = edge.conditionLabel { members.append(("condition_label", .text(text))) }
    if let text = edge.conditionExpression { members.append(("condition_expression", .text(text))) }
    members.append(("enabled", .bool(edge.enabled)))
    return .map(members)
  }
}

extension TriggerSpecification {
  /// The configuration of a Kafka trigger, with hosts as `host:port`.
  var kafkaValue: YAMLValue? {
    guard let kafka = kafkaConfiguration else { return nil }
    let order = ["hosts", "topics", "initial_offset_reset_policy", "connect_timeout", "group_id", "sasl", "ssl"]
    let members: [(String, YAMLValue)] = order.compactMap { key in
      guard let value = kafka[key] else { return nil }
      guard key == "hosts" else { return (key, YAMLValue(value)) }
      let hosts = (value.array ?? []).map { host in
        (host.array ?? [host]).map { $0.string ?? $0.text }.joined(separator: ":")
      }
      return (key, .list(hosts.map { .text($0) }))
    }
    return .map(members)
  }
}
