import Workflow

/// Which workflow an id belongs to, among those of the project; and which ids belong to other projects.
///
/// A class, so that the workflows of an import look into one table, and none keeps a copy of it.
final class IDOwners {
  private let foreign: Set<String>
  private var owners: [String: String] = [:]

  init(of project: ProjectContent?, foreign: Set<String>) {
    self.foreign = foreign
    for workflow in project?.workflows ?? [] { add(workflow.content) }
  }

  /// Notes the ids of a workflow. What has an owner keeps it.
  func add(_ content: WorkflowContent) {
    let ids = content.jobs.map(\.id) + content.triggers.map(\.id) + content.edges.map(\.id)
    for id in [content.id] + ids where owners[id] == nil { owners[id] = content.id }
  }

  /// Whether the id belongs to something that is not in the workflow.
  func isTaken(_ id: String, outside workflowID: String?) -> Bool {
    foreign.contains(id) || (owners[id].map { $0 != workflowID } ?? false)
  }
}
