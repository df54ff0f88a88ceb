import Workflow

/// Reads project YAML v2 in both of its dialects: lists of steps, each with what comes next.
struct V2Reader {
  let reading: FileReading
  /// Whether anything was written as only the dialect with `openfn` and expressions has it.
  private(set) var hasExpressions = false

  init(_ reading: FileReading) {
    self.reading = reading
  }

  /// What other tools keep in files for themselves.
  private static let ignored: Set<String> = ["cli", "history", "options", "sandbox", "version"]
  private static let ignoredOfOpenFn: Set<String> = [
    "concurrency", "created_at", "deleted_at", "enable_job_logs", "endpoint", "env", "fetched_at", "inserted_at",
    "lock_version", "name", "project_id", "updated_at",
  ]

  // MARK: Project

  mutating func project(_ root: YAMLNode, _ map: inout FileMap) -> ProjectSpecification? {
    let keys = ["id", "name", "description", "collections", "credentials", "workflows", "openfn"]
    guard let reader = MapReader(root, FilePath(), reading, keys: keys, ignored: Self.ignored) else { return nil }
    let name = reader.text("name") ?? reader.text("id") ?? ""
    var project = ProjectSpecification(
      id: openFn(of: reader)?.id("uuid"), name: name, description: reader.text("description"))
    for (index, element) in reader.list("collections").enumerated() {
      let path = (FilePath() / "collections").element(index, label: nil)
      guard let name = collection(element, path) else { continue }
      project.collections.append(CollectionSpecification(key: name, name: name))
      map.collections.append(path)
    }
    for (index, element) in reader.list("credentials").enumerated() {
      let path = (FilePath() / "credentials").element(index, label: nil)
      guard let credential = credential(element, path) else { continue }
      project.credentials.append(credential)
      map.credentials.append(path)
    }
    for (index, element) in reader.list("workflows").enumerated() {
      let path = (FilePath() / "workflows").element(index, label: Self.label(of: element))
      if let workflow = workflow(element, path, &map) { project.workflows.append(workflow) }
    }
    checkIDs(project.workflows.map(\.key), map.workflows.map(\.path), map.root)
    return project
  }

  /// What people call an element of a list.
  private static func label(of node: YAMLNode) -> String? {
    for key in ["id", "name"] { if case .scalar(let text, _)? = node[key]?.value, !text.isEmpty { return text } }
    return nil
  }

  private func collection(_ node: YAMLNode, _ path: FilePath) -> String? {
    if case .scalar(let text, _) = node.value { return text }
    return MapReader(node, path, reading, keys: ["name"])?.text("name")
  }

  private func credential(_ node: YAMLNode, _ path: FilePath) -> CredentialSpecification? {
    let keys = ["name", "owner"]
    guard let reader = MapReader(node, path, reading, keys: keys, ignored: ["uuid", "openfn"]) else { return nil }
    for key in keys where reader.text(key)?.isEmpty ?? true { reader.report(key, "can't be blank") }
    let (name, owner) = (reader.text("name") ?? "", reader.text("owner") ?? "")
    return CredentialSpecification(key: "\(owner)|\(name)", name: name, owner: owner)
  }

  private func openFn(of reader: MapReader, keys: [String] = []) -> MapReader? {
    reader["openfn"].flatMap {
      MapReader($0, reader.path / "openfn", reading, keys: ["uuid"] + keys, ignored: Self.ignoredOfOpenFn)
    }
  }

  private func checkIDs(_ ids: [String], _ paths: [FilePath], _ root: YAMLNode?) {
    var seen: [String: FilePath] = [:]
    for (id, path) in zip(ids, paths) {
      guard let root, let before = seen.updateValue(path, forKey: id), !reading.isFull else { continue }
      let line = before.mark(in: root).line
      reading.report(
        path / "id", (path / "id").mark(in: root), "the id \(id.debugDescription) is taken in line \(line)")
    }
  }

  // MARK: Workflows

