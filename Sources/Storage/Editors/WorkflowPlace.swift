/// Where a workflow is that somebody names by its id and a project.
public struct WorkflowPlace: Hashable, Sendable {
  /// Whether the project that was named exists.
  public var hasProject: Bool
  /// The project that the workflow is in, or will be when it is saved for the first time; nil where there is no such workflow.
  public var projectID: String?
  /// Whether the version that was named was saved; false where none was named.
  public var hasVersion: Bool
}

extension WorkflowPlace {
  static func read(
    _ workflowID: String, version: Int?, inProject projectID: String, _ connection: PostgresConnection
  ) throws -> WorkflowPlace {
    let rows = try connection.execute(
      .workflowPlace, .uuid(workflowID), version.map { .int4($0) } ?? .null, .uuid(projectID))
    return WorkflowPlace(
      hasProject: rows.bool(0, 0), projectID: rows.optionalUUID(0, 1), hasVersion: rows.bool(0, 2))
  }
}

extension Store {
  /// Where a workflow is, and whether the project and the version are there that it is named with.
  public func findWorkflow(
    _ id: String, version: Int?, inProject projectID: String, _ completion: @escaping Completion<WorkflowPlace>
  ) {
    read(completion) { try WorkflowPlace.read(id, version: version, inProject: projectID, $0) }
  }
}

extension Statement {
  /// The newest version may lack its snapshot, which is made when it is opened.
  fileprivate static let workflowPlace = Statement(
    "workflow_place",
    """
    select exists (select from projects where id = $3::uuid), coalesce(w.project_id, d.new_in_project),
      coalesce(w.lock_version = $2::int, false)
        or exists (select from workflow_snapshots s where s.workflow_id = w.id and s.lock_version = $2::int)
    from (values ($1::uuid)) as n (id) left join workflows w on w.id = n.id
      left join documents d on d.workflow_id = n.id
    """)
}
