/// What a workflow of a sandbox and the one of the parent that it came from last had in common: from that it is told which side
/// changed what since.
public struct SandboxBase: Hashable, Sendable {
  /// The sandbox's workflow.
  public var workflowID: String
  /// Under the ids that the parent has, the workflow's included.
  public var content: WorkflowContent
  /// By the id of a job, trigger, edge or credential of the sandbox, the one that it is in the parent.
  public var origins: [String: String]
  /// Counts the merges, from 1 on; 0 for one that is not stored yet.
  public var version: Int64

  public init(workflowID: String, content: WorkflowContent, origins: [String: String], version: Int64 = 0) {
    self.workflowID = workflowID
    self.content = content
    self.origins = origins
    self.version = version
  }
}
