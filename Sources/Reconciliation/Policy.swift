/// How each part of a workflow is merged, and who stands when both sides changed it differently.
///
/// A policy decides winners only. What one side alone changed is taken over under every policy, and the version that did
/// not win is in the conflict record.
public struct Policy: Hashable, Sendable {
  /// What a part of a workflow is to the merge.
  public enum Kind: Hashable, Sendable {
    /// One value; null, absent and "" are the same.
    case scalar
    /// A text in which both sides' changes are kept.
    case text
    /// An object merged key by key.
    case map
    /// Entities known by their id, in no order.
    case set
    /// Several fields, or a structured value, that only make sense together.
    case atomic
    /// Always as the database has it.
    case serverOwned
  }

  /// Whose version the document shows after both sides changed the same thing.
  public enum Winner: Hashable, Sendable {
    case database, live
  }

  /// One line of the table: the parts it is about (`*` stands for one path component) and how they are merged.
  public struct Rule: Hashable, Sendable {
    public var path: [String]
    public var kind: Kind
    public var winner: Winner
    /// The document's keys that make up this part, where it is not one key of the same name.
    public var fields: [String]

    init(_ path: String, _ kind: Kind, _ winner: Winner = .database, fields: [String] = []) {
      self.path = path.split(separator: ".").map(String.init)
      self.kind = kind
      self.winner = winner
      self.fields = fields.isEmpty ? self.path.suffix(1) : fields
    }
  }

  /// The table; of several rules that match, the first counts.
  public private(set) var rules: [Rule]

  /// The database's value stands where a value can only be one (an import is a deliberate act, which the next save must not
  /// silently undo); texts keep both; where nodes lie on the canvas is the people's who look at it.
  public static let standard = Policy(rules: [
    Rule("workflow.id", .serverOwned),
    Rule("workflow.lock_version", .serverOwned),
    Rule("workflow.deleted_at", .serverOwned),
    Rule("workflow.name", .scalar),
    Rule("workflow.concurrency", .scalar),
    Rule("workflow.enable_job_logs", .scalar),

    Rule("jobs", .set),
    Rule("jobs.*.name", .scalar),
    Rule("jobs.*.body", .text),
    Rule("jobs.*.adaptor", .scalar),
    Rule("jobs.*.credential", .atomic, fields: ["project_credential_id", "keychain_credential_id"]),

    Rule("triggers", .set),
    Rule("triggers.*.type", .scalar),
    Rule("triggers.*.enabled", .scalar),
    Rule("triggers.*.cron_expression", .scalar),
    Rule("triggers.*.cron_cursor_job_id", .scalar),
    Rule("triggers.*.webhook_reply", .scalar),
    Rule("triggers.*.custom_path", .scalar),
    Rule("triggers.*.comment", .scalar),
    Rule("triggers.*.kafka_configuration", .map),
    Rule("triggers.*.webhook_response_config", .map),

    Rule("edges", .set),
    Rule("edges.*.source", .atomic, fields: ["source_job_id", "source_trigger_id"]),
    Rule("edges.*.target_job_id", .scalar),
    Rule("edges.*.condition_type", .scalar),
    Rule("edges.*.condition_expression", .scalar),
    Rule("edges.*.condition_label", .scalar),
    Rule("edges.*.enabled", .scalar),

    Rule("positions", .map),
    Rule("positions.*", .atomic, .live),
  ])

  /// This policy with another winner for the parts that `path` names, for instance `"jobs.*.name"`.
  public func withWinner(_ winner: Winner, for path: String) -> Policy {
    var policy = self
    for index in rules.indices where rules[index].path == path.split(separator: ".").map(String.init) {
      policy.rules[index].winner = winner
    }
    return policy
  }

  /// The rule for the part at `path`. What no rule names belongs to the nearest part around it that has one.
  func rule(for path: [String]) -> Rule {
    for length in stride(from: path.count, to: 0, by: -1) {
      if let rule = rules.first(where: { $0.matches(path.prefix(length)) }) { return rule }
    }
    return Rule(path.joined(separator: "."), .scalar)
  }

  /// The parts an entity of `collection` ("jobs", "triggers", "edges"), or the workflow itself, consists of.
  func units(of collection: String) -> [Rule] {
    let depth = collection == "workflow" ? 2 : 3
    return rules.filter { $0.path.first == collection && $0.path.count == depth }
  }
}

extension Policy.Rule {
  /// The last component: what the part is called in paths of conflicts.
  var name: String { path[path.count - 1] }

  fileprivate func matches(_ other: ArraySlice<String>) -> Bool {
    path.count == other.count && zip(path, other).allSatisfy { $0 == "*" || $0 == $1 }
  }
}
