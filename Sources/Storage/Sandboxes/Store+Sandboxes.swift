public import Workflow

extension Store {
  /// Makes a sandbox of a project; nil where there is none. `body` gets the project as it is saved; it runs on a thread of the
  /// store, perhaps more than once.
  public func makeSandbox(
    of parentID: String, provenance: Provenance, _ body: @escaping @Sendable (ProjectContent) throws -> SandboxDraft,
    _ completion: @escaping @Sendable (Result<ProjectUpdate?, any Error>) -> Void
  ) {
    let limit = configuration.activationLimit
    commitWork(completion) { connection in
      try SandboxCreation(parentID: parentID, provenance: provenance, limit: limit, body: body, connection: connection)
        .run()
    }
  }

  /// Merges a sandbox into a project, in one transaction; nil where one of them is not there. `body` gets the sandbox as it is
  /// saved, and the project under its locks; it runs on a thread of the store, perhaps more than once. What it throws comes
  /// back, as does all that `updateProject` throws.
  public func mergeSandbox(
    _ sourceID: String, into targetID: String, provenance: Provenance,
    _ body: @escaping @Sendable (SandboxSource, ProjectContent) throws -> SandboxOutcome,
    _ completion: @escaping @Sendable (Result<ProjectUpdate?, any Error>) -> Void
  ) {
    let limit = configuration.activationLimit
    commitWork(completion) { connection in
      try SandboxMerging(
        sourceID: sourceID, targetID: targetID, provenance: provenance, limit: limit, body: body,
        connection: connection
      ).run()
    }
  }

  /// What `mergeSandbox` would do; writes nothing.
  public func previewSandboxMerge(
    _ sourceID: String, into targetID: String, provenance: Provenance,
    _ body: @escaping @Sendable (SandboxSource, ProjectContent) throws -> SandboxOutcome,
    _ completion: @escaping @Sendable (Result<ImportPreview?, any Error>) -> Void
  ) {
    let (limit, age) = (configuration.activationLimit, configuration.presenceAge)
    commitWork(completion) { connection in
      try SandboxMerging(
        sourceID: sourceID, targetID: targetID, provenance: provenance, limit: limit, body: body,
        connection: connection
      ).rehearse(presenceAge: age)
    }
  }

  /// The sandboxes of a project that somebody may see, oldest first.
  public func listSandboxes(
    of parentID: String, for viewer: ProjectViewer = .everybody,
    _ completion: @escaping Completion<[SandboxSummary]>
  ) {
    read(completion) { try SandboxRecords.list(of: parentID, for: viewer, $0) }
  }

  /// An id that nothing has.
  public static func newID() -> String { UUIDText.random() }
}
