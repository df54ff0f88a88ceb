import Workflow

/// Writes project YAML v2, in one of its dialects.
struct V2Writer {
  let bodies: BodyFiles
  /// Whether fields of triggers stand under `openfn`, and conditions are expressions.
  let hasExpressions: Bool

  func value(_ project: ProjectSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = [("id", .text(NaturalKey.slug(project.name))), ("name", .text(project.name))]
    if let description = project.description { members.append(("description", .text(description))) }
    if !project.collections.isEmpty {
      members.append(("collections", .list(project.collections.map { .text($0.name) })))
    }
    if !project.credentials.isEmpty {
      let credentials = project.credentials.map { credential in
        YAMLValue.map([("name", .text(credential.name)), ("owner", .text(credential.owner))])
      }
      members.append(("credentials", .list(credentials)))
    }
    members.append(("workflows", .list(project.workflows.map(value))))
    return .map(members)
  }

  func value(_ workflow: WorkflowSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = [("id", .text(workflow.key)), ("name", .text(workflow.name))]
    if !hasExpressions, let start = workflow.triggers.first { members.append(("start", .text(start.key))) }
    let edges = Dictionary(grouping: workflow.edges, by: \.source)
    let triggers = workflow.triggers.map { value($0, edges[.trigger($0.key)] ?? []) }
    let jobs = workflow.jobs.map { value($0, workflow.key, edges[.job($0.key)] ?? []) }
    members.append(("steps", .list(triggers + jobs)))
    return .map(members)
  }

  private func value(_ job: JobSpecification, _ workflow: String, _ edges: [EdgeSpecification]) -> YAMLValue {
    var members: [(String, YAMLValue)] = [("id", .text(job.key)), ("name", .text(job.name))]
    members.append(hasExpressions ? ("adaptors", .list([.text(job.adaptor)])) : ("adaptor", .text(job.adaptor)))
    members.append(("expression", bodies.value(job, workflow)))
    if let credential = job.credential { members.append(("configuration", .text(credential))) }
    if !edges.isEmpty { members.append(("next", next(edges))) }
    return .map(members)
  }

  private func value(_ trigger: TriggerSpecification, _ edges: [EdgeSpecification]) -> YAMLValue {
    var members: [(String, YAMLValue)] = [
      ("id", .text(trigger.key)), ("name", .text(trigger.key)), ("enabled", .bool(trigger.enabled)),
      ("type", .text(trigger.type)),
    ]
    let fields = fields(of: trigger)
    if hasExpressions {
      if !fields.isEmpty { members.append(("openfn", .map(fields))) }
    } else {
      members += fields
    }
    if !edges.isEmpty { members.append(("next", next(edges))) }
    return .map(members)
  }

  private func fields(of trigger: TriggerSpecification) -> [(String, YAMLValue)] {
    var members: [(String, YAMLValue)] = []
    let (cron, kafka) = hasExpressions ? ("cron", "kafka") : ("cron_expression", "kafka_configuration")
    if let text = trigger.cronExpression { members.append((cron, .text(text))) }
    if let key = trigger.cronCursorJob { members.append(("cron_cursor", .text(key))) }
    if let text = trigger.webhookReply { members.append(("webhook_reply", .text(text))) }
    if let text = trigger.customPath { members.append(("custom_path", .text(text))) }
    if let text = trigger.comment { members.append(("comment", .text(text))) }
    if let configuration = trigger.kafkaValue { members.append((kafka, configuration)) }
    if let config = trigger.webhookResponseConfig { members.append(("webhook_response_config", YAMLValue(config))) }
    return members
  }

  // MARK: Edges

  private func next(_ edges: [EdgeSpecification]) -> YAMLValue {
    if hasExpressions, edges.count == 1, let edge = edges.first, edge.isBare { return .text(edge.target ?? "") }
    return .map(edges.map { ($0.target ?? "", value($0)) })
  }

  private func value(_ edge: EdgeSpecification) -> YAMLValue {
    var members: [(String, YAMLValue)] = []
    var extras: [(String, YAMLValue)] = []
    let isExpression = edge.conditionType == "js_expression" && edge.conditionExpression != nil
    if isExpression, let text = edge.conditionExpression {
      members.append(("condition", .text(text)))
      // An expression may be spelled like one of the conditions that have names.
      if EdgeCondition.type(of: text) != nil { extras.append(("condition_type", .text("js_expression"))) }
    } else if EdgeCondition.type(of: edge.conditionType) == edge.conditionType {
      let name = hasExpressions ? EdgeCondition.expression(of: edge.conditionType) : nil
      members.append(("condition", .text(name ?? edge.conditionType)))
    } else {
      extras.append(("condition_type", .text(edge.conditionType)))
    }
    if !isExpression, let text = edge.conditionExpression { extras.append(("condition_expression", .text(text))) }
    if let label = edge.conditionLabel { members.append(("label", .text(label))) }
    if !edge.enabled { members.append(("disabled", .bool(true))) }
    if !extras.isEmpty { members.append(("openfn", .map(extras))) }
    return .map(members)
  }
}

extension EdgeSpecification {
  /// Whether there is nothing to say of it but where it leads.
  fileprivate var isBare: Bool {
    conditionType == "always" && conditionExpression == nil && conditionLabel == nil && enabled && target != nil
  }
}
