import Workflow

/// The question whether a workflow may become active, within the transaction that writes its rows.
struct Activation {
  let limit: (any ActivationLimit)?
  let connection: PostgresConnection

  /// Why the rows may not be written so; nil where they may.
  func refusal(of new: WorkflowRows, replacing old: WorkflowRows?) throws -> String? {
    guard let limit, new.isActive, old?.isActive != true else { return nil }
    // Of two workflows that become active at once the second one counts the first.
    try connection.execute(.lockActivations, .uuid(new.projectID))
    let active = try connection.execute(.activeWorkflows, .uuid(new.projectID), .uuid(new.content.id)).int8(0, 0)
    return limit.refusal(in: new.projectID, active: Int(active))
  }

  /// Throws where the rows may not be written so.
  func check(_ new: WorkflowRows, replacing old: WorkflowRows?) throws {
    guard let why = try refusal(of: new, replacing: old) else { return }
    var errors = ValidationErrors(ValidationErrors.base, why)
    errors.isLimit = true
    throw errors
  }
}

extension WorkflowRows {
  fileprivate var isActive: Bool { deletedAt == nil && content.triggers.contains(where: \.enabled) }
}

extension Statement {
  fileprivate static let lockActivations = Statement(
    "lock_activations", "select pg_advisory_xact_lock(hashtextextended('heddle activations ' || $1::uuid, 0))")
  fileprivate static let activeWorkflows = Statement(
    "active_workflows",
    """
    select count(*) from workflows w where w.project_id = $1 and w.id <> $2 and w.deleted_at is null
      and exists (select from triggers t where t.workflow_id = w.id and t.enabled)
    """)
}
