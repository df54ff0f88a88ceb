import Provisioning
public import Reconciliation
public import Storage
public import Workflow

/// What somebody asks of a merge of a sandbox.
public struct SandboxMergeRequest: Sendable {
  /// The sandbox.
  public var sourceID: String
  /// The project that it is merged into.
  public var targetID: String
  /// The workflows of the sandbox that are merged; nil for all.
  public var workflowIDs: Set<String>?
  /// Workflows of the target that are deleted.
  public var deletedWorkflowIDs: Set<String>

  public init(
    sourceID: String, targetID: String, workflowIDs: Set<String>? = nil, deletedWorkflowIDs: Set<String> = []
  ) {
    self.sourceID = sourceID
    self.targetID = targetID
    self.workflowIDs = workflowIDs
    self.deletedWorkflowIDs = deletedWorkflowIDs
  }
}

/// What a merge of a sandbox would do.
public struct SandboxMergePlan: Sendable {
  /// What it would write, as with an import, and which unsaved edits that would meet.
  public var plan: ImportPlan
  /// The conflicts between both sides that it would record, by the target's workflow.
  public var conflicts: [String: [Conflict]]
}

extension Store {
  /// Copies a project as a sandbox, as it is saved; nil where there is no such project. `name` is checked already.
  public func copyAsSandbox(
    _ parentID: String, id: String = Store.newID(), name: String, actor: Actor,
    _ completion: @escaping @Sendable (Result<ProjectContent?, any Error>) -> Void
  ) {
    makeSandbox(of: parentID, provenance: Provenance(.sandbox, actor: actor)) { parent in
      let copy = SandboxCopy(of: parent, id: id, name: name, newID: { Store.newID() })
      return SandboxDraft(project: copy.project, bases: copy.bases)
    } _: {
      completion($0.map { $0?.project })
    }
  }

  /// Merges a sandbox into the project that it is a copy of; nil where one of them is not there. Fails with `SandboxError` where
  /// it cannot be merged so.
  public func merge(
    _ request: SandboxMergeRequest, policy: Policy, actor: Actor,
    _ completion: @escaping @Sendable (Result<ProjectUpdate?, any Error>) -> Void
  ) {
    withMerge(request, policy, actor) { [self] merge in
      switch merge {
      case .failure(let error): completion(.failure(error))
      case .success(let merge):
        mergeSandbox(
          request.sourceID, into: request.targetID, provenance: Provenance(.sandbox, actor: actor),
          { try merge.outcome(of: $0, in: $1) }, completion)
      }
    }
  }

  /// What `merge` would do. Writes nothing.
  public func planMerge(
    _ request: SandboxMergeRequest, policy: Policy, actor: Actor,
    _ completion: @escaping @Sendable (Result<SandboxMergePlan?, any Error>) -> Void
  ) {
    withMerge(request, policy, actor) { [self] merge in
      switch merge {
      case .failure(let error): completion(.failure(error))
      case .success(let merge):
        previewSandboxMerge(
          request.sourceID, into: request.targetID, provenance: Provenance(.sandbox, actor: actor),
          { try merge.outcome(of: $0, in: $1) }
        ) { result in
          completion(
            result.map { preview in
              preview.map { SandboxMergePlan(plan: ImportPlan($0, policy: policy), conflicts: $0.conflicts) }
            })
        }
      }
    }
  }

  /// Goes on with a merge once it is known whose credentials it may attach: of a user his own.
  private func withMerge(
    _ request: SandboxMergeRequest, _ policy: Policy, _ actor: Actor,
    _ completion: @escaping @Sendable (Result<SandboxMerge, any Error>) -> Void
  ) {
    let merge = SandboxMerge(
      selection: request.workflowIDs, deletions: request.deletedWorkflowIDs, reconciler: Reconciler(policy: policy),
      time: Self.timestamp())
    guard actor.type == Actor.userType, let user = actor.id else { return completion(.success(merge)) }
    readOwnCredentials(ofUser: user) { result in
      completion(
        result.map { own in
          var merge = merge
          merge.owner = own?.email ?? ""
          return merge
        }.mapError { $0 })
    }
  }
}
