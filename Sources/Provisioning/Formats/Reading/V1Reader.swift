import Workflow

/// Reads project YAML v1: maps of things, keyed by name.
struct V1Reader {
  let reading: FileReading

  init(_ reading: FileReading) {
    self.reading = reading
  }

  private static let workflowKeys = ["name", "jobs", "triggers", "edges"]

  func project(_ root: YAMLNode, _ map: inout FileMap) -> ProjectSpecification? {
    let keys = ["name", "description", "collections", "credentials", "workflows"]
    guard let reader = MapReader(root, FilePath(), reading, keys: keys) else { return nil }
    var project = ProjectSpecification(name: reader.text("name") ?? "", description: reader.text("description"))
    for member in reader.named("collections") {
      let path = FilePath() / "collections" / member.key
      let name = member.value.isNull ? nil : MapReader(member.value, path, reading, keys: ["name"])?.text("name")
      project.collections.append(CollectionSpecification(key: member.key, name: name ?? member.key))
      map.collections.append(path)
    }
    for member in reader.named("credentials") {
      let path = FilePath() / "credentials" / member.key
      guard let credential = credential(member, path) else { continue }
      project.credentials.append(credential)
      map.credentials.append(path)
    }
    for member in reader.named("workflows") {
      let path = FilePath() / "workflows" / member.key
      guard let workflow = workflow(member.value, path, key: member.key, &map) else { continue }
      project.workflows.append(workflow)
    }
    return project
  }

  private func credential(_ member: YAMLMember, _ path: FilePath) -> CredentialSpecification? {
    guard let reader = MapReader(member.value, path, reading, keys: ["name", "owner"]) else { return nil }
    for key in ["name", "owner"] where reader.text(key)?.isEmpty ?? true { reader.report(key, "can't be blank") }
    return CredentialSpecification(key: member.key, name: reader.text("name") ?? "", owner: reader.text("owner") ?? "")
  }

  /// A workflow of a project, under its key, or one that is a file of its own.
  func workflow(_ node: YAMLNode, _ path: FilePath, key: String?, _ map: inout FileMap) -> WorkflowSpecification? {
    guard let reader = MapReader(node, path, reading, keys: Self.workflowKeys) else { return nil }
    let name = reader.text("name") ?? key ?? ""
    var workflow = WorkflowSpecification(key: key ?? NaturalKey.hyphenated(name), name: name)
    var places = FileMap.Workflow(path: path)
    for member in reader.named("jobs") {
      guard let job = job(member, path / "jobs" / member.key, workflow.key) else { continue }
      workflow.jobs.append(job)
      places.jobs.append(path / "jobs" / member.key)
    }
    let jobs = Set(workflow.jobs.map(\.key))
    for member in reader.named("triggers") {
      guard let trigger = trigger(member, path / "triggers" / member.key, jobs) else { continue }
      workflow.triggers.append(trigger)
      places.triggers.append(path / "triggers" / member.key)
    }
    let nodes = NodeKeys(jobs: jobs, triggers: Set(workflow.triggers.map(\.key)))
    for member in reader.named("edges") {
      guard let edge = edge(member, path / "edges" / member.key, nodes) else { continue }
      workflow.edges.append(edge)
      places.edges.append(path / "edges" / member.key)
    }
    map.workflows.append(places)
    return workflow
  }

  private func job(_ member: YAMLMember, _ path: FilePath, _ workflow: String) -> JobSpecification? {
    let keys = ["name", "adaptor", "credential", "body"]
    guard let reader = MapReader(member.value, path, reading, keys: keys) else { return nil }
    return JobSpecification(
      key: member.key, name: reader.text("name") ?? member.key,
      body: reader.body("body", for: ProjectFile.BodyPlace(workflow: workflow, job: member.key)) ?? "",
      adaptor: reader.text("adaptor") ?? Job.defaultAdaptor, credential: reader.text("credential"))
  }

  private func trigger(_ member: YAMLMember, _ path: FilePath, _ jobs: Set<String>) -> TriggerSpecification? {
    let keys = [
      "type", "enabled", "cron_expression", "cron_cursor_job", "webhook_reply", "custom_path", "comment",
      "kafka_configuration", "webhook_response_config",
    ]
    guard let reader = MapReader(member.value, path, reading, keys: keys) else { return nil }
    var trigger = TriggerSpecification(key: member.key, type: reader.text("type") ?? "")
    trigger.enabled = reader.bool("enabled") ?? true
    trigger.cronExpression = reader.text("cron_expression")
    trigger.cronCursorJob = reader.jobKey("cron_cursor_job", among: jobs)
    trigger.webhookReply = reader.text("webhook_reply")
    trigger.customPath = reader.text("custom_path")
    trigger.comment = reader.text("comment")
    trigger.kafkaConfiguration = reader.kafka("kafka_configuration")
    trigger.webhookResponseConfig = reader.json("webhook_response_config")
    return trigger
  }

