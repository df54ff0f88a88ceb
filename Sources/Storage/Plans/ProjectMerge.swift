public import Workflow

/// What a project is to be, and what both sides of a merge had changed differently on the way there.
public struct ProjectMerge: Sendable {
  public var project: ProjectContent
  /// By the workflow's id. They come into the workflow's conflict inbox as a record of the kind `merge`: `live` is what the
  /// rows had before, `database` what was merged with it.
  public var conflicts: [String: [Conflict]]

  public init(project: ProjectContent, conflicts: [String: [Conflict]] = [:]) {
    self.project = project
    self.conflicts = conflicts
  }
}
