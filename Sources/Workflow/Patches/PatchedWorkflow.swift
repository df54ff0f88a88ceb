/// What a patch made of a workflow's JSON, read strictly: what a document cannot hold is refused. Whether it can be saved is
/// not asked.
struct PatchedWorkflow {
  private let json: JSONValue
  private let old: WorkflowContent
  private let shown: JSONValue
  private static let keys: Set<String> = [
    "id", "name", "concurrency", "enable_job_logs", "jobs", "triggers", "edges", "positions", "lock_version",
    "deleted_at",
  ]

  /// `shown` is the JSON of `old` that was patched.
  init(_ json: JSONValue, of old: WorkflowContent, _ shown: JSONValue) {
    self.json = json
    self.old = old
    self.shown = shown
  }

  func content() throws(PatchError) -> WorkflowContent {
    let fields = try PatchedFields(json, at: JSONPointer([]), keys: Self.keys)
    for key in WorkflowPatch.serverOwned.sorted() where (json[key] ?? .null) != (shown[key] ?? .null) {
      throw PatchError(.invalid, at: "/\(key)", "only the server writes this")
    }
    var content = old
    content.name = try fields.text("name") ?? ""
    content.concurrency = try fields.wholeNumber("concurrency")
    content.enableJobLogs = try fields.bool("enable_job_logs")
    content.jobs = try elements("jobs", old.jobs)
    content.triggers = try elements("triggers", old.triggers)
    content.edges = try elements("edges", old.edges)
    content.positions = try positions(fields)
    removeReferences(to: nodes(of: old).subtracting(nodes(of: content)), from: &content)
    try checkEdges(content)
    return content
  }

  private func nodes(of content: WorkflowContent) -> Set<String> {
    Set(content.jobs.map(\.id) + content.triggers.map(\.id))
  }

  /// What the patch did not touch goes with what it leads to.
  private func removeReferences(to gone: Set<String>, from content: inout WorkflowContent) {
    guard !gone.isEmpty else { return }
    let known = Set(old.edges)
    content.edges.removeAll { edge in
      known.contains(edge)
        && [edge.sourceJobID, edge.sourceTriggerID, edge.targetJobID].contains { $0.map(gone.contains) == true }
    }
    for index in content.triggers.indices where content.triggers[index].cronCursorJobID.map(gone.contains) == true {
      content.triggers[index].cronCursorJobID = nil
    }
    for node in gone { content.positions?[node] = nil }
  }

  // MARK: Lists

  private func elements<Entity: PatchedEntity>(_ collection: String, _ old: [Entity]) throws(PatchError) -> [Entity] {
    guard json[collection] != shown[collection] else { return old }
    guard let list = json[collection]?.array else {
      throw PatchError(.invalid, at: "/\(collection)", "expected is a list")
    }
    let known = Dictionary(old.map { ($0.id, $0) }) { first, _ in first }
    var seen: Set<String> = []
    var entities: [Entity] = []
    for (index, element) in list.enumerated() {
      let place = JSONPointer([collection, "\(index)"])
      let fields = try PatchedFields(element, at: place, keys: Entity.keys)
      let id = try fields.text("id") ?? ""
      guard known[id] != nil || (DocumentName.isUUID(id) && id == id.lowercased()) else {
        throw PatchError(
          .invalid, at: "\(place)/id", "expected is a uuid in lower case; whoever adds an element makes one")
      }
      guard seen.insert(id).inserted else {
        throw PatchError(.invalid, at: "\(place)/id", "another element of the list has this id")
      }
      entities.append(try Entity(id: id, patched: fields, isNew: known[id] == nil))
    }
    return entities
  }

  private func positions(_ fields: PatchedFields) throws(PatchError) -> [String: JSONValue]? {
    guard let positions = try fields.object("positions")?.object, !positions.isEmpty else { return nil }
    for (node, position) in positions.sorted(by: { $0.key < $1.key }) where position != old.positions?[node] {
      let place = JSONPointer(["positions", node])
      let fields = try PatchedFields(position, at: place, keys: ["x", "y"])
      for key in ["x", "y"] where fields.number(key) == nil {
        throw PatchError(.invalid, at: "\(place)/\(key)", "expected is a number")
      }
    }
    return positions
  }

