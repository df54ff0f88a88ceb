public import Workflow

/// What an import would do to the rows, and what the documents are like that it would reach.
public struct ImportPreview: Sendable {
  /// A workflow that it would change.
  public struct Workflow: Sendable {
    /// The rows now; nil for a workflow that it would make.
    public var before: WorkflowRows?
    /// The rows as they would be, down to what triggers set. The revision is one that never was.
    public var after: WorkflowRows
    /// The document; nil where nobody ever opened it.
    public var document: StoredDocument?
    /// Who has it open; nil for nobody.
    public var presence: DocumentPresence?
  }

  /// The project now; nil where there is none.
  public var before: ProjectContent?
  public var after: ProjectContent
  public var workflows: [Workflow]
  /// What both sides of a merge changed differently, by the workflow's id: the records that it would make.
  public var conflicts: [String: [Conflict]] = [:]
}

/// Finds out what an import would do by doing it and taking it back: triggers and constraints have their say. The locks of
/// an import are held meanwhile, and let go before any document is read.
struct Rehearsal {
  let change: ProjectChange
  let presenceAge: Duration
  let connection: PostgresConnection

  /// Breaks the transaction off when all is known.
  private struct TakenBack: Error {
    let before: ProjectContent?
    let update: ProjectUpdate
  }

  /// How often it is tried to see rows and documents in one state.
  private static let attempts = 20

  /// Throws what an import would throw.
  func run() throws -> ImportPreview {
    for _ in 0..<Self.attempts {
      if let preview = try attempt() { return preview }
    }
    throw StoreError.busy
  }

  private func rehearse() throws -> TakenBack {
    do {
      _ = try change.transaction(connection).run { throw TakenBack(before: $0, update: $1) }
    } catch let result as TakenBack {
      return result
    }
    throw StoreError.damaged("an import was made instead of planned")
  }

  /// Nil where somebody wrote the rows between the one and the other.
  private func attempt() throws -> ImportPreview? {
    let result = try rehearse()
    let changed = Set(result.update.changedWorkflowIDs)
    let presences = try Presences.read(changed.sorted(), age: presenceAge, connection)
    var preview = ImportPreview(before: result.before, after: result.update.project, workflows: [])
    preview.conflicts = result.update.conflicts.mapValues { $0.map(\.conflict) }
    for after in result.update.project.workflows where changed.contains(after.content.id) {
      let id = after.content.id
      let before = result.before?.workflows.first { $0.content.id == id }
      let document = try DocumentReader.read(DocumentName(workflowID: id), connection)
      if let document, document.currentRevision != before?.revision { return nil }
      preview.workflows.append(
        ImportPreview.Workflow(before: before, after: after, document: document, presence: presences[id]))
    }
    return preview
  }
}
