public import Workflow

/// What became of a `ServerCommit` that the database could be asked about.
public enum CommitOutcome: Hashable, Sendable {
  case committed(CommitResult)
  /// Somebody else was faster. Nothing was done.
  case stale(Staleness)
  /// The database does not accept the values; by field. Nothing was done.
  case invalid(ValidationErrors)
  /// Who asked for it may not, or not any more. Nothing was done.
  case forbidden
  /// The workflow may not become active; says why. Nothing was done.
  case limited(String)

  /// What differs from what the commit was computed against.
  public enum Staleness: Hashable, Sendable {
    /// The rows were changed, or deleted.
    case rows
    /// Another node wrote to the document, or merged the rows already.
    case document
    /// Somebody decided about the branch since it was read.
    case branch
  }
}
