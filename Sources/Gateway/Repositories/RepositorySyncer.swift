public import Logging
public import Provisioning
public import Reconciliation
public import Storage
public import Workflow

/// Brings projects and their repositories together, one at a time. It blocks, and is for threads that may; a server has it
/// do that by itself (`RepositoryService`).
public struct RepositorySyncer: Sendable {
  let store: Store
  let configuration: RepositoryConfiguration
  let policy: Policy
  let processes: GitProcesses
  let logger: Logger
  /// How long a connection is claimed for.
  public var lease: Duration { configuration.lease }
  /// Is told what is being done.
  public var onProgress: @Sendable (String) -> Void = { _ in }

  public init(
    store: Store, configuration: RepositoryConfiguration, policy: Policy, processes: GitProcesses = GitProcesses(),
    logger: Logger
  ) {
    self.store = store
    self.configuration = configuration
    self.policy = policy
    self.processes = processes
    self.logger = logger
  }

  /// Does what a claim is for, notes what became of it, and lets the connection go.
  public func perform(_ claim: RepositoryClaim, _ request: SyncRequest) -> Result<SyncResult, SyncFailure> {
    let keeper = LeaseKeeper(claim.lease, for: configuration.lease, store)
    let started = ContinuousClock.now
    let work = SyncWork(syncer: self, claim: claim, request: request, started: started)
    let result = Result { () throws(SyncFailure) in try work.run() }
    keeper.stop()
    release(work, result)
    log(work, result)
    return result
  }

  private func release(_ work: SyncWork, _ result: Result<SyncResult, SyncFailure>) {
    let (lease, request) = (work.claim.lease, work.request)
    var failure: SyncFailureRecord?
    var entry: SyncEntry?
    if case .failure(let error) = result {
      failure = error.record(retryAfter: delay(after: error, of: work.claim))
      entry = work.entry(request.direction, from: work.lastCommit, to: error.commit)
    }
    let nextCheck = configuration.pollInterval * Double.random(in: 0.9...1.1)
    do {
      try store.wait { [failure, entry] in
        store.release(lease, failure: failure, entry: entry, retrying: request, nextCheck: nextCheck, $0)
      }
    } catch {
      // The lease runs out by itself, and whoever is next finds out what is to be done.
      logger.warning("a sync could not be noted", metadata: ["error": "\(error)"])
    }
  }

  /// After how long a failed sync is tried again; nil: when there is news, or when it is time to look for some.
  private func delay(after failure: SyncFailure, of claim: RepositoryClaim) -> Duration? {
    guard failure.isTemporary else { return configuration.pollInterval > .zero ? nil : configuration.retryLimit }
    let attempts = claim.connection.state.failure?.attempts ?? 0
    let delay = min(configuration.retryDelay * (1 << min(attempts, 20)), configuration.retryLimit)
    return delay * Double.random(in: 0.5...1)
  }

  private func log(_ work: SyncWork, _ result: Result<SyncResult, SyncFailure>) {
    var metadata: Logger.Metadata = [
      "project": "\(work.claim.connection.projectName ?? work.claim.connection.projectID)",
      "direction": "\(work.request.direction.rawValue)", "cause": "\(work.request.cause.rawValue)",
    ]
    switch result {
    case .success(let done):
      metadata["commit"] = "\(done.commit ?? "none")"
      metadata["outcome"] = "\(done.outcome.rawValue)"
      metadata["workflows"] = "\(done.changes.count)"
      logger.log(level: done.outcome == .upToDate ? .debug : .notice, "synced a repository", metadata: metadata)
    case .failure(let failure):
      metadata["kind"] = "\(failure.kind)"
      metadata["error"] = "\(failure.text.prefix(500))"
      logger.warning("a sync of a repository failed", metadata: metadata)
    }
  }
}

/// What a sync came to.
public struct SyncResult: Hashable, Sendable {
  public enum Outcome: String, Hashable, Sendable {
    /// Something was imported.
    case imported
    /// Something was committed and pushed.
    case pushed
    /// There were new commits, none of which changed the project's files.
    case noted
    /// There was nothing to do at all.
    case upToDate = "up_to_date"
  }

  public var outcome: Outcome
  /// The commit that rows and repository agree on now.
  public var commit: String?
  /// What became of the workflows: `{"id", "name", "action", "changes", …}`.
  public var changes: [JSONValue] = []
  /// What both sides had changed differently.
  public var conflicts = 0

  public init(_ outcome: Outcome, commit: String?, changes: [JSONValue] = [], conflicts: Int = 0) {
    self.outcome = outcome
    self.commit = commit
    self.changes = changes
    self.conflicts = conflicts
  }
}
