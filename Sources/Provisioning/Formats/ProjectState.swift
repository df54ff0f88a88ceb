public import Workflow

/// A state file: which ids the keys of a project file have in one place where it was deployed.
public struct ProjectState: Hashable, Sendable {
  /// The ids of a workflow and of what is in it.
  public struct WorkflowIDs: Hashable, Sendable {
    public var id: String
    public var name: String?
    public var jobs: [String: String]
    public var triggers: [String: String]
    public var edges: [String: String]

    public init(
      id: String, name: String? = nil, jobs: [String: String] = [:], triggers: [String: String] = [:],
      edges: [String: String] = [:]
    ) {
      self.id = id
      self.name = name
      self.jobs = jobs
      self.triggers = triggers
      self.edges = edges
    }
  }

  /// The project's id, where the file has one.
  public var id: String?
  public var name: String?
  /// By key in the project file.
  public var workflows: [String: WorkflowIDs]
  public var credentials: [String: String]
  public var collections: [String: String]

  public init(
    id: String? = nil, name: String? = nil, workflows: [String: WorkflowIDs] = [:], credentials: [String: String] = [:],
    collections: [String: String] = [:]
  ) {
    self.id = id
    self.name = name
    self.workflows = workflows
    self.credentials = credentials
    self.collections = collections
  }
}

extension ProjectState {
  /// Reads a state file. Keys that mean nothing here are skipped: other tools keep whole projects in it.
  public static func parse(_ bytes: [UInt8], named name: String) throws(FileProblems) -> ProjectState {
    ProjectState()
  }
}

extension ProjectState {
  /// The state of a project as it is, under the keys that its exports have.
  public init(of project: ProjectContent) {
    self.init(id: project.id, name: project.name)
  }

  /// The state as a file. Equal states give equal bytes.
  public var text: String { "" }
}
