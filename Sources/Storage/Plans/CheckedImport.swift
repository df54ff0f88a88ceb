import Workflow

/// An import that is made only if what it would do, and to which documents, meets a condition. Rows and documents are as
/// they were judged when it is committed.
struct CheckedImport: Sendable {
  /// Breaks the transaction off: something moved since it was judged.
  private struct Moved: Error {}

  let change: ProjectChange
  /// The plan that it applies, if any.
  let plan: String?
  let presenceAge: Duration
  let condition: @Sendable (ImportPreview) throws -> Void
  /// Names this attempt, for plans whose answer got lost.
  let attempt = UUIDText.random()

  /// How often it is judged anew where people go on working.
  private static let attempts = 20

  /// Throws what the condition throws, what an import throws, and `PlanError`.
  func run(_ connection: PostgresConnection) throws -> ProjectUpdate {
    for _ in 0..<Self.attempts {
      if let done = try earlierResult(connection) { return done }
      let preview = try Rehearsal(change: change, presenceAge: presenceAge, connection: connection).run()
      try condition(preview)
      do {
        return try change.transaction(connection).run { before, update in
          guard try isSame(preview, before, update, connection) else { throw Moved() }
          if let plan { try Plans.claim(plan, attempt: attempt, connection) }
        }
      } catch is Moved {
        continue
      }
    }
    throw StoreError.busy
  }

  /// What this attempt did already, where the answer to its commit was lost.
  private func earlierResult(_ connection: PostgresConnection) throws -> ProjectUpdate? {
    guard let plan, case .applied(let other) = try Plans.read(plan, connection) else { return nil }
    guard other == attempt, let project = try ProjectReader.read(change.projectID, connection) else {
      throw PlanError.applied
    }
    return ProjectUpdate(project: project, changedWorkflowIDs: [], isNew: false)
  }

  /// Whether the import does what was judged, to documents as they were.
  private func isSame(
    _ preview: ImportPreview, _ before: ProjectContent?, _ update: ProjectUpdate, _ connection: PostgresConnection
  ) throws -> Bool {
    guard Set(update.changedWorkflowIDs) == Set(preview.workflows.map(\.after.content.id)) else { return false }
    for workflow in preview.workflows {
      let id = workflow.after.content.id
      let old = before?.workflows.first { $0.content.id == id }
      let new = update.project.workflows.first { $0.content.id == id }
      guard old?.revision == workflow.before?.revision, new?.content == workflow.after.content else { return false }
    }
    return try heads(update.changedWorkflowIDs, connection) == Self.heads(preview)
  }

  /// What tells whether a document changed.
  private struct Head: Hashable {
    let sequence: Int64
    let base: Int64
  }

  private static func heads(_ preview: ImportPreview) -> [String: Head] {
    var heads: [String: Head] = [:]
    for document in preview.workflows.compactMap(\.document) {
      heads[document.name.workflowID] = Head(sequence: document.lastSequence, base: document.base.revision)
    }
    return heads
  }

  private func heads(_ ids: [String], _ connection: PostgresConnection) throws -> [String: Head] {
    guard !ids.isEmpty else { return [:] }
    let rows = try connection.execute(.documentHeads, .uuids(ids))
    var heads: [String: Head] = [:]
    for row in 0..<rows.count { heads[rows.uuid(row, 0)] = Head(sequence: rows.int8(row, 1), base: rows.int8(row, 2)) }
    return heads
  }
}

extension Statement {
  fileprivate static let documentHeads = Statement(
    "document_heads",
    "select workflow_id, last_sequence, base_revision from documents where workflow_id = any($1::uuid[])")
}
