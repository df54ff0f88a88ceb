extension WorkflowContent {
  /// Checks everything that can be checked without the database and throws all that is wrong. O(size of the workflow).
  public func validate() throws(ValidationErrors) {
    var errors = ValidationErrors()
    validateWorkflow(&errors)
    let nodes = Nodes(jobs: Set(jobs.map(\.id)), triggers: Set(triggers.map(\.id)))
    for job in jobs { job.validate { errors.add(.jobs, job.id, $0, $1) } }
    for trigger in triggers { trigger.validate(nodes) { errors.add(.triggers, trigger.id, $0, $1) } }
    for edge in edges { edge.validate(nodes) { errors.add(.edges, edge.id, $0, $1) } }
    validateJobNames(&errors)
    if !errors.isEmpty { throw errors }
  }

  /// What edges and triggers may refer to.
  struct Nodes {
    var jobs: Set<String>
    var triggers: Set<String>
  }

  private func validateWorkflow(_ errors: inout ValidationErrors) {
    if name.trimmed().isEmpty { errors.add("name", "can't be blank") }
    if name.unicodeScalars.count > 255 { errors.add("name", "should be at most 255 character(s)") }
    if name.hasDeletionSuffix { errors.add("name", "cannot end with _del followed by digits") }
    if let concurrency, concurrency < 1 { errors.add("concurrency", "must be greater than or equal to 1") }
    if let concurrency, concurrency > Int32.max {
      errors.add("concurrency", "must be less than or equal to \(Int32.max)")
    }
    errors.checkStorable(["name": .string(name), "positions": positions.map(JSONValue.object) ?? .null])
    if !DocumentName.isLowercaseUUID(id) { errors.add("id", "has to be a uuid in lower case") }
  }

  private func validateJobNames(_ errors: inout ValidationErrors) {
    var seen: Set<String> = []
    for job in jobs where !job.name.isEmpty {
      let key = String(job.name.lowercased().map { $0 == "-" ? " " : $0 })
      if !seen.insert(key).inserted { errors.add(.jobs, job.id, "name", "job name has already been taken") }
    }
  }
}

extension ValidationErrors {
  fileprivate mutating func checkStorable(_ fields: [String: JSONValue]) {
    JSONValue.checkStorable(fields) { add($0, $1) }
  }
}

extension JSONValue {
  /// How deep the values that rows take may be nested: what is stored has to be read again.
  static let maximumStoredDepth = 64

  /// Reports each field that Postgres would refuse or that could not be read again.
  fileprivate static func checkStorable(_ fields: [String: JSONValue], _ report: (String, String) -> Void) {
    for (field, value) in fields {
      if value.depth > maximumStoredDepth {
        report(field, "is nested deeper than \(maximumStoredDepth) levels")
      } else if value.containsNull {
        report(field, "cannot contain null bytes")
      }
    }
  }

  /// How many arrays and objects are inside each other at most.
  private var depth: Int {
    switch self {
    case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
    case .object(let members): 1 + (members.values.lazy.map(\.depth).max() ?? 0)
    default: 0
    }
  }

  private var containsNull: Bool {
    switch self {
    case .string(let text): text.utf8.contains(0)
    case .array(let elements): elements.contains(where: \.containsNull)
    case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.containsNull }
    default: false
    }
  }
}

extension Job {
  fileprivate func validate(_ add: (String, String) -> Void) {
    if !DocumentName.isLowercaseUUID(id) { add("id", "has to be a uuid in lower case") }
    if name.trimmed().isEmpty {
      add("name", "job name can't be blank")
    } else {
      if name.unicodeScalars.count > 100 { add("name", "job name should be at most 100 character(s)") }
      if !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == " " }) {
        add("name", "job name has invalid format")
      }
    }
    if body.allSatisfy(\.isWhitespace) { add("body", "job body can't be blank") }
    if (adaptor ?? "").trimmed().isEmpty { add("adaptor", "can't be blank") }
    if (adaptor ?? "").unicodeScalars.count > 255 { add("adaptor", "should be at most 255 character(s)") }
    JSONValue.checkStorable(fields, add)
    validateCredentials(add)
  }

  private func validateCredentials(_ add: (String, String) -> Void) {
    let credentials = ["project_credential_id": projectCredentialID, "keychain_credential_id": keychainCredentialID]
    let isBoth = projectCredentialID != nil && keychainCredentialID != nil
    for (field, id) in credentials {
      if let id, !DocumentName.isUUID(id) { add(field, "is invalid") }
      if isBoth { add(field, "cannot be set when the other credential type is also set") }
    }
  }
}

