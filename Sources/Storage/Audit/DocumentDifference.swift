/// Something about a stored document that does not fit together, as an audit found it. Says nothing of what the document holds.
public struct DocumentDifference: Hashable, Sendable {
  /// What does not fit.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// An entry or a checkpoint cannot be read, or what they make is no workflow.
    case unreadable
    /// The log lacks an entry, or has one too many.
    case hole
    /// The newest checkpoint lacks something that the log holds, or shows something else.
    case checkpoint
    /// What document and rows last agreed on is lost, or is not what the document held then.
    case base
    /// The rows of the revision that was merged last are not what was merged.
    case rows
    /// The document does not hold what servers wrote to it.
    case clock
    /// The history of the document is not the one that is noted.
    case lineage
    /// What is kept of who wrote the document cannot be read.
    case blame
    /// The records of merges go further than the document knows.
    case records
  }

  /// The workflow whose document it is.
  public var workflowID: String
  public var kind: Kind
  /// In words.
  public var detail: String

  public init(workflowID: String, kind: Kind, detail: String) {
    self.workflowID = workflowID
    self.kind = kind
    self.detail = detail
  }
}

/// A difference as it is kept until an audit finds that it is gone.
public struct KnownDifference: Hashable, Sendable {
  public var difference: DocumentDifference
  /// In ISO 8601: when it was found first, and last.
  public var foundAt: String
  public var seenAt: String
}
