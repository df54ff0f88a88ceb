public import Workflow

/// What rows and repository last agreed on.
public struct SyncBase: Hashable, Sendable {
  /// The contents of the workflows, by id.
  public var workflows: [String: WorkflowContent]
  /// The project's own fields; nil before the first sync.
  public var settings: JSONValue?
  /// Of the project's files; nil before the first sync.
  public var digest: String?

  public init(workflows: [String: WorkflowContent] = [:], settings: JSONValue? = nil, digest: String? = nil) {
    self.workflows = workflows
    self.settings = settings
    self.digest = digest
  }
}

/// Where a sync left the repository.
public struct SyncPoint: Hashable, Sendable {
  public var commit: String
  public var format: String
  public var base: SyncBase

  public init(commit: String, format: String, base: SyncBase) {
    self.commit = commit
    self.format = format
    self.base = base
  }
}

/// What a pull makes of a project.
public struct SyncedProject: Sendable {
  public var project: ProjectContent
  /// What both sides had changed differently, by workflow.
  public var conflicts: [String: [Conflict]]
  public var base: SyncBase

  public init(project: ProjectContent, conflicts: [String: [Conflict]] = [:], base: SyncBase) {
    self.project = project
    self.conflicts = conflicts
    self.base = base
  }
}
