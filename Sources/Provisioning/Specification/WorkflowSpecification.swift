/// A workflow as a file describes it.
public struct WorkflowSpecification: Hashable, Sendable {
  public var key: String
  /// Lower-case uuid.
  public var id: String?
  public var name: String
  public var jobs: [JobSpecification]
  public var triggers: [TriggerSpecification]
  public var edges: [EdgeSpecification]

  public init(
    key: String, id: String? = nil, name: String, jobs: [JobSpecification] = [], triggers: [TriggerSpecification] = [],
    edges: [EdgeSpecification] = []
  ) {
    self.key = key
    self.id = id
    self.name = name
    self.jobs = jobs
    self.triggers = triggers
    self.edges = edges
  }
}
