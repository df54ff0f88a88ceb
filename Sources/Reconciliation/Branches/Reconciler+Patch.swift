public import Workflow
public import YCRDT

/// What somebody made of a version of the live document, without being connected to it.
public struct PatchedContent: Hashable, Codable, Sendable {
  public var content: WorkflowContent
  /// The version that it was made of, and the ids of the characters of its texts.
  public var start: WorkflowContent
  public var startIDs: IdSet

  public init(_ content: WorkflowContent, of start: WorkflowContent, ids: IdSet) {
    self.content = content
    self.start = start
    startIDs = ids
  }
}

extension Reconciler {
  /// Merges what a patch changed into the document, three-way, from the version that it was made of. As with a branch, where
  /// both sides changed the same plain value the document's stands, `base` stays, and all that comes in is unsaved.
  ///
  /// An element with a new id is a new one: who patches says which ids are which.
  public func merge(patch: PatchedContent, into doc: Doc, base: Base, rows: WorkflowRows) throws -> Reconciliation {
    var theirs = rows
    theirs.content = patch.content
    theirs.revision = base.revision
    let start = Base(
      content: patch.start, ids: patch.startIDs, revision: base.revision, lockVersion: base.lockVersion)
    var result = try preferringLive().merge(rows: theirs, base: start, into: doc, matchingIdentities: false)
    result.base = base
    return result
  }

  /// One that lets the document's values stand, whatever the policy says.
  func preferringLive() throws -> Reconciler {
    let winners = Dictionary(policy.overridablePaths.map { ($0, Policy.Winner.live) }) { first, _ in first }
    return Reconciler(policy: try policy.overriding(winners: winners))
  }
}