extension Trigger {
  /// The types a trigger may have.
  public static let types = ["webhook", "cron", "kafka"]

  fileprivate func validate(_ nodes: WorkflowContent.Nodes, _ add: (String, String) -> Void) {
    if !DocumentName.isLowercaseUUID(id) { add("id", "has to be a uuid in lower case") }
    if type.isEmpty { add("type", "can't be blank") } else if !Self.types.contains(type) { add("type", "is invalid") }
    if type == "cron", let cronExpression, !CronExpression.isValid(cronExpression) {
      add("cron_expression", "has to be a valid cron expression")
    }
    if let cronCursorJobID, !nodes.jobs.contains(cronCursorJobID) {
      add("cron_cursor_job_id", "job doesn't exist, or is not in the same workflow")
    }
    if let webhookReply, !["before_start", "after_completion", "custom"].contains(webhookReply) {
      add("webhook_reply", "is invalid")
    }
    if let hosts = kafkaConfiguration?["hosts_string"]?.string, !KafkaConfiguration.isHostList(hosts) {
      add("kafka_configuration", "hosts have to be given as host:port, host:port")
    }
    JSONValue.checkStorable(fields, add)
    validateCustomPath(add)
  }

  private func validateCustomPath(_ add: (String, String) -> Void) {
    guard let customPath else { return }
    let isAllowed = customPath.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    if !isAllowed || customPath.isEmpty || DocumentName.isUUID(customPath) { add("custom_path", "has invalid format") }
    if customPath.count > 255 { add("custom_path", "should be at most 255 character(s)") }
  }
}

extension Edge {
  /// The conditions an edge may have.
  public static let conditionTypes = ["always", "on_job_success", "on_job_failure", "js_expression"]

  fileprivate func validate(_ nodes: WorkflowContent.Nodes, _ add: (String, String) -> Void) {
    if !DocumentName.isLowercaseUUID(id) { add("id", "has to be a uuid in lower case") }
    validateCondition(add)
    validateEnds(nodes, add)
    JSONValue.checkStorable(fields, add)
  }

  private func validateEnds(_ nodes: WorkflowContent.Nodes, _ add: (String, String) -> Void) {
    if sourceJobID != nil, sourceTriggerID != nil {
      add("source_job_id", "source_job_id and source_trigger_id are mutually exclusive")
    }
    if sourceJobID == nil, sourceTriggerID == nil {
      add("source_job_id", "source_job_id or source_trigger_id must be present")
    }
    if let targetJobID, targetJobID == sourceJobID {
      add("target_job_id", "target job must be different from source job")
    }
    let message = "job doesn't exist, or is not in the same workflow"
    if let sourceJobID, !nodes.jobs.contains(sourceJobID) { add("source_job_id", message) }
    if let targetJobID, !nodes.jobs.contains(targetJobID) { add("target_job_id", message) }
    if let sourceTriggerID, !nodes.triggers.contains(sourceTriggerID) {
      add("source_trigger_id", "trigger doesn't exist, or is not in the same workflow")
    }
  }

  private func validateCondition(_ add: (String, String) -> Void) {
    if conditionType.isEmpty {
      add("condition_type", "can't be blank")
    } else if !Self.conditionTypes.contains(conditionType) {
      add("condition_type", "is invalid")
    } else if sourceTriggerID != nil, conditionType != "always", conditionType != "js_expression" {
      add("condition_type", "must be either 'always' or 'js_expression' when the source is a trigger")
    }
    if conditionType == "js_expression", (conditionExpression ?? "").trimmed().isEmpty {
      add("condition_expression", "can't be blank")
    }
    for (field, value) in [("condition_expression", conditionExpression), ("condition_label", conditionLabel)] {
      if let value, value.unicodeScalars.count > 255 { add(field, "should be at most 255 character(s)") }
    }
  }
}

extension String {
  /// Whether it ends with "_del" and perhaps digits, as the names of deleted workflows do.
  var hasDeletionSuffix: Bool {
    let stem = self[..<(lastIndex { !("0"..."9").contains($0) }.map { index(after: $0) } ?? startIndex)]
    return stem.hasSuffix("_del")
  }
}
