public import Workflow

/// A project with its workflows as they were in saved versions.
public enum PinnedProject: Hashable, Sendable {
  /// Only the workflows that the versions are of. Versions have neither positions nor settings: those are as by default.
  case found(ProjectContent)
  /// The ids among those of the snapshots that are none of this project's.
  case unknown([String])
  /// The workflows of which more than one version was asked for.
  case ambiguous([String])

  static func read(
    _ id: String, snapshots: [String], _ connection: PostgresConnection
  ) throws -> PinnedProject? {
    guard var project = try ProjectReader.read(id, connection) else { return nil }
    let versions = try VersionReader.find(snapshots: snapshots, ofProject: id, connection)
    let unknown = snapshots.filter { versions[$0] == nil }
    guard unknown.isEmpty else { return .unknown(unknown) }
    let byWorkflow = Dictionary(grouping: versions.values) { $0.content.id }
    let ambiguous = byWorkflow.filter { $0.value.count > 1 }.keys.sorted()
    guard ambiguous.isEmpty else { return .ambiguous(ambiguous) }
    project.workflows = project.workflows.compactMap { byWorkflow[$0.content.id]?.first }
    return .found(project)
  }
}

extension Store {
  /// The ids of the projects that have a name; of many the first ones.
  public func findProjects(named name: String, _ completion: @escaping Completion<[String]>) {
    read(completion) { connection in
      let rows = try connection.execute(.projectsNamed, .text(name))
      return (0..<rows.count).map { rows.uuid($0, 0) }
    }
  }

  /// A project with the workflows that these snapshots hold, as they were then; nil where there is no such project.
  public func readProject(
    _ id: String, snapshots: [String], _ completion: @escaping Completion<PinnedProject?>
  ) {
    read(completion) { try PinnedProject.read(id, snapshots: snapshots, $0) }
  }
}

extension Statement {
  fileprivate static let projectsNamed = Statement(
    "projects_named", "select id from projects where name = $1 order by id limit 10")
}
