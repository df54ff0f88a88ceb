/// What people edit in a workflow: the part of its rows that the document mirrors, without versions.
///
/// The order of jobs, triggers and edges is kept where it is known but carries no meaning.
public struct WorkflowContent: Hashable, Codable, Sendable {
  /// Lower-case uuid.
  public var id: String
  public var name: String
  /// How many runs may go on at once; nil is no limit.
  public var concurrency: Int?
  public var enableJobLogs: Bool?
  public var jobs: [Job]
  public var triggers: [Trigger]
  public var edges: [Edge]
  /// Node id → an opaque object, usually `{"x": …, "y": …}`. Nil where the rows have none; an empty map reads as nil.
  public var positions: [String: JSONValue]?

  public init(
    id: String, name: String, concurrency: Int? = nil, enableJobLogs: Bool? = true, jobs: [Job] = [],
    triggers: [Trigger] = [], edges: [Edge] = [], positions: [String: JSONValue]? = nil
  ) {
    self.id = id
    self.name = name
    self.concurrency = concurrency
    self.enableJobLogs = enableJobLogs
    self.jobs = jobs
    self.triggers = triggers
    self.edges = edges
    self.positions = positions
  }
}

/// A workflow as its rows hold it: the content, and the versions that say which state of the rows this is.
public struct WorkflowRows: Hashable, Codable, Sendable {
  public var content: WorkflowContent
  /// Lower-case uuid of the project.
  public var projectID: String
  /// Counts saves and imports, as people and clients know it.
  public var lockVersion: Int
  /// Changes with every change of the rows, whoever makes it, and never repeats. What reconciliation goes by.
  public var revision: Int64
  /// When the workflow was soft-deleted, in ISO 8601; nil while it lives.
  public var deletedAt: String?
  /// What wrote this revision, where it said so.
  public var provenance: Provenance

  public init(
    content: WorkflowContent, projectID: String, lockVersion: Int, revision: Int64, deletedAt: String? = nil,
    provenance: Provenance = .unknown
  ) {
    self.content = content
    self.projectID = projectID
    self.lockVersion = lockVersion
    self.revision = revision
    self.deletedAt = deletedAt
    self.provenance = provenance
  }
}