  /// A workflow of a project, or one that is a file of its own.
  mutating func workflow(_ node: YAMLNode, _ path: FilePath, _ map: inout FileMap) -> WorkflowSpecification? {
    let possible = ["id", "name", "start", "steps", "openfn"]
    guard let reader = MapReader(node, path, reading, keys: possible, ignored: Self.ignored) else { return nil }
    let name = reader.text("name") ?? reader.text("id") ?? ""
    var workflow = WorkflowSpecification(key: reader.text("id") ?? NaturalKey.slug(name), name: name)
    workflow.id = openFn(of: reader)?.id("uuid")
    let steps = self.steps(reader)
    let keys = NodeKeys(
      jobs: Set(steps.lazy.filter { !$0.isTrigger }.map(\.key)),
      triggers: Set(steps.lazy.filter(\.isTrigger).map(\.key)))
    var places = FileMap.Workflow(path: path)
    for step in steps {
      if let type = step.reader.text("type") {
        workflow.triggers.append(trigger(step, type, keys))
        places.triggers.append(step.path)
      } else {
        workflow.jobs.append(job(step, workflow.key))
        places.jobs.append(step.path)
      }
      for (edge, path) in edges(from: step, among: keys) {
        workflow.edges.append(edge)
        places.edges.append(path)
      }
    }
    checkIDs(steps.map(\.key), steps.map(\.path), map.root)
    if let start = reader.text("start"), !keys.jobs.contains(start), !keys.triggers.contains(start) {
      reader.report("start", missing(start, keys.jobs.union(keys.triggers)))
    }
    map.workflows.append(places)
    return workflow
  }

  /// A step, before it is known what it means.
  private struct Step {
    var key: String
    var isTrigger: Bool
    var reader: MapReader
    var path: FilePath { reader.path }
  }

  private static let triggerKeys = [
    "id", "name", "type", "enabled", "cron_expression", "cron_cursor", "webhook_reply", "custom_path", "comment",
    "kafka_configuration", "webhook_response_config", "next", "openfn",
  ]
  private static let jobKeys = ["id", "name", "adaptor", "adaptors", "expression", "configuration", "next", "openfn"]

  private func steps(_ workflow: MapReader) -> [Step] {
    workflow.list("steps").enumerated().compactMap { index, element in
      let path = (workflow.path / "steps").element(index, label: Self.label(of: element))
      let isTrigger = element["type"] != nil
      guard let reader = MapReader(element, path, reading, keys: isTrigger ? Self.triggerKeys : Self.jobKeys) else {
        return nil
      }
      guard let key = reader.text("id") ?? reader.text("name").map(NaturalKey.slug), !key.isEmpty else {
        reader.report("id", "can't be blank")
        return nil
      }
      return Step(key: key, isTrigger: isTrigger, reader: reader)
    }
  }

  private func missing(_ key: String, _ keys: Set<String>) -> String {
    "there is no step \(key.debugDescription) in the workflow" + Spelling.question(key, among: keys)
  }

  private mutating func job(_ step: Step, _ workflow: String) -> JobSpecification {
    let reader = step.reader
    var job = JobSpecification(key: step.key, name: reader.text("name") ?? step.key, body: "")
    job.id = openFn(of: reader)?.id("uuid")
    job.body = reader.body("expression", for: ProjectFile.BodyPlace(workflow: workflow, job: step.key)) ?? ""
    job.credential = reader.text("configuration")
    if let adaptor = reader.text("adaptor") { job.adaptor = adaptor }
    guard reader.has("adaptors") else { return job }
    hasExpressions = true
    let adaptors = reader.texts("adaptors")
    if reader.has("adaptor") { reader.report("adaptors", "adaptor and adaptors are mutually exclusive") }
    if adaptors.count > 1 { reader.report("adaptors", "a job has one adaptor") }
    if let adaptor = adaptors.first { job.adaptor = adaptor }
    return job
  }

  private mutating func trigger(_ step: Step, _ type: String, _ steps: NodeKeys) -> TriggerSpecification {
    let names = ["cron", "cron_expression", "cron_cursor", "webhook_reply", "kafka", "kafka_configuration"]
    let openFn = openFn(of: step.reader, keys: names + ["custom_path", "comment", "webhook_response_config"])
    var trigger = TriggerSpecification(key: step.key, id: openFn?.id("uuid"), type: type)
    trigger.enabled = step.reader.bool("enabled") ?? true
    trigger.cronExpression = field(step, openFn, ["cron_expression", "cron"]) { $0.text($1) }
    trigger.cronCursorJob = field(step, openFn, ["cron_cursor"]) { $0.jobKey($1, among: steps.jobs) }
    trigger.webhookReply = field(step, openFn, ["webhook_reply"]) { $0.text($1) }
    trigger.customPath = field(step, openFn, ["custom_path"]) { $0.text($1) }
    trigger.comment = field(step, openFn, ["comment"]) { $0.text($1) }
    trigger.kafkaConfiguration = field(step, openFn, ["kafka_configuration", "kafka"]) { $0.kafka($1) }
    trigger.webhookResponseConfig = field(step, openFn, ["webhook_response_config"]) { $0.json($1) }
    return trigger
  }

