import Workflow

/// What a pull did.
public struct SyncedUpdate: Hashable, Sendable {
  public var changedWorkflowIDs: [String]
  public var conflicts: Int
  /// What the history says of it.
  public var changes: [JSONValue]
}

/// An import of what a repository has: the rows, what they and the repository now agree on, and the line of the history, all
/// in one transaction, once, by whoever has the lease.
struct SyncedImport: Sendable {
  typealias Body = @Sendable (ProjectContent?, Set<String>) throws -> SyncedProject

  let lease: RepositoryLease
  let provenance: Provenance
  let mentionedIDs: Set<String>
  let entry: SyncEntry
  let format: String
  /// What rows and repository agreed on before.
  let known: SyncBase
  let limit: (any ActivationLimit)?
  let body: Body

  /// Breaks the transaction off: an attempt whose answer was lost did it.
  private struct IsDone: Error {}

  func run(_ connection: PostgresConnection) throws -> SyncedUpdate {
    let result = Outcome()
    let change = ProjectChange(projectID: lease.projectID, mentionedIDs: mentionedIDs, provenance: provenance) {
      let synced = try body($0, $1)
      result.synced = synced
      return ProjectMerge(project: synced.project, conflicts: synced.conflicts)
    }.limited(by: limit)
    do {
      _ = try change.transaction(connection).run { before, update in
        result.update = try finish(before, update, result.synced, connection)
      }
    } catch is IsDone {
      return SyncedUpdate(changedWorkflowIDs: [], conflicts: 0, changes: [])
    }
    return result.update
  }

  /// What one attempt comes to. `@unchecked Sendable` is sound because the transaction's body is called by the thread that
  /// waits for it.
  private final class Outcome: @unchecked Sendable {
    var synced: SyncedProject?
    var update = SyncedUpdate(changedWorkflowIDs: [], conflicts: 0, changes: [])
  }

  private func finish(
    _ before: ProjectContent?, _ update: ProjectUpdate, _ synced: SyncedProject?, _ connection: PostgresConnection
  ) throws -> SyncedUpdate {
    guard let synced, let commit = entry.commitTo else { throw StoreError.damaged("a sync without a commit") }
    guard before != nil else { throw RepositoryError.projectGone }
    let last = try SyncQueue.hold(lease, connection)
    guard last == entry.commitFrom else { throw last == commit ? IsDone() as any Error : RepositoryError.leaseLost }
    let changes = update.changedWorkflowIDs.compactMap { id -> JSONValue? in
      guard let after = update.project.workflows.first(where: { $0.content.id == id }) else { return nil }
      let old = before?.workflows.first { $0.content.id == id }
      return SyncChange.json(old, after, conflicts: synced.conflicts[id]?.count ?? 0)
    }
    try SyncHistory.write(
      SyncPoint(commit: commit, format: format, base: synced.base), replacing: known, lease, connection)
    var entry = entry
    entry.changes = changes
    let isChanged =
      !changes.isEmpty || before?.name != update.project.name
      || before?.description != update.project.description || before?.collections != update.project.collections
    try SyncHistory.add(entry, isChanged ? .changed : .unchanged, of: lease, connection)
    return SyncedUpdate(
      changedWorkflowIDs: update.changedWorkflowIDs, conflicts: synced.conflicts.values.reduce(0) { $0 + $1.count },
      changes: changes)
  }
}
