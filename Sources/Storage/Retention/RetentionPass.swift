/// One way through everything that a policy is about, in steps of which each is one short transaction. Where it stops nothing is
/// half done: the next one begins anew.
public struct RetentionPass: Sendable {
  private let policy: RetentionPolicy
  private var kinds = RetainedKind.allCases[...]
  /// What is looked at now, in order, and the last one that was found.
  private var owners: [String] = []
  private var last = Self.first
  /// The versions of `owners` that stay since something refers to them.
  private var referencedVersions: [String] = []
  /// How many versions that is of all that were looked at.
  public private(set) var referenced = 0

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
        skipKind()
        return RetentionCount()
      }
      last = found
    }
    switch kind {
    case .versions: return try dropVersions(connection)
    case .projectAudit:
      let dropped = try ProjectAudits.drop(of: owners[0], policy, connection)
      if dropped.total < policy.batch { owners.removeFirst() }
      return dropped
    }
  }

  private mutating func dropVersions(_ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    let step = try SavedVersions.drop(of: owners, besides: referencedVersions, policy, connection)
    referenced += step.referenced.count
    referencedVersions += step.referenced
    if step.looked < policy.batch { (owners, referencedVersions) = ([], []) }
    return step.dropped
  }

  /// Goes on with what is of another kind: of this one nothing more can be let go of now.
  mutating func skipKind() {
    kinds = kinds.dropFirst()
    (owners, referencedVersions, last) = ([], [], Self.first)
  }

  private func candidates(_ kind: RetainedKind, _ connection: PostgresConnection) throws(PostgresError) -> [String] {
    switch kind {
    case .versions: try SavedVersions.candidates(after: last, policy, connection)
    case .projectAudit: try ProjectAudits.candidates(after: last, policy, connection)
    }
  }

  /// What waits to be let go of.
  static func due(_ policy: RetentionPolicy, _ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    var count = try SavedVersions.due(policy, connection)
    count += try ProjectAudits.due(policy, connection)
    return count
  }
}
