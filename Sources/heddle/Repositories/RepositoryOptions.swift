import ArgumentParser
import Gateway
import Provisioning

/// How projects are kept in git repositories: what the server and `heddle sync` share.
struct RepositoryOptions: ParsableArguments {
  @Option(help: "Where the copies of the repositories are. (default: <data-dir>/repositories)")
  var repositoryDir: String = environmentDefault("repository-dir", "")

  @Option(help: "How long a connection stays with a server that says nothing any more.")
  var repositoryLease: Duration = environmentDefault("repository-lease", defaults.lease)

  @Option(help: "How often a push begins anew because somebody else pushed in the meantime.")
  var repositoryPushAttempts: Int = environmentDefault("repository-push-attempts", defaults.pushAttempts)

  @Option(help: "Who commits where nobody with an account does, as in 'Name <address>'.")
  var repositoryCommitter: String = environmentDefault("repository-committer", "Heddle <heddle@localhost>")

  @Option(help: "How long a fetch or a push may take.")
  var gitTransferTimeout: Duration = environmentDefault("git-transfer-timeout", defaults.git.transferTimeout)

  @Option(help: "How long anything else that git does may take.")
  var gitCommandTimeout: Duration = environmentDefault("git-command-timeout", defaults.git.commandTimeout)

  @Option(help: "Bytes that the copy of a repository may have on disk.")
  var maximumRepositoryBytes: Int = environmentDefault("maximum-repository-bytes", defaults.git.maximumCopyBytes)

  @Option(help: "Bytes of one file of a repository.")
  var maximumRepositoryFileBytes: Int = environmentDefault(
    "maximum-repository-file-bytes", defaults.git.maximumFileBytes)

  @Option(help: "How long git has to end by itself when it is stopped, before it is killed.")
  var gitTerminationGrace: Duration = environmentDefault("git-termination-grace", defaults.git.terminationGrace)

  @Option(help: "How long to wait while another process has the copy of a repository.")
  var gitLockTimeout: Duration = environmentDefault("git-lock-timeout", defaults.git.lockTimeout)

  @Option(help: "Files and folders that a commit may have.")
  var maximumRepositoryEntries: Int = environmentDefault(
    "maximum-repository-entries", defaults.git.maximumTreeEntries)

  @Option(help: "Bytes of all files of a commit that are read.")
  var maximumRepositoryReadBytes: Int = environmentDefault(
    "maximum-repository-read-bytes", defaults.git.maximumReadBytes)

  @Option(help: "Commits that are looked at between two.")
  var maximumRepositoryCommits: Int = environmentDefault("maximum-repository-commits", defaults.git.maximumCommits)

  static let defaults = RepositoryConfiguration(folder: "")

  mutating func validate() throws {
    guard Self.person(repositoryCommitter) != nil else {
      throw ValidationError("--repository-committer is '\(repositoryCommitter)'; it has to be 'Name <address>'")
    }
    guard repositoryLease >= .seconds(1) else { throw ValidationError("--repository-lease is less than a second") }
    guard repositoryPushAttempts > 0 else { throw ValidationError("--repository-push-attempts is less than 1") }
  }

  /// What the flags say, with the copies below the folder of the data unless they are to be elsewhere.
  func configuration(dataDir: String) -> RepositoryConfiguration {
    var configuration = RepositoryConfiguration(
      folder: repositoryDir.isEmpty ? "\(dataDir)/repositories" : repositoryDir)
    configuration.lease = repositoryLease
    configuration.pushAttempts = repositoryPushAttempts
    configuration.committer = Self.person(repositoryCommitter) ?? configuration.committer
    configuration.git.transferTimeout = gitTransferTimeout
    configuration.git.commandTimeout = gitCommandTimeout
    configuration.git.maximumCopyBytes = maximumRepositoryBytes
    configuration.git.maximumFileBytes = maximumRepositoryFileBytes
    configuration.git.terminationGrace = gitTerminationGrace
    configuration.git.lockTimeout = gitLockTimeout
    configuration.git.maximumTreeEntries = maximumRepositoryEntries
    configuration.git.maximumReadBytes = maximumRepositoryReadBytes
    configuration.git.maximumCommits = maximumRepositoryCommits
    return configuration
  }

  /// Reads `Name <address>`.
  private static func person(_ text: String) -> GitPerson? {
    guard text.hasSuffix(">"), let start = text.firstIndex(of: "<") else { return nil }
    let name = text[..<start].reversed().drop { $0 == " " }.reversed()
    let email = text[text.index(after: start)...].dropLast()
    guard !name.isEmpty, !email.isEmpty, !email.contains("<"), text.allSatisfy({ !$0.isNewline }) else { return nil }
    return GitPerson(name: String(name), email: String(email))
  }
}

/// What the server does about repositories by itself, each a flag.
struct RepositoryServiceOptions: ParsableArguments {
  @OptionGroup var repositories: RepositoryOptions

  @Option(help: "How often repositories are asked for news by themselves; 0: never.")
  var repositoryPollInterval: Duration = environmentDefault("repository-poll-interval", defaults.pollInterval)

  @Option(help: "Repositories that are synced at once.")
  var repositoryWorkers: Int = environmentDefault("repository-workers", defaults.workers)

  @Option(help: "How long after its first failure a sync is tried again; then twice as long each time.")
  var repositoryRetryDelay: Duration = environmentDefault("repository-retry-delay", defaults.retryDelay)

  @Option(help: "How long after a failure a sync is tried again at most.")
  var repositoryRetryLimit: Duration = environmentDefault("repository-retry-limit", defaults.retryLimit)

  @Option(help: "How long a save-and-sync waits while another sync of its connection goes on.")
  var saveAndSyncTimeout: Duration = environmentDefault("save-and-sync-timeout", defaults.requestTimeout)

  @Option(help: "By how much the time that a repository's message names may differ.")
  var hookReplayWindow: Duration = environmentDefault("hook-replay-window", defaults.hookReplayWindow)

  @Option(help: "Messages of one repository that are remembered.")
  var maximumRememberedHooks: Int = environmentDefault("maximum-remembered-hooks", defaults.maximumRememberedHooks)

  @Option(help: "Bytes of a message of a repository.")
  var maximumHookBytes: Int = environmentDefault("maximum-hook-bytes", defaults.maximumHookBytes)

  @Option(help: "The folder below which repositories on this machine may be that are connected over HTTP.")
  var localRepositories: String = environmentDefault("local-repositories", "")

  private static let defaults = RepositoryOptions.defaults

  mutating func validate() throws {
    guard repositoryWorkers > 0 else { throw ValidationError("--repository-workers is less than 1") }
  }

  func configuration(dataDir: String) -> RepositoryConfiguration {
    var configuration = repositories.configuration(dataDir: dataDir)
    configuration.pollInterval = repositoryPollInterval
    configuration.workers = repositoryWorkers
    configuration.retryDelay = repositoryRetryDelay
    configuration.retryLimit = repositoryRetryLimit
    configuration.requestTimeout = saveAndSyncTimeout
    configuration.hookReplayWindow = hookReplayWindow
    configuration.maximumRememberedHooks = maximumRememberedHooks
    configuration.maximumHookBytes = maximumHookBytes
    configuration.localRepositories = localRepositories.isEmpty ? nil : localRepositories
    return configuration
  }
}
