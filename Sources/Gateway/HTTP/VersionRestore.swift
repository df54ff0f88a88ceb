import Storage
import Workflow

/// Takes the rows of a workflow back to a version, as a new one. The document follows by an ordinary merge.
struct VersionRestore: Sendable {
  let version: WorkflowRows
  /// The version that the rows have to be at; nil for any.
  let expected: Int?
  let actor: Actor

  /// What became of it.
  struct Restored: Sendable {
    var rows: WorkflowRows
    /// What lacks its secrets now, which versions do not keep.
    var incomplete: [[String]]
  }

  /// The rows are no longer at the version that somebody looked at.
  private struct MovedOn: Error {
    let lockVersion: Int
  }

  /// `completion` is called on a thread of the store.
  func run(_ store: Store, _ completion: @escaping @Sendable (Result<Restored, RequestFailure>) -> Void) {
    let incomplete = Locked<[[String]]>([])
    store.updateWorkflow(
      version.content.id, provenance: Provenance(.restore, actor: actor), event: "restored"
    ) { [version, expected] rows in
      if let expected, rows.lockVersion != expected { throw MovedOn(lockVersion: rows.lockVersion) }
      let content = rows.content.restored(to: version.content)
      try content.normalized().validate()
      incomplete.withLock { $0 = content.triggersWithoutSecrets(since: rows.content) }
      return content
    } _: { result in
      completion(Self.outcome(of: result, incomplete: incomplete.withLock { $0 }))
    }
  }

  private static func outcome(
    of result: Result<WorkflowRows?, any Error>, incomplete: [[String]]
  ) -> Result<Restored, RequestFailure> {
    switch result {
    case .success(let rows?): .success(Restored(rows: rows, incomplete: incomplete))
    case .success(nil): .failure(.deleted)
    case .failure(let error as MovedOn):
      .failure(
        RequestFailure(
          409, "the workflow is at version \(error.lockVersion) by now; look at what differs and try again",
          type: "workflow_moved_on"))
    case .failure(let errors as ValidationErrors):
      .failure(RequestFailure(422, errors.json, type: "validation_error"))
    case .failure(let error):
      .failure(RequestFailure(503, "\(error); nothing was changed", type: "internal_error"))
    }
  }
}
