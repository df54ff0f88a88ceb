public import Provisioning
public import Storage
import Workflow

/// What a pull would do.
public struct SyncPlan: Sendable {
  public var commit: GitCommit
  /// Nil where the commit was synced already.
  public var plan: ImportPlan?
}

extension RepositorySyncer {
  /// Works out what a pull of a connection would do now. Writes no rows.
  public func plan(_ connection: RepositoryConnection) throws(SyncFailure) -> SyncPlan {
    let lease = RepositoryLease(unheldFor: connection)
    let work = SyncWork(
      syncer: self, claim: RepositoryClaim(lease: lease, connection: connection),
      request: SyncRequest(.pull, cause: .command, actor: connection.actor), started: .now)
    let repository = try work.repository()
    onProgress("fetching \(connection.branch) of \(connection.name)")
    let head = try work.git { () throws(GitError) in try repository.fetch(connection.branch) }
    guard head.id.description != connection.state.syncedCommit else { return SyncPlan(commit: head) }
    let tree = try work.git { () throws(GitError) in try repository.tree(at: head.id) }
    let known = try work.stored { store.readSyncBase(connection.id, $0) }
    let project = try CommittedProject(tree, connection, configuration.formats)
    let body = project.body(known, policy)
    let change = ProjectChange(
      projectID: connection.projectID, mentionedIDs: project.mentionedIDs,
      provenance: Provenance(.git, actor: connection.actor, commit: head.id.description)
    ) { ProjectMerge(project: try body($0, $1).project) }
    do {
      let preview = try store.wait { store.previewImport(change, { $0 }, $0) }
      return SyncPlan(commit: head, plan: ImportPlan(preview, policy: policy))
    } catch let errors as ImportErrors {
      throw SyncFailure(importing: project.problems(errors))
    } catch {
      throw SyncFailure(importing: error)
    }
  }
}
