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
  public static func parse(
    _ bytes: [UInt8], named name: String, limits: FormatLimits = FormatLimits()
  ) throws(FileProblems) -> ProjectState {
    var reader = ProjectStateReader(name, limits)
    let state = reader.state(bytes)
    guard let state, reader.problems.isEmpty else { throw FileProblems(reader.problems) }
    return state
  }

  /// The state of a project as it is, under the keys that its exports as v1 have. Deleted workflows are left out.
  public init(of project: ProjectContent) {
    self.init(id: project.id, name: project.name)
    let specification = ProjectSpecification(project)
    let live = project.workflows.filter { $0.deletedAt == nil }
    for (rows, workflow) in zip(live, specification.workflows) {
      workflows[workflow.key] = WorkflowIDs(rows.content, workflow)
    }
    for (collection, key) in zip(project.collections, specification.collections.map(\.key)) {
      collections[key] = collection.id
    }
    let keys = Dictionary(specification.credentials.map { ($0.reference, $0.key) }) { first, _ in first }
    for credential in project.credentials.reversed() {
      if let key = keys[credential.reference] { credentials[key] = credential.id }
    }
  }

  /// The state as a file. Equal states give equal bytes.
  public var text: String {
    JSONText.pretty([
      "id": JSONValue(id), "name": JSONValue(name),
      "workflows": .object(workflows.mapValues(\.json)),
      "project_credentials": Self.json(credentials), "collections": Self.json(collections),
    ])
  }

  fileprivate static func json(_ ids: [String: String]) -> JSONValue {
    .object(ids.mapValues { ["id": .string($0)] })
  }
}

extension ProjectState.WorkflowIDs {
  /// The ids of a workflow under the keys of its specification, which has its jobs and triggers in the same order.
  fileprivate init(_ content: WorkflowContent, _ workflow: WorkflowSpecification) {
    self.init(id: content.id, name: content.name)
    jobs = Dictionary(zip(workflow.jobs.map(\.key), content.jobs.map(\.id))) { first, _ in first }
    triggers = Dictionary(zip(workflow.triggers.map(\.key), content.triggers.map(\.id))) { first, _ in first }
    let nodes = Set(jobs.values).union(triggers.values)
    let ids = content.edges.filter { ($0.sourceTriggerID ?? $0.sourceJobID).map(nodes.contains) ?? false }.map(\.id)
    edges = Dictionary(zip(workflow.edges.map(\.key), ids)) { first, _ in first }
  }

  fileprivate var json: JSONValue {
    [
      "id": .string(id), "name": JSONValue(name), "jobs": ProjectState.json(jobs),
      "triggers": ProjectState.json(triggers), "edges": ProjectState.json(edges),
    ]
  }
}
