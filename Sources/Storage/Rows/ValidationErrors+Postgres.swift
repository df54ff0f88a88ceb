import Workflow

extension ValidationErrors {
  /// What a writer is told when a constraint of the database refuses a workflow; nil where the error is none of that
  /// kind.
  init?(_ error: PostgresError, _ content: WorkflowContent) {
    guard let state = error.sqlState, state.hasPrefix("23") || state.hasPrefix("22") else { return nil }
    self.init()
    switch error.constraint {
    case "workflows_name_taken": add("name", "a workflow with this name already exists in this project.")
    case "workflows_name_blank": add("name", "can't be blank")
    case "workflows_concurrency_positive": add("concurrency", "must be greater than or equal to 1")
    case "workflows_project_id_fkey": add("base", "the project of this workflow does not exist any more")
    case "workflows_pkey": add("id", "has already been taken")
    case "jobs_name_taken": add(.jobs, named(in: error, content), "name", "job name has already been taken")
    case "jobs_project_credential":
      addCredential(error, "project_credential_id", content.jobs.map { ($0.id, $0.projectCredentialID) })
    case "jobs_keychain_credential":
      addCredential(error, "keychain_credential_id", content.jobs.map { ($0.id, $0.keychainCredentialID) })
    case "triggers_custom_path_taken":
      let taken = content.triggers.filter { trigger in trigger.customPath.map { error.names($0) } ?? false }
      for trigger in taken { add(.triggers, trigger.id, "custom_path", "has already been taken") }
    case .some(let constraint): add("base", "violates the rule \(constraint)")
    case nil: add("base", "contains an invalid value: \(error.message)")
    }
    if isEmpty { add("base", error.description) }
  }

  private func named(in error: PostgresError, _ content: WorkflowContent) -> String {
    let job = content.jobs.first { job in
      error.names(String(job.name.lowercased().map { $0 == "-" ? " " : $0 }))
    }
    return job?.id ?? ""
  }

  private mutating func addCredential(_ error: PostgresError, _ field: String, _ uses: [(String, String?)]) {
    for (job, credential) in uses {
      guard let credential, error.names(credential) else { continue }
      add(.jobs, job, field, "credential doesn't exist or isn't available in this project")
    }
  }
}

extension PostgresError {
  /// Whether the key that the error is about has this value: "Key (…)=(…, value) …".
  fileprivate func names(_ value: String) -> Bool {
    guard let detail, let start = detail.firstRange(of: ")=(")?.upperBound else { return false }
    return detail[start...].contains(value)
  }
}
