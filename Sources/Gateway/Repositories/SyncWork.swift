import Provisioning
import Storage
import Workflow

/// One sync of one connection, by whoever has its lease.
struct SyncWork: Sendable {
  let syncer: RepositorySyncer
  let claim: RepositoryClaim
  let request: SyncRequest
  let started: ContinuousClock.Instant

  var store: Store { syncer.store }
  var configuration: RepositoryConfiguration { syncer.configuration }
  var connection: RepositoryConnection { claim.connection }
  /// The commit that was synced when this began.
  var lastCommit: String? { connection.state.syncedCommit }

  func run() throws(SyncFailure) -> SyncResult {
    let repository = try repository()
    switch request.direction {
    case .pull: return try pull(repository, after: lastCommit)
    case .push:
      guard !connection.isPullOnly else { throw .pullOnly }
      return try push(repository)
    }
  }

  /// The copy of the repository, which lies where its connection says: another connection has another one.
  func repository() throws(SyncFailure) -> GitRepository {
    guard let text = connection.url else { throw .noURL }
    do {
      let folder = "\(configuration.folder)/\(connection.id)"
      RealPath.makeFolders(configuration.folder)
      return GitRepository(
        url: try GitURL(text), folder: folder, limits: configuration.git, processes: syncer.processes)
    } catch {
      throw SyncFailure("invalid_url", "\(error)")
    }
  }

  /// A line of the history.
  func entry(
    _ direction: SyncDirection, _ changes: [JSONValue] = [], from: String?, to commit: String?
  ) -> SyncEntry {
    var request = request
    request.direction = direction
    return SyncEntry(request, from: from, to: commit, elapsed: ContinuousClock.now - started, changes: changes)
  }

  /// Does something with git, whose errors become ours.
  func git<Value>(_ body: () throws(GitError) -> Value) throws(SyncFailure) -> Value {
    do { return try body() } catch { throw SyncFailure(error) }
  }

  /// Does something with the store, whose errors become ours.
  func stored<Value: Sendable, Failure: Error>(
    _ call: (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
  ) throws(SyncFailure) -> Value {
    do { return try store.wait(call) } catch { throw SyncFailure(importing: error) }
  }
}
