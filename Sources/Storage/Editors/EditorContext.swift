import Workflow

/// What an editor shows around a workflow: who uses it, where the workflow is, and what it is connected to.
public struct EditorContext: Hashable, Sendable {
  /// A user as editors show one.
  public struct User: Hashable, Sendable {
    public var id: String
    public var email: String
    public var firstName: String?
    public var lastName: String?
    public var insertedAt: String
  }

  public struct Project: Hashable, Sendable {
    public var id: String
    public var name: String
  }

  /// The git repository that a project is connected to.
  public struct Repository: Hashable, Sendable {
    public var id: String
    public var repo: String
    public var branch: String
  }

  /// Nil where nobody says who they are.
  public var user: User?
  /// Nil where the project is gone.
  public var project: Project?
  public var repository: Repository?
}

extension EditorContext {
  static func read(projectID: String, userID: String?, _ connection: PostgresConnection) throws -> EditorContext {
    let users = try connection.execute(.contextUser, .uuid(userID ?? ""))
    let projects = try connection.execute(.contextProject, .uuid(projectID))
    var context = EditorContext()
    if !users.isEmpty {
      context.user = User(
        id: users.uuid(0, 0), email: users.text(0, 1), firstName: users.optionalText(0, 2),
        lastName: users.optionalText(0, 3), insertedAt: users.text(0, 4))
    }
    if !projects.isEmpty {
      context.project = Project(id: projects.uuid(0, 0), name: projects.text(0, 1))
      context.repository = projects.optionalUUID(0, 2).map {
        Repository(id: $0, repo: projects.text(0, 3), branch: projects.text(0, 4))
      }
    }
    return context
  }
}

extension Store {
  /// What an editor shows around the workflows of a project. `userID` is who uses it, nil where nobody says.
  public func readEditorContext(
    projectID: String, userID: String?, _ completion: @escaping Completion<EditorContext>
  ) {
    read(completion) { try EditorContext.read(projectID: projectID, userID: userID, $0) }
  }
}

extension Statement {
  fileprivate static let contextUser = Statement(
    "context_user",
    "select id, email, first_name, last_name, \(Records.time("inserted_at")) from users where id = $1")
  fileprivate static let contextProject = Statement(
    "context_project",
    """
    select p.id, p.name, c.id, c.repo, c.branch
    from projects p left join project_repo_connections c on c.project_id = p.id where p.id = $1
    """)
}
