import Provisioning
import Storage
import Workflow

/// Why a sync failed. Neither rows nor repository were changed by it.
public struct SyncFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// For statuses and metrics: that of git, or one of ours.
  public let kind: String
  /// What is wrong, and what would be right.
  public let text: String
  /// Whether the same may work later without anybody doing something.
  public let isTemporary: Bool
  /// The commit that has what is wrong, where it is about one.
  public var commit: String?

  public init(_ kind: String, _ text: String, isTemporary: Bool = false) {
    self.kind = kind
    self.text = text
    self.isTemporary = isTemporary
  }

  public var description: String { text }

  static let pullOnly = SyncFailure(
    "pull_only", "the connection only reads the repository: connect it anew without --pull-only to write to it")
  static let noURL = SyncFailure("no_url", "the connection has no URL: it only has tokens")
  static let leaseLost = SyncFailure("lease_lost", "\(RepositoryError.leaseLost)", isTemporary: true)
  static let busy = SyncFailure(
    "busy", "another sync of this connection goes on for too long; try again later", isTemporary: true)
  static let neverSynced = SyncFailure(
    "never_synced",
    "the repository has a project that was never brought together with this one: pull it first ('heddle sync'), so that "
      + "nothing is overwritten")
  static let stopped = SyncFailure("stopped", "the server is ending", isTemporary: true)

  /// What went wrong in the repository.
  init(_ error: GitError) {
    self.init(error.kind.rawValue, "\(error)", isTemporary: error.isTemporary)
  }

  /// What went wrong when rows were written.
  init(importing error: any Error) {
    switch error {
    case let failure as SyncFailure: self = failure
    case let error as GitError: self.init(error)
    case let problems as FileProblems: self.init("invalid", "\(problems)")
    case let errors as ImportErrors: self.init("invalid", "the project is not valid: \(errors.json.text)")
    case let errors as ValidationErrors:
      self.init("refused", "the database refuses the project: \(errors.json.text)")
    case RepositoryError.leaseLost: self = .leaseLost
    case let error as RepositoryError: self.init("gone", "\(error)")
    case let error as StoreError: self.init("store", "\(error)", isTemporary: true)
    default: self.init("failed", "\(error)", isTemporary: true)
    }
  }

  /// The longest text that is kept.
  private static let maximumCharacters = 10_000

  /// As it is kept.
  func record(retryAfter: Duration?) -> SyncFailureRecord {
    // The database takes no NUL.
    let text = String(text.prefix(Self.maximumCharacters)).replacing("\0", with: "\u{FFFD}")
    return SyncFailureRecord(kind: kind, text: text, retryAfter: retryAfter)
  }
}
