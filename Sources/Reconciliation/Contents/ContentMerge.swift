public import Workflow

/// What a three-way merge of contents came to.
public struct ContentMerge: Hashable, Sendable {
  /// What both sides come to together. Nothing in it refers to what is not in it.
  public var content: WorkflowContent
  /// What both sides had changed differently. Nobody's editor had part in it, so they name none.
  public var conflicts: [Conflict]

  public init(content: WorkflowContent, conflicts: [Conflict] = []) {
    self.content = content
    self.conflicts = conflicts
  }
}
