public import YCRDT

/// What rows and document last agreed on, and which characters of the document that is.
///
/// The base is what makes a three-way merge possible: a difference between it and the rows is what somebody wrote to
/// the database, a difference between it and the document is what people have edited and not saved.
public struct Base: Hashable, Codable, Sendable {
  public var content: WorkflowContent
  /// The ids of exactly those characters of the document that spell the texts of `content`, deleted since or not.
  public var ids: IdSet
  /// What the document held then, unsaved edits included; nil where that is not known.
  public var stateVector: StateVector?
  /// The revision of the rows that `content` was read from.
  public var revision: Int64
  /// The revision of a base whose workflow has no rows: any more, or yet.
  public static let noRows: Int64 = 0
  public var lockVersion: Int

  public init(
    content: WorkflowContent, ids: IdSet, stateVector: StateVector? = nil, revision: Int64, lockVersion: Int
  ) {
    self.content = content
    self.ids = ids
    self.stateVector = stateVector
    self.revision = revision
    self.lockVersion = lockVersion
  }
}