  private func edge(_ member: YAMLMember, _ path: FilePath, _ nodes: NodeKeys) -> EdgeSpecification? {
    let keys = [
      "source_trigger", "source_job", "target_job", "condition_type", "condition_label", "condition_expression",
      "enabled",
    ]
    guard let reader = MapReader(member.value, path, reading, keys: keys) else { return nil }
    guard let source = source(reader, nodes) else { return nil }
    if !reader.has("target_job") { reader.report("target_job", "the key of a job is expected here") }
    let target = reader.jobKey("target_job", among: nodes.jobs)
    if reader["target_job"] != nil, target == nil { return nil }
    var edge = EdgeSpecification(key: member.key, source: source, target: target)
    edge.conditionType = reader.text("condition_type") ?? "always"
    edge.conditionExpression = reader.text("condition_expression")
    edge.conditionLabel = reader.text("condition_label")
    edge.enabled = reader.bool("enabled") ?? true
    if edge.target != nil { checkKey(of: edge, member, path) }
    return edge
  }

  private func source(_ reader: MapReader, _ nodes: NodeKeys) -> EdgeSpecification.Source? {
    switch (reader.text("source_trigger"), reader.text("source_job")) {
    case (let trigger?, nil):
      guard reader.nodeKey("source_trigger", among: nodes.triggers, what: "trigger") != nil else { return nil }
      return .trigger(trigger)
    case (nil, let job?):
      guard reader.jobKey("source_job", among: nodes.jobs) != nil else { return nil }
      return .job(job)
    case (nil, nil): reader.report("source_job", "source_job or source_trigger must be present")
    default: reader.report("source_job", "source_job and source_trigger are mutually exclusive")
    }
    return nil
  }

  /// People read the keys of edges, and other tools take them for granted.
  private func checkKey(of edge: EdgeSpecification, _ member: YAMLMember, _ path: FilePath) {
    let said = "\(edge.source.key)->\(edge.target ?? "")"
    guard member.key.contains("->"), member.key != said else { return }
    // Of several edges between the same jobs each has a number.
    let rest = member.key.dropFirst(said.count)
    if member.key.hasPrefix(said), rest.first == "-", rest.dropFirst().allSatisfy(\.isNumber) { return }
    reading.report(path, member.mark, "the key says another edge than the fields, which say \(said)")
  }
}

/// The keys that edges of a workflow may name.
struct NodeKeys {
  var jobs: Set<String>
  var triggers: Set<String>
}

extension MapReader {
  /// The key of a job of the same workflow.
  func jobKey(_ key: String, among jobs: Set<String>) -> String? {
    nodeKey(key, among: jobs, what: "job")
  }

  /// The key of a job or trigger of the same workflow; nil, and a problem, where there is none of that key.
  func nodeKey(_ key: String, among nodes: Set<String>, what: String) -> String? {
    guard let name = text(key) else { return nil }
    if nodes.contains(name) { return name }
    report(key, "there is no \(what) \(name.debugDescription) in the workflow" + Spelling.question(name, among: nodes))
    return nil
  }

  /// The configuration of a Kafka trigger, as a provisioning document has it.
  func kafka(_ key: String) -> [String: JSONValue]? {
    let keys = ["hosts", "topics", "initial_offset_reset_policy", "connect_timeout", "group_id", "sasl", "ssl"]
    guard let value = self[key] else { return nil }
    guard let reader = MapReader(value, path / key, reading, keys: keys, ignored: KafkaConfiguration.secretKeys) else {
      return nil
    }
    var members: [String: JSONValue] = [:]
    for secret in KafkaConfiguration.secretKeys.sorted() where reader[secret] != nil {
      reader.report(secret, "credentials can only be changed through the dashboard")
    }
    if reader.has("hosts") {
      members["hosts"] = .array(
        reader.texts("hosts").map { host in
          .array(host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { .string(String($0)) })
        })
    }
    if reader.has("topics") { members["topics"] = .array(reader.texts("topics").map(JSONValue.string)) }
    for key in ["initial_offset_reset_policy", "group_id", "sasl"] where reader.has(key) {
      members[key] = JSONValue(reader.text(key))
    }
    if reader.has("connect_timeout") { members["connect_timeout"] = reader.number("connect_timeout") ?? .null }
    if reader.has("ssl") { members["ssl"] = JSONValue(reader.bool("ssl")) }
    return members
  }

  /// A list of texts.
  func texts(_ key: String) -> [String] {
    list(key).enumerated().compactMap { index, element in
      if case .scalar(let text, _) = element.value, !element.isNull { return text }
      reading.report((path / key).element(index, label: nil), element.mark, "text is expected here")
      return nil
    }
  }

  private func number(_ key: String) -> JSONValue? {
    guard let value = json(key) else { return nil }
    if case .number = value { return value }
    report(key, "a number is expected here")
    return nil
  }
}
