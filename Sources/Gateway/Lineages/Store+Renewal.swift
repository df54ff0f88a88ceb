public import Reconciliation
public import Storage
public import Workflow
import YCRDT

extension Store {
  /// Gives a document a new history: what is stored, unsaved edits included, without how it came about. Where what is stored
  /// cannot be read it is made from the rows, and what can be read of the rest becomes a branch.
  ///
  /// Clients that were connected come back as clients of the earlier history. Returns false where there is no such workflow.
  public func renewDocument(
    _ name: DocumentName, policy: Policy, _ completion: @escaping @Sendable (Result<Bool, any Error>) -> Void
  ) {
    replaceDocument(name, { try Renewal(of: $0, policy: policy).replacement() }, completion)
  }
}

/// The new history of a document.
private struct Renewal {
  let old: ReplacedDocument
  let reconciler: Reconciler
  /// How the old one ended.
  let ended = Doc()
  /// Why not all of the updates could be applied.
  let damage: String?

  init(of old: ReplacedDocument, policy: Policy) {
    self.old = old
    reconciler = Reconciler(policy: policy)
    var damage: String?
    for update in old.updates {
      do {
        _ = try ended.apply(update)
      } catch {
        // What follows may not need it.
        damage = damage ?? "a stored update cannot be applied: \(error)"
      }
    }
    do {
      _ = try WorkflowDocument.extract(ended)
    } catch {
      damage = damage ?? "\(error)"
    }
    self.damage = damage
  }

  func replacement() throws -> DocumentReplacement {
    guard old.damage == nil, damage == nil, let base = old.base, let content = try? WorkflowDocument.extract(ended)
    else {
      return try begun(with: old.rows).0
    }
    let rows = WorkflowRows(
      content: base.content, projectID: old.rows.projectID, lockVersion: base.lockVersion, revision: base.revision)
    let (replacement, seed) = try begun(with: rows)
    let start = Base(
      content: base.content, ids: seed.ids, revision: base.revision, lockVersion: base.lockVersion)
    try reconciler.carryOver(content, to: replacement.doc, base: start, projectID: rows.projectID)
    var result = replacement
    result.isComplete = try WorkflowDocument.extract(result.doc).changes(to: content).isEmpty
    return result
  }

  private func begun(with rows: WorkflowRows) throws -> (DocumentReplacement, DocumentSeed) {
    let (epoch, seed) = try old.begin(rows)
    let doc = Doc(clientID: old.author)
    try doc.apply(seed.update)
    let base = Base(content: rows.content, ids: seed.ids, revision: rows.revision, lockVersion: rows.lockVersion)
    let replacement = DocumentReplacement(
      epoch: epoch, root: seed.clientID, doc: doc, base: base, ended: ended, damage: damage, isComplete: false)
    return (replacement, seed)
  }
}
