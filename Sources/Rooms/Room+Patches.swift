import Reconciliation
import Workflow
import YCRDT

/// Patches: changes by those who are not connected.
extension Room {
  mutating func patch(_ source: PatchSource, _ rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    guard let base else { return }
    if case .version(_, let incarnation) = source, incarnation != lineage?.incarnation {
      return finish(id, .contended)
    }
    do {
      let before = try WorkflowDocument.extract(doc)
      var after = before
      let patched = try patched(source, before)
      var computed = try author(.patch(id), rows) {
        let result = try reconciler.merge(patch: patched, into: $0, base: base, rows: rows)
        after = try WorkflowDocument.extract($0)
        return result
      }
      computed.changes = before.changes(to: after)
      commit(computed, .patch, Provenance(.patch, actor: actor))
    } catch let error as PatchError {
      finish(id, .unpatchable(error))
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  private func patched(_ source: PatchSource, _ shown: WorkflowContent) throws(PatchError) -> PatchedContent {
    switch source {
    case .version(let patched, _): patched
    case .live(let patch, let limits):
      PatchedContent(
        try patch.applied(
          to: shown, lockVersion: base?.lockVersion ?? 0, deletedAt: deletedAt, limits: limits),
        of: shown, ids: WorkflowDocument.textIDs(of: doc))
    }
  }

  /// The conflicts that a commit has just made.
  func newestConflicts(_ computed: Computed) -> [StandingConflict] {
    guard !computed.conflicts.isEmpty else { return [] }
    return standingConflicts.filter { $0.record.id.reconciliation == lastReconciliation }
  }
}
