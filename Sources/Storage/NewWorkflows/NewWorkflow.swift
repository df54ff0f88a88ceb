import Workflow

/// What became of opening a workflow as a new one.
public enum NewWorkflowOutcome: Hashable, Sendable {
  /// It has a document, and no rows before it is saved for the first time. `name` is what it began with.
  case open(name: String, isMade: Bool)
  /// It was saved before, in this project: it is opened as any other.
  case saved
  /// Something else has this id: a workflow of another project, or one that is gone.
  case taken
  /// There is no such project.
  case noProject
}

/// Makes the document of a workflow that was never saved. Its rows come with the first save.
struct NewWorkflow {
  let id: String
  let projectID: String
  /// What somebody wants it to be called; nil for nothing.
  let name: String?
  let actor: Actor
  let connection: PostgresConnection

  /// One transaction. Of two that open the same one at once, one makes the document.
  func open() throws -> NewWorkflowOutcome {
    try connection.transaction {
      try Branches.lock(id, connection)
      let found = try connection.execute(.findNewWorkflow, .uuid(id), .uuid(projectID))
      guard found.bool(0, 0) else { return .noProject }
      if let project = found.optionalUUID(0, 1) { return project == projectID ? .saved : .taken }
      if found.bool(0, 2) {
        guard found.optionalUUID(0, 3) == projectID else { return .taken }
        return .open(name: found.text(0, 4), isMade: false)
      }
      return .open(name: try make(), isMade: true)
    }
  }

  private func make() throws -> String {
    let name = try WorkflowNames.free(self.name ?? "", in: projectID, besides: id, connection)
    let rows = WorkflowRows(
      content: WorkflowContent(id: id, name: name), projectID: projectID, lockVersion: 0, revision: Base.noRows,
      provenance: Provenance(.api, actor: actor))
    try DocumentSeeder.make(DocumentName(workflowID: id), rows, isNew: true, connection)
    return name
  }

  /// Lets go of those in which nobody has written anything for long.
  static let expiry: [Statement] = [.expireNewWorkflows]
}

/// The names that workflows have in a project.
enum WorkflowNames {
  /// A name like the wanted one that no other workflow of the project has, deleted and new ones included.
  static func free(
    _ wanted: String, in projectID: String, besides id: String?, _ connection: PostgresConnection
  ) throws -> String {
    let rows = try connection.execute(
      .takenNames, .uuid(projectID), id.map(Parameter.uuid) ?? .null, .text(WorkflowName.stem(of: wanted)))
    return WorkflowName.free(wanted, taken: Set((0..<rows.count).map { rows.text($0, 0) }))
  }
}

extension Statement {
  fileprivate static let findNewWorkflow = Statement(
    "find_new_workflow",
    """
    select exists (select from projects where id = $2), (select project_id from workflows where id = $1),
      d.workflow_id is not null, d.new_in_project, b.content->>'name'
    from (values ($1::uuid)) n (id) left join documents d on d.workflow_id = n.id
      left join document_bases b on b.workflow_id = n.id
    """)
  fileprivate static let takenNames = Statement(
    "taken_names",
    """
    select name from workflows
    where project_id = $1 and starts_with(name, $3) and id is distinct from $2::uuid
    union select b.content->>'name' from documents d join document_bases b using (workflow_id)
    where d.new_in_project = $1 and starts_with(b.content->>'name', $3) and d.workflow_id is distinct from $2::uuid
    """)
  fileprivate static let expireNewWorkflows = Statement(
    "expire_new_workflows",
    """
    with gone as (
      delete from documents d using (
        select workflow_id from documents where new_in_project is not null and last_sequence = 1
          and inserted_at < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
      ) old
      where d.new_in_project is not null and d.last_sequence = 1 and d.workflow_id = old.workflow_id
      returning d.workflow_id
    )
    delete from document_lineages l using gone where l.workflow_id = gone.workflow_id
    """)
}
