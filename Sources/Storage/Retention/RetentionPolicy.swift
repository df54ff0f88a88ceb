/// What may be let go of that is not part of any document: saved versions of workflows, and the audit of projects. Nothing, unless
/// somebody says so: only whoever runs the platform knows how long they are wanted.
///
/// What anything else refers to is kept whatever the policy says, see `SavedVersions`.
public struct RetentionPolicy: Hashable, Sendable {
  /// How many saved versions of each workflow are kept in any case, the newest ones.
  public var versions = 200
  /// How long those behind them are kept; zero: for ever.
  public var versionAge = Duration.zero
  /// How long entries of the audit of projects are kept; zero: for ever.
  public var auditAge = Duration.zero
  /// How much is let go of in one transaction.
  public var batch = 500

  public init() {}

  /// Whether anything is ever let go of.
  var letsGo: Bool { versionAge > .zero || auditAge > .zero }
}

/// What is let go of by policy.
public enum RetainedKind: String, CaseIterable, Sendable {
  case versions
  case projectAudit = "project_audit"
}

/// What was let go of, or waits for that.
public struct RetentionCount: Hashable, Sendable {
  /// By kind; what is not there is 0.
  public private(set) var rows: [RetainedKind: Int] = [:]
  /// What they take in their tables, about.
  public private(set) var bytes = 0

  public init() {}

  init(_ kind: RetainedKind, rows: Int, bytes: Int) {
    self.rows[kind] = rows
    self.bytes = bytes
  }

  public subscript(kind: RetainedKind) -> Int { rows[kind] ?? 0 }

  /// All kinds together.
  public var total: Int { rows.values.reduce(0, +) }

  /// Never below nothing: more may have become due since they were counted.
  static func -= (total: inout RetentionCount, part: RetentionCount) {
    for (kind, rows) in part.rows { total.rows[kind] = max(0, total[kind] - rows) }
    total.bytes = max(0, total.bytes - part.bytes)
  }

  public static func += (total: inout RetentionCount, part: RetentionCount) {
    total.rows.merge(part.rows, uniquingKeysWith: +)
    total.bytes += part.bytes
  }
}
