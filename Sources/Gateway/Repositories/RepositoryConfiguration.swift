public import Provisioning

/// How projects are kept in git repositories.
public struct RepositoryConfiguration: Sendable {
  /// Where the copies of the repositories are.
  public var folder: String
  /// How often repositories are asked for news by themselves; zero: never.
  public var pollInterval = Duration.seconds(60)
  /// How many connections are synced at once.
  public var workers = 2
  /// How long a connection stays with a server that says nothing any more. It is renewed three times as often.
  public var lease = Duration.seconds(30)
  /// How long after the first failure a sync is tried again; twice as long after each further one.
  public var retryDelay = Duration.seconds(5)
  /// The longest such time.
  public var retryLimit = Duration.seconds(900)
  /// How often a push begins anew because somebody else pushed in the meantime.
  public var pushAttempts = 5
  /// How long a save-and-sync waits while another sync of its connection goes on.
  public var requestTimeout = Duration.seconds(45)
  /// By how much the time that a message of a repository names may differ, and how long messages are remembered.
  public var hookReplayWindow = Duration.seconds(300)
  /// Messages of one repository that are remembered.
  public var maximumRememberedHooks = 10_000
  /// Bytes of a message of a repository.
  public var maximumHookBytes = 1 << 20
  /// Below which folder repositories on this machine may be that are connected over HTTP; nil: nowhere.
  public var localRepositories: String?
  /// Who commits, where it is not known who wrote.
  public var committer = GitPerson(name: "Heddle", email: "heddle@localhost")
  /// What git may take.
  public var git = GitLimits()
  /// What a project file may take.
  public var formats = FormatLimits()

  /// The defaults, with the copies in a folder.
  public init(folder: String) {
    self.folder = folder
  }
}
