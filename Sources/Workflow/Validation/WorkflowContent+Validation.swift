extension WorkflowContent {
  /// Checks everything that can be checked without the database and throws all that is wrong.
  public func validate() throws(ValidationErrors) {
    var errors = ValidationErrors()
    validateWorkflow(&errors)
    for job in jobs { job.validate(in: self, &errors) }
    for trigger in triggers { trigger.validate(in: self, &errors) }
    for edge in edges { edge.validate(in: self, &errors) }
    validateJobNames(&errors)
    if !errors.isEmpty { throw errors }
  }

  private func validateWorkflow(_ errors: inout ValidationErrors) {
    if name.trimmed().isEmpty { errors.add("name", "can't be blank") }
    if name.unicodeScalars.count > 255 { errors.add("name", "should be at most 255 character(s)") }
    if name.contains("\0") { errors.add("name", "cannot contain null bytes") }
    if name.hasDeletionSuffix { errors.add("name", "cannot end with _del followed by digits") }
    if let concurrency, concurrency < 1 { errors.add("concurrency", "must be greater than or equal to 1") }
    if !DocumentName.isUUID(id) { errors.add("id", "is not a uuid") }
  }

  private func validateJobNames(_ errors: inout ValidationErrors) {
    var seen: Set<String> = []
    for job in jobs where !job.name.isEmpty {
      let key = String(job.name.lowercased().map { $0 == "-" ? " " : $0 })
      if !seen.insert(key).inserted { errors.add(.jobs, job.id, "name", "job name has already been taken") }
    }
  }
}

extension Job {
  func validate(in workflow: WorkflowContent, _ errors: inout ValidationErrors) {
    func add(_ field: String, _ message: String) { errors.add(.jobs, id, field, message) }
    if !DocumentName.isUUID(id) { add("id", "is not a uuid") }
    if name.trimmed().isEmpty {
      add("name", "job name can't be blank")
    } else {
      if name.unicodeScalars.count > 100 { add("name", "job name should be at most 100 character(s)") }
      if !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == " " }) {
        add("name", "job name has invalid format")
      }
    }
    if body.trimmed().isEmpty { add("body", "job body can't be blank") }
    if body.utf8.contains(0) { add("body", "cannot contain null bytes") }
    if (adaptor ?? "").trimmed().isEmpty { add("adaptor", "can't be blank") }
    if projectCredentialID != nil, keychainCredentialID != nil {
      let message = "cannot be set when the other credential type is also set"
      add("project_credential_id", message)
      add("keychain_credential_id", message)
    }
  }
}

extension Trigger {
  /// The types a trigger may have.
  public static let types = ["webhook", "cron", "kafka"]

  func validate(in workflow: WorkflowContent, _ errors: inout ValidationErrors) {
    func add(_ field: String, _ message: String) { errors.add(.triggers, id, field, message) }
    if !DocumentName.isUUID(id) { add("id", "is not a uuid") }
    if type.isEmpty { add("type", "can't be blank") } else if !Self.types.contains(type) { add("type", "is invalid") }
    if type == "cron", let cronExpression, !CronExpression.isValid(cronExpression) {
      add("cron_expression", "has to be a valid cron expression")
    }
    if let cronCursorJobID, !workflow.jobs.contains(where: { $0.id == cronCursorJobID }) {
      add("cron_cursor_job_id", "job doesn't exist, or is not in the same workflow")
    }
    if let webhookReply, !["before_start", "after_completion", "custom"].contains(webhookReply) {
      add("webhook_reply", "is invalid")
    }
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

  func validate(in workflow: WorkflowContent, _ errors: inout ValidationErrors) {
    func add(_ field: String, _ message: String) { errors.add(.edges, id, field, message) }
    if !DocumentName.isUUID(id) { add("id", "is not a uuid") }
    validateCondition(add)
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
    let jobs = Set(workflow.jobs.map(\.id))
    if let sourceJobID, !jobs.contains(sourceJobID) { add("source_job_id", message) }
    if let targetJobID, !jobs.contains(targetJobID) { add("target_job_id", message) }
    if let sourceTriggerID, !workflow.triggers.contains(where: { $0.id == sourceTriggerID }) {
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
      guard let value else { continue }
      if value.unicodeScalars.count > 255 { add(field, "should be at most 255 character(s)") }
      if value.utf8.contains(0) { add(field, "cannot contain null bytes") }
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
