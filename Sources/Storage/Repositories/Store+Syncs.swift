public import Workflow

/// Syncs, for whoever does them: first a connection is claimed, in the end it is released.
extension Store {
  /// A connection for which it is time, which nobody else has; nil where there is none. Without polling only those count
  /// for which somebody asked, or that have to be tried again.
  public func claimDueRepository(
    lease: Duration, polling: Bool, _ completion: @escaping Completion<RepositoryClaim?>
  ) {
    read(completion) { try SyncQueue.claimDue(lease: lease, polling: polling, $0) }
  }

  /// The connection of a project, if nobody else has it.
  public func claimRepository(
    of project: String, lease: Duration, _ completion: @escaping Completion<RepositoryClaim?>
  ) {
    read(completion) { try SyncQueue.claim(project: project, lease: lease, $0) }
  }

  /// Keeps a lease for longer. False where it is lost.
  public func renew(_ lease: RepositoryLease, for duration: Duration, _ completion: @escaping Completion<Bool>) {
    read(completion) { try SyncQueue.renew(lease, for: duration, $0) }
  }

  /// Lets a connection go. `entry` goes into the history with a failure, and the request is tried again where the failure says
  /// when, unless somebody wants something newer.
  public func release(
    _ lease: RepositoryLease, failure: SyncFailureRecord? = nil, entry: SyncEntry? = nil,
    retrying request: SyncRequest, nextCheck: Duration? = nil, _ completion: @escaping Completion<Void>
  ) {
    read(completion) { connection in
      try connection.transaction {
        if let failure, let entry { try SyncHistory.add(entry, failure: failure, of: lease, connection) }
        try SyncQueue.release(lease, failure: failure, retrying: request, nextCheck: nextCheck, connection)
      }
    }
  }

  /// What rows and repository last agreed on.
  public func readSyncBase(
    _ connectionID: String, _ completion: @escaping @Sendable (Result<SyncBase, any Error>) -> Void
  ) {
    commitWork(completion) { try SyncHistory.base(connectionID, $0) }
  }

  /// Imports what a repository has at the commit that `entry` leads to, and notes in the same transaction that it did.
  /// `body` makes the new content from that which is there; it may run more than once. What it throws comes back, as does
  /// `RepositoryError` where somebody else has the lease by now.
  public func importSynced(
    _ lease: RepositoryLease, provenance: Provenance, mentionedIDs: Set<String>, entry: SyncEntry, format: String,
    replacing known: SyncBase,
    _ body: @escaping @Sendable (ProjectContent?, Set<String>) throws -> SyncedProject,
    _ completion: @escaping @Sendable (Result<SyncedUpdate, any Error>) -> Void
  ) {
    let work = SyncedImport(
      lease: lease, provenance: provenance, mentionedIDs: mentionedIDs, entry: entry, format: format, known: known,
      limit: configuration.activationLimit, body: body)
    commitWork(completion) { try work.run($0) }
  }

  /// Notes that rows and repository agree on something, because it was pushed or because a commit changed nothing of it.
  public func noteSynced(
    _ lease: RepositoryLease, _ point: SyncPoint, replacing known: SyncBase, entry: SyncEntry,
    outcome: SyncRecord.Outcome, _ completion: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    commitWork(completion) { connection in
      try connection.transaction {
        let last = try SyncQueue.hold(lease, connection)
        if last == point.commit, last != entry.commitFrom { return }
        try SyncHistory.write(point, replacing: known, lease, connection)
        try SyncHistory.add(entry, outcome, of: lease, connection)
      }
    }
  }

  /// How many connections fail.
  public func countFailingRepositories(_ completion: @escaping Completion<Int>) {
    read(completion) { try SyncQueue.countFailing($0) }
  }
}
