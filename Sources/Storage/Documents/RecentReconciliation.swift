public import Workflow

/// Something that a server did to a document, among those of all workflows.
public struct RecentReconciliation: Hashable, Sendable {
  public var workflowID: String
  /// As it is now; nil where there is no such workflow any more.
  public var workflowName: String?
  public var record: ReconciliationRecord
}
