/// What somebody is to a project: all that permissions depend on.
public enum Capacity: Hashable, Sendable {
  /// No authentication is configured, and whoever reaches the server may do everything.
  case unchecked
  /// A person, with the role in the project if any.
  case user(Role?, isSuperuser: Bool)
  /// The connection of a git repository to this project.
  case repository
  /// Somebody whom the project does not concern, such as the connection of a repository to another one.
  case outsider

  /// Whether somebody in this capacity may do this: the one place that says who may do what.
  public func may(_ verb: Verb) -> Bool {
    switch self {
    case .unchecked: true
    case .user(let role, let isSuperuser): Self.may(verb, role, isSuperuser)
    case .repository: Self.repositoryVerbs.contains(verb)
    case .outsider: false
    }
  }

  private static func may(_ verb: Verb, _ role: Role?, _ isSuperuser: Bool) -> Bool {
    switch verb {
    case .connect: return true
    // These are about no project that anybody could be a member of.
    case .createProject, .operate: return isSuperuser
    default:
      guard let role, let least = leastRole(for: verb) else { return false }
      return role >= least
    }
  }

  /// The first role that may do something in a project; nil where no role makes a difference.
  private static func leastRole(for verb: Verb) -> Role? {
    switch verb {
    case .read, .export: .viewer
    case .edit, .save, .reset, .decide, .merge, .sync: .editor
    case .sandbox, .renew, .importing, .plan, .notify, .connectRepository: .admin
    case .createProject, .operate, .connect: nil
    }
  }

  /// A repository is read from and written to, and edits nothing by itself.
  private static let repositoryVerbs: Set<Verb> = [.read, .export, .importing, .plan, .notify, .sync]
}
