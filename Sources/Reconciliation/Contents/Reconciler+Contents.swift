public import Workflow
import YCRDT

extension Reconciler {
  /// Merges two contents that were made of one, without a document: what `theirs` changed stands where the policy says that
  /// the database's values stand, what `ours` changed where it says that those of the document do.
  ///
  /// It comes to what a document with the base would come to, whose members had edited it until it showed `ours` and which
  /// was then merged with rows that hold `theirs`: the same policy, the same merge of texts, the same conflicts. The order of
  /// entities is that of `ours`; what only `theirs` has comes behind. The result depends on nothing but the arguments.
  ///
  /// O(size of the contents), plus the differences of the texts that were changed.
  public func merge(
    base: WorkflowContent, database theirs: WorkflowContent, live ours: WorkflowContent
  ) throws -> ContentMerge {
    let base = base.identified(as: ours.id)
    let theirs = theirs.identified(as: ours.id)
    // Most workflows were changed on one side at most, and then there is nothing to work out.
    if theirs.isSame(as: base) || theirs.isSame(as: ours) { return ContentMerge(content: ours) }
    if ours.isSame(as: base) { return ContentMerge(content: theirs.inOrder(of: ours)) }
    let scratch = try ScratchDocument(base)
    try scratch.show(ours)
    let rows = scratch.rows(theirs)
    let result = try merge(rows: rows, base: scratch.base, into: scratch.doc)
    let merged = try WorkflowDocument.extract(scratch.doc).withoutDanglingReferences()
    let conflicts = result.conflicts.map { conflict in
      var conflict = conflict
      conflict.editors = []
      return conflict
    }
    return ContentMerge(content: merged.inOrder(of: ours), conflicts: conflicts)
  }
}

/// A document that lives for one merge and that nobody sees.
private struct ScratchDocument {
  let doc: Doc
  let base: Base

  /// One that shows what both sides were made of.
  init(_ content: WorkflowContent) throws {
    let rows = WorkflowRows(content: content, projectID: "", lockVersion: 0, revision: 1)
    let seed = WorkflowDocument.seed(name: DocumentName(workflowID: content.id), epoch: 1, rows: rows)
    // Any number would do; this one cannot be the seed's.
    doc = Doc(clientID: seed.clientID &+ 1)
    try doc.apply(seed.update)
    base = Base(content: content, ids: seed.ids, revision: rows.revision, lockVersion: rows.lockVersion)
  }

  func rows(_ content: WorkflowContent) -> WorkflowRows {
    WorkflowRows(content: content, projectID: "", lockVersion: base.lockVersion, revision: base.revision + 1)
  }

  /// Has the document show another content, of which nothing counts as saved. What stays the same is not touched, and texts are
  /// changed where they differ.
  func show(_ content: WorkflowContent) throws {
    _ = try Reconciler().merge(rows: rows(content), base: base, into: doc, matchingIdentities: false)
  }
}

extension WorkflowContent {
  fileprivate func identified(as id: String) -> WorkflowContent {
    var content = self
    content.id = id
    return content
  }

  /// With its entities in the order in which another content has them, and behind those the ones that only this one has.
  fileprivate func inOrder(of other: WorkflowContent) -> WorkflowContent {
    func ordered<E>(_ entities: [E], like others: [E], _ id: (E) -> String) -> [E] {
      let places = Dictionary(others.enumerated().map { (id($1), $0) }) { first, _ in first }
      return entities.enumerated()
        .sorted { (places[id($0.element)] ?? .max, $0.offset) < (places[id($1.element)] ?? .max, $1.offset) }
        .map(\.element)
    }
    var content = self
    content.jobs = ordered(jobs, like: other.jobs, \.id)
    content.triggers = ordered(triggers, like: other.triggers, \.id)
    content.edges = ordered(edges, like: other.edges, \.id)
    return content
  }
}
