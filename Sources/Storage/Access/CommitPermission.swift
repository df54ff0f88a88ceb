import Workflow

/// Whether a user may still do what a commit does: looked up within its transaction, so that it is so when it happens.
enum CommitPermission {
  static func holds(for commit: ServerCommit, _ connection: PostgresConnection) throws -> Bool {
    let actor = commit.provenance.actor
    guard let verb = commit.kind.verb, actor.type == Actor.userType, let user = actor.id else { return true }
    let rows = try connection.execute(.lockRole, .uuid(commit.document.workflowID), .uuid(user))
    let role = rows.isEmpty ? nil : Role(rawValue: rows.text(0, 0))
    return Capacity.user(role, isSuperuser: false).may(verb)
  }
}

extension ServerCommit.Kind {
  /// What whoever asked for it has to be allowed; nil where nobody did.
  fileprivate var verb: Verb? {
    switch self {
    case .reconcile: nil
    case .save, .report: .save
    case .reset: .reset
    case .resolve, .recover: .decide
    case .patch: .edit
    }
  }
}

extension Statement {
  /// Who takes the role away waits until the commit is made, or was faster.
  fileprivate static let lockRole = Statement(
    "lock_role",
    """
    select m.role from project_memberships m
    where m.user_id = $2 and m.project_id = coalesce((select project_id from workflows where id = $1),
      (select new_in_project from documents where workflow_id = $1))
    for share
    """)
}
