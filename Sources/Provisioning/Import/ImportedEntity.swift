import Workflow

/// What the lists of an imported workflow hold.
protocol ImportedEntity: Equatable {
  static var collection: ValidationErrors.Collection { get }
  /// The keys that mean something in a document.
  static var keys: Set<String> { get }
  var id: String { get }
  /// One as it is where a document says nothing but its id.
  init(newID id: String)
  /// Takes over what the object says.
  mutating func read(_ node: inout ImportNode)
  /// What people call it, for errors to stand under.
  func label(_ names: NodeNames) -> String
}

/// What people call the ends of edges, by id.
struct NodeNames {
  private var names: [String: String] = [:]

  /// Where a job is gone from the new content, its edges are still called after it.
  init(_ content: WorkflowContent, before: WorkflowContent?) {
    for workflow in [before, content].compactMap({ $0 }) {
      for trigger in workflow.triggers { names[trigger.id] = trigger.type }
      for job in workflow.jobs { names[job.id] = job.name }
    }
  }

  /// The name of a node, "" where it is not known.
  subscript(id: String?) -> String { id.flatMap { names[$0] } ?? "" }
}

extension Job: ImportedEntity {
  static let collection = ValidationErrors.Collection.jobs
  static let keys: Set<String> = [
    "id", "name", "body", "adaptor", "project_credential_id", "keychain_credential_id", "delete",
  ]

  init(newID id: String) { self.init(id: id) }

  mutating func read(_ node: inout ImportNode) {
    node.read("name", into: &name)
    node.read("body", into: &body)
    node.read("adaptor", into: &adaptor)
    node.readID("project_credential_id", into: &projectCredentialID)
    node.readID("keychain_credential_id", into: &keychainCredentialID)
  }

  func label(_ names: NodeNames) -> String { name }
}

extension Trigger: ImportedEntity {
  static let collection = ValidationErrors.Collection.triggers
  static let keys: Set<String> = [
    "id", "type", "enabled", "cron_expression", "cron_cursor_job_id", "comment", "custom_path", "webhook_reply",
    "webhook_response_config", "kafka_configuration", "delete",
  ]

  init(newID id: String) { self.init(id: id, type: "") }

  mutating func read(_ node: inout ImportNode) {
    node.read("type", into: &type)
    node.read("enabled", into: &enabled)
    node.read("cron_expression", into: &cronExpression)
    node.readID("cron_cursor_job_id", into: &cronCursorJobID)
    node.read("custom_path", into: &customPath)
    node.read("comment", into: &comment)
    node.read("webhook_reply", into: &webhookReply)
    if let config = node.members["webhook_response_config"] {
      webhookResponseConfig = config.isNull ? JSONValue?.none : config
    }
    readKafkaConfiguration(&node)
  }

  func label(_ names: NodeNames) -> String { type }
}

extension Edge: ImportedEntity {
  static let collection = ValidationErrors.Collection.edges
  static let keys: Set<String> = [
    "id", "source_job_id", "source_trigger_id", "target_job_id", "condition_type", "condition_expression",
    "condition_label", "enabled", "delete",
  ]

  init(newID id: String) { self.init(id: id, conditionType: "") }

  mutating func read(_ node: inout ImportNode) {
    node.readID("source_job_id", into: &sourceJobID)
    node.readID("source_trigger_id", into: &sourceTriggerID)
    node.readID("target_job_id", into: &targetJobID)
    node.read("condition_type", into: &conditionType)
    node.read("condition_expression", into: &conditionExpression)
    node.read("condition_label", into: &conditionLabel)
    node.read("enabled", into: &enabled)
  }

  /// `source->target`; an end that is not known has no name.
  func label(_ names: NodeNames) -> String {
    "\(names[sourceJobID ?? sourceTriggerID])->\(names[targetJobID])"
  }
}
