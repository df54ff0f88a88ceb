import Workflow

/// The database that all nodes of a simulation share.
final class SimulatedStore {
  var contents: StoreContents
  /// Called with the content before and after each save.
  var onSave: (_ before: WorkflowContent, _ after: WorkflowContent) -> Void = { _, _ in }
  var isAway = false

  init(rows: WorkflowRows, fault: PlantedFault?) {
    contents = StoreContents(rows: rows, fault: fault)
  }

  /// Nil means stale.
  func commit(_ commit: ServerCommit) -> CommitResult? {
    let before = contents.rows.content
    let result = contents.commit(commit)
    if case .save(let saved) = commit.kind, result != nil { onSave(before, saved.content) }
    return result
  }
}
