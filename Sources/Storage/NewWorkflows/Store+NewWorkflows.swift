public import Workflow

extension Store {
  /// Opens a workflow that was never saved: makes its document where there is none yet, with a name like the wanted one that is
  /// free in the project. From then on `open` finds it, and whoever may edit in the project may open it.
  public func openNew(
    _ workflowID: String, in projectID: String, name: String? = nil, by actor: Actor,
    _ completion: @escaping @Sendable (Result<NewWorkflowOutcome, any Error>) -> Void
  ) {
    // Once more, it finds the document there.
    commitWork(completion) { connection in
      try NewWorkflow(
        id: workflowID.lowercased(), projectID: projectID.lowercased(), name: name, actor: actor, connection: connection
      ).open()
    }
  }

  /// A name that a workflow can have in a project: the wanted one without white space around it, "Untitled workflow" for none,
  /// and with " 1", " 2" and so on behind it where another workflow has it, deleted ones included. `workflowID` is the workflow
  /// that is to have it.
  public func freeWorkflowName(
    _ wanted: String, in projectID: String, besides workflowID: String? = nil,
    _ completion: @escaping Completion<String>
  ) {
    read(completion) {
      try WorkflowNames.free(wanted, in: projectID.lowercased(), besides: workflowID?.lowercased(), $0)
    }
  }

  /// An id for a workflow.
  public static func newWorkflowID() -> String { UUIDText.random() }
}
