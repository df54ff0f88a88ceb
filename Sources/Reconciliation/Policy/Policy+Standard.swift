extension Policy {
  /// The database's value stands where a value can only be one (an import is a deliberate act, which the next save must not
  /// silently undo); texts keep both; where nodes lie on the canvas is the people's who look at it.
  public static let standard = Policy(rules: [
    .serverOwned("workflow.id"),
    .serverOwned("workflow.lock_version"),
    .serverOwned("workflow.deleted_at"),
    .scalar("workflow.name"),
    .scalar("workflow.concurrency"),
    .scalar("workflow.enable_job_logs"),

    .entities("jobs", knownBy: ["name"]),
    .scalar("jobs.*.name"),
    .text("jobs.*.body", limits: .standard),
    .scalar("jobs.*.adaptor"),
    .atomic("jobs.*.credential", fields: ["project_credential_id", "keychain_credential_id"]),

    .entities("triggers", knownBy: ["type"]),
    .scalar("triggers.*.type"),
    .scalar("triggers.*.enabled"),
    .scalar("triggers.*.cron_expression"),
    .scalar("triggers.*.cron_cursor_job_id"),
    .scalar("triggers.*.webhook_reply"),
    .scalar("triggers.*.custom_path"),
    .scalar("triggers.*.comment"),
    .map("triggers.*.kafka_configuration"),
    .map("triggers.*.webhook_response_config"),

    .entities("edges", knownBy: ["source_job_id", "source_trigger_id", "target_job_id"]),
    .atomic("edges.*.source", fields: ["source_job_id", "source_trigger_id"]),
    .scalar("edges.*.target_job_id"),
    .scalar("edges.*.condition_type"),
    .scalar("edges.*.condition_expression"),
    .scalar("edges.*.condition_label"),
    .scalar("edges.*.enabled"),

    .entities("positions"),
    .atomic("positions.*", winner: .live),
  ])
}

extension Policy.Rule {
  static func scalar(_ path: String, winner: Policy.Winner = .database) -> Self {
    Self(path, .scalar, winner)
  }

  static func map(_ path: String, winner: Policy.Winner = .database) -> Self {
    Self(path, .map, winner)
  }

  static func atomic(_ path: String, winner: Policy.Winner = .database, fields: [String] = []) -> Self {
    Self(path, .atomic, winner, fields: fields)
  }

  static func text(_ path: String, limits: DiffLimits) -> Self {
    Self(path, .text, nil, limits: limits)
  }

  static func entities(_ path: String, knownBy naturalKey: [String] = []) -> Self {
    Self(path, .set, nil, naturalKey: naturalKey)
  }

  static func serverOwned(_ path: String) -> Self {
    Self(path, .serverOwned, nil)
  }

  private init(
    _ path: String, _ kind: Policy.Kind, _ winner: Policy.Winner?, fields: [String] = [], naturalKey: [String] = [],
    limits: DiffLimits? = nil
  ) {
    let path = path.split(separator: ".").map(String.init)
    self.init(
      path: path, kind: kind, winner: winner, fields: fields.isEmpty ? path.suffix(1) : fields,
      naturalKey: naturalKey, limits: limits)
  }
}