  /// An edge that the patch writes leads from something to something.
  private func checkEdges(_ content: WorkflowContent) throws(PatchError) {
    let known = Set(old.edges)
    let (jobs, triggers) = (Set(content.jobs.map(\.id)), Set(content.triggers.map(\.id)))
    for (index, edge) in content.edges.enumerated() where !known.contains(edge) {
      let place = JSONPointer(["edges", "\(index)"])
      func check(_ key: String, _ id: String?, _ nodes: Set<String>, _ what: String) throws(PatchError) {
        guard let id, !nodes.contains(id) else { return }
        throw PatchError(.invalid, at: "\(place)/\(key)", "there is no \(what) '\(id)' in this workflow")
      }
      try check("source_job_id", edge.sourceJobID, jobs, "job")
      try check("source_trigger_id", edge.sourceTriggerID, triggers, "trigger")
      try check("target_job_id", edge.targetJobID, jobs, "job")
      guard edge.targetJobID != nil, edge.sourceJobID != nil || edge.sourceTriggerID != nil else {
        throw PatchError(
          .invalid, at: "\(place)",
          "an edge leads from source_trigger_id or source_job_id to target_job_id, and one of these is not set")
      }
    }
  }
}

/// What lists of a workflow hold, as patches write it.
private protocol PatchedEntity {
  static var keys: Set<String> { get }
  var id: String { get }
  /// What a new element does not say is as the model has it by default; what one that was there does not say is not set.
  init(id: String, patched: PatchedFields, isNew: Bool) throws(PatchError)
}

extension Job: PatchedEntity {
  static let keys: Set<String> = [
    "id", "name", "body", "adaptor", "project_credential_id", "keychain_credential_id",
  ]

  init(id: String, patched: PatchedFields, isNew: Bool) throws(PatchError) {
    self.init(
      id: id, name: try patched.text("name") ?? "", body: try patched.text("body") ?? "",
      adaptor: try patched.has("adaptor") || !isNew ? patched.text("adaptor") : Job.defaultAdaptor,
      projectCredentialID: try patched.text("project_credential_id"),
      keychainCredentialID: try patched.text("keychain_credential_id"))
  }
}

extension Trigger: PatchedEntity {
  static let keys: Set<String> = [
    "id", "type", "enabled", "cron_expression", "cron_cursor_job_id", "webhook_reply", "custom_path", "comment",
    "kafka_configuration", "webhook_response_config",
  ]
  /// What rows have and documents do not.
  private static let rowKeys = KafkaConfiguration.secretKeys.union(["hosts", "topics"])

  init(id: String, patched: PatchedFields, isNew: Bool) throws(PatchError) {
    let kafka = try patched.object("kafka_configuration")
    for key in Self.rowKeys.sorted() where kafka?[key] != nil {
      throw PatchError(
        .invalid, at: "\(patched.place)/kafka_configuration/\(key)",
        "not part of documents: they have hosts_string and topics_string, and no secrets")
    }
    self.init(
      id: id, type: try patched.text("type") ?? (isNew ? "webhook" : ""),
      enabled: try patched.bool("enabled") ?? isNew, cronExpression: try patched.text("cron_expression"),
      cronCursorJobID: try patched.text("cron_cursor_job_id"), webhookReply: try patched.text("webhook_reply"),
      customPath: try patched.text("custom_path"), comment: try patched.text("comment"), kafkaConfiguration: kafka,
      webhookResponseConfig: patched.value("webhook_response_config"))
  }
}

extension Edge: PatchedEntity {
  static let keys: Set<String> = [
    "id", "condition_type", "condition_expression", "condition_label", "enabled", "source_job_id", "source_trigger_id",
    "target_job_id",
  ]

  init(id: String, patched: PatchedFields, isNew: Bool) throws(PatchError) {
    self.init(
      id: id, conditionType: try patched.text("condition_type") ?? (isNew ? "always" : ""),
      conditionExpression: try patched.text("condition_expression"),
      conditionLabel: try patched.text("condition_label"), enabled: try patched.bool("enabled") ?? true,
      sourceJobID: try patched.text("source_job_id"), sourceTriggerID: try patched.text("source_trigger_id"),
      targetJobID: try patched.text("target_job_id"))
  }
}
