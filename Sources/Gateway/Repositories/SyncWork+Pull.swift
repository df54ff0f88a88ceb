import Provisioning
import Storage
import Workflow

extension SyncWork {
  /// Brings what the repository has now into the project. `last` is the commit that was synced last.
  func pull(_ repository: GitRepository, after last: String?) throws(SyncFailure) -> SyncResult {
    syncer.onProgress("fetching \(connection.branch) of \(connection.name)")
    let head = try git { () throws(GitError) in try repository.fetch(connection.branch) }
    guard head.id.description != last else { return SyncResult(.upToDate, commit: last) }
    do {
      return try bringIn(head, repository, after: last)
    } catch {
      var failure = error
      failure.commit = head.id.description
      throw failure
    }
  }

  private func bringIn(
    _ head: GitCommit, _ repository: GitRepository, after last: String?
  ) throws(SyncFailure) -> SyncResult {
    let tree = try git { () throws(GitError) in try repository.tree(at: head.id) }
    syncer.onProgress("reading the project at \(head.id.abbreviated)")
    let known = try stored { store.readSyncBase(connection.id, $0) }
    let project = try CommittedProject(tree, connection, configuration.formats)
    let entry = entry(.pull, from: last, to: head.id.description)
    if project.digest == known.digest {
      var base = known
      base.digest = project.digest
      let point = SyncPoint(commit: head.id.description, format: project.format.rawValue, base: base)
      try stored { store.noteSynced(claim.lease, point, replacing: known, entry: entry, outcome: .unchanged, $0) }
      return SyncResult(.noted, commit: head.id.description)
    }
    syncer.onProgress("importing \(head.id.abbreviated) \(head.subject)")
    return try bringIn(project, known, entry)
  }

  private func bringIn(
    _ project: CommittedProject, _ known: SyncBase, _ entry: SyncEntry
  ) throws(SyncFailure) -> SyncResult {
    let provenance = Provenance(.git, actor: connection.actor, commit: entry.commitTo)
    let update: SyncedUpdate
    do {
      update = try store.wait {
        store.importSynced(
          claim.lease, provenance: provenance, mentionedIDs: project.mentionedIDs, entry: entry,
          format: project.format.rawValue, replacing: known, project.body(known, syncer.policy), $0)
      }
    } catch let errors as ImportErrors {
      throw SyncFailure(importing: project.problems(errors))
    } catch {
      throw SyncFailure(importing: error)
    }
    return SyncResult(
      update.changes.isEmpty ? .noted : .imported, commit: entry.commitTo, changes: update.changes,
      conflicts: update.conflicts)
  }
}
