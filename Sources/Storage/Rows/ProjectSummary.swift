/// A project as lists show it.
public struct ProjectSummary: Hashable, Sendable {
  public var id: String
  public var name: String
  public var description: String?
  /// Without deleted ones, by name.
  public var workflows: [WorkflowSummary]
}

/// A workflow as lists show it.
public struct WorkflowSummary: Hashable, Sendable {
  public var id: String
  public var name: String
  public var lockVersion: Int
  public var jobCount: Int
  /// How many conflicts wait for a decision.
  public var openConflicts: Int
  /// Who has it open; nil for nobody.
  public var presence: DocumentPresence?
}
