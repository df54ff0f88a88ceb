/// A project as lists show it.
public struct ProjectSummary: Hashable, Sendable {
  public var id: String
  public var name: String
  public var description: String?
  /// Without deleted ones, with those that were never saved, by name.
  public var workflows: [WorkflowSummary]
}

/// A workflow as lists show it.
public struct WorkflowSummary: Hashable, Sendable {
  public var id: String
  public var name: String
  public var lockVersion: Int
  public var jobCount: Int
  /// How many conflicts wait for a decision.
  public var openConflicts: Int
  /// Whether it was never saved: it has a document, and no rows. Its name is the one it began with.
  public var isNew: Bool
  /// Who has it open; nil for nobody.
  public var presence: DocumentPresence?
}

/// Whom a list of projects is for.
public enum ProjectViewer: Hashable, Sendable {
  case everybody
  /// A user, who sees the projects that he is a member of.
  case member(String)
  /// The repository that is connected to a project, which sees that one.
  case repository(projectID: String)

  var ids: (member: String?, project: String?) {
    switch self {
    case .everybody: (nil, nil)
    case .member(let id): (id, nil)
    case .repository(let id): (nil, id)
    }
  }
}