  /// A field of a trigger, which stands on its step or below `openfn`.
  private mutating func field<Value>(
    _ step: Step, _ openFn: MapReader?, _ keys: [String], _ read: (MapReader, String) -> Value?
  ) -> Value? {
    var found: Value?
    var count = 0
    for reader in [step.reader, openFn].compactMap({ $0 }) {
      for key in keys where reader[key] != nil {
        count += 1
        if count > 1 { reader.report(key, "is given twice") } else { found = read(reader, key) }
        if reader.path != step.path { hasExpressions = true }
      }
    }
    return found
  }

  // MARK: Edges

  private mutating func edges(from step: Step, among steps: NodeKeys) -> [(EdgeSpecification, FilePath)] {
    guard let next = step.reader["next"] else { return [] }
    let path = step.path / "next"
    switch next.value {
    case .scalar(let target, _):
      hasExpressions = true
      return edge(step, target, steps, path, next.mark).map { [($0, path)] } ?? []
    case .map(let members):
      return members.compactMap { member in
        let place = path / member.key
        guard var edge = edge(step, member.key, steps, place, member.mark) else { return nil }
        if !member.value.isNull { read(member.value, place, into: &edge) }
        return (edge, place)
      }
    case .list:
      step.reader.report("next", "the id of a step is expected here, or a map of such ids to conditions")
      return []
    }
  }

  private func edge(
    _ step: Step, _ target: String, _ steps: NodeKeys, _ path: FilePath, _ mark: YAMLMark
  ) -> EdgeSpecification? {
    guard steps.jobs.contains(target) else {
      let isTrigger = steps.triggers.contains(target)
      let message = isTrigger ? "\(target) is a trigger, and an edge leads to a job" : missing(target, steps.jobs)
      reading.report(path, mark, message)
      return nil
    }
    return EdgeSpecification(
      key: "\(step.key)->\(target)", source: step.isTrigger ? .trigger(step.key) : .job(step.key), target: target)
  }

  private mutating func read(_ node: YAMLNode, _ path: FilePath, into edge: inout EdgeSpecification) {
    guard node.members != nil else { return read(condition: node, path, into: &edge) }
    let keys = ["condition", "label", "disabled", "enabled", "openfn"]
    guard let reader = MapReader(node, path, reading, keys: keys) else { return }
    if let condition = reader["condition"] { read(condition: condition, path / "condition", into: &edge) }
    edge.conditionLabel = reader.text("label")
    if let isDisabled = reader.bool("disabled") { edge.enabled = !isDisabled }
    if let isEnabled = reader.bool("enabled") {
      if reader.has("disabled") { reader.report("enabled", "enabled and disabled are mutually exclusive") }
      edge.enabled = isEnabled
    }
    guard let openFn = openFn(of: reader, keys: ["condition_type", "condition_expression"]) else { return }
    edge.id = openFn.id("uuid")
    if let type = openFn.text("condition_type") {
      if type == "js_expression" { edge.conditionExpression = reader.text("condition") }
      edge.conditionType = type
    }
    if let expression = openFn.text("condition_expression") { edge.conditionExpression = expression }
  }

  private mutating func read(condition node: YAMLNode, _ path: FilePath, into edge: inout EdgeSpecification) {
    guard case .scalar(let text, let isPlain) = node.value else {
      return reading.report(path, node.mark, "the name of a condition or an expression is expected here")
    }
    if isPlain, text == "true" || text == "false" {
      edge.enabled = text == "true"
    } else if let type = EdgeCondition.type(of: text) {
      if EdgeCondition.isExpression(text) { hasExpressions = true }
      edge.conditionType = type
    } else {
      edge.conditionType = "js_expression"
      edge.conditionExpression = text
    }
  }
}
