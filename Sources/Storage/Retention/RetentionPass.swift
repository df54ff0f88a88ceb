/// One way through everything that a policy is about, in steps of which each is one short transaction. Where it stops nothing is
/// half done: the next one begins anew.
public struct RetentionPass: Sendable {
  private let policy: RetentionPolicy
  private var kinds = RetainedKind.allCases[...]
  /// What is looked at now, in order, and the last one that was found.
  private var owners: [String] = []
  private var last = Self.first

  private static let first = "00000000-0000-0000-0000-000000000000"

  init(_ policy: RetentionPolicy) {
    self.policy = policy
  }

  /// Whether everything was looked at.
  public var isOver: Bool { kinds.isEmpty }

  /// Lets go of a batch, and says of what.
  mutating func step(_ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    guard let kind = kinds.first else { return RetentionCount() }
    if owners.isEmpty {
      owners = try candidates(kind, connection)
      guard let found = owners.last else {
        kinds = kinds.dropFirst()
        last = Self.first
        return RetentionCount()
      }
      last = found
    }
    let dropped = try drop(kind, connection)
    if dropped.total < policy.batch {
      if kind == .versions { owners = [] } else { owners.removeFirst() }
    }
    return dropped
  }

  private func candidates(_ kind: RetainedKind, _ connection: PostgresConnection) throws(PostgresError) -> [String] {
    switch kind {
    case .versions: try SavedVersions.candidates(after: last, policy, connection)
    case .projectAudit: try ProjectAudits.candidates(after: last, policy, connection)
    }
  }

  private func drop(_ kind: RetainedKind, _ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    switch kind {
    case .versions: try SavedVersions.drop(of: owners, policy, connection)
    case .projectAudit: try ProjectAudits.drop(of: owners[0], policy, connection)
    }
  }

  /// What waits to be let go of.
  static func due(_ policy: RetentionPolicy, _ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    var count = try SavedVersions.due(policy, connection)
    count += try ProjectAudits.due(policy, connection)
    return count
  }
}
