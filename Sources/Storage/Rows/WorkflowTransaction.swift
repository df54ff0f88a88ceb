import Workflow

/// Reads a workflow's rows, has its new content worked out, and writes what differs.
struct WorkflowTransaction {
  let id: String
  let provenance: Provenance
  /// What the audit calls it.
  let event: String
  let body: @Sendable (WorkflowRows) throws -> WorkflowContent
  let limit: (any ActivationLimit)?
  let connection: PostgresConnection

  /// The rows as they are then; nil where the workflow is gone.
  func run() throws -> WorkflowRows? {
    try connection.transaction {
      guard !(try connection.execute(.lockWorkflow, .uuid(id)).isEmpty),
        let old = try WorkflowReader.readLocked(id, connection), old.deletedAt == nil
      else { return nil }
      var new = old
      new.content = try body(old).normalized()
      guard !WorkflowChanges(from: old.content, to: new.content).isEmpty else { return old }
      try Activation(limit: limit, connection: connection).check(new, replacing: old)
      do {
        _ = try WorkflowUpdate(old: old, new: new, provenance: provenance, event: event).run(connection)
        try connection.execute(.checkConstraints)
      } catch let error as PostgresError {
        guard let errors = ValidationErrors(error, new.content) else { throw error }
        throw errors
      }
      return try WorkflowReader.readLocked(id, connection)
    }
  }
}
