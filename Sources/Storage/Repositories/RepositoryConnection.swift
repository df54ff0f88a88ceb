public import Workflow

/// The git repository that keeps a project, and how it is between the two.
public struct RepositoryConnection: Hashable, Sendable {
  /// Lower-case uuid; it names the connection in the path of its hooks.
  public var id: String
  public var projectID: String
  /// Nil where the project is gone.
  public var projectName: String?
  /// What people call the repository.
  public var name: String
  /// Where it is; nil where the connection only has tokens.
  public var url: String?
  public var branch: String
  /// The file that says where the project's files are; nil where it is looked for.
  public var configPath: String?
  /// Whether the repository is only read.
  public var isPullOnly: Bool
  /// What makes the secret of its hooks another one than before. No secret.
  public var hookNonce: String
  public var state: RepositoryState

  /// Who imports on behalf of the connection.
  public var actor: Actor { Actor(type: Actor.repositoryType, id: id, name: name) }
}

/// How the last sync went, and what is to come.
public struct RepositoryState: Hashable, Sendable {
  public enum Status: String, Hashable, Sendable {
    case idle, queued, syncing, failing
  }

  public var status: Status
  /// The commit that the project was last equal to; nil before the first sync.
  public var syncedCommit: String?
  /// In ISO 8601, like all times here.
  public var syncedAt: String?
  /// When the repository was last asked for news.
  public var checkedAt: String?
  /// How the repository writes the project, as the last sync found it.
  public var format: String?
  public var failure: Failure?

  /// What is wrong since when.
  public struct Failure: Hashable, Sendable {
    public var kind: String
    public var text: String
    public var since: String
    /// How often it was tried in vain.
    public var attempts: Int
    /// Nil where it is not tried again before there is news.
    public var nextAttemptAt: String?
  }
}

/// A connection that is to be made.
public struct NewRepositoryConnection: Hashable, Sendable {
  public var projectID: String
  public var name: String
  public var url: String?
  public var branch: String
  public var configPath: String?
  public var isPullOnly: Bool

  public init(
    projectID: String, name: String, url: String?, branch: String, configPath: String? = nil, isPullOnly: Bool = false
  ) {
    self.projectID = projectID
    self.name = name
    self.url = url
    self.branch = branch
    self.configPath = configPath
    self.isPullOnly = isPullOnly
  }
}
