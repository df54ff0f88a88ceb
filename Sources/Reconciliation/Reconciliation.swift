public import Workflow

/// What a merge did.
public struct Reconciliation: Hashable, Sendable {
  /// What rows and document agree on from now on.
  public var base: Base
  /// What both sides had changed differently.
  public var conflicts: [Conflict]
  /// Whether the document was changed at all.
  public var changed: Bool
  /// Whether the document still holds edits that the rows do not have.
  public var isDirty: Bool

  public init(base: Base, conflicts: [Conflict], changed: Bool, isDirty: Bool) {
    self.base = base
    self.conflicts = conflicts
    self.changed = changed
    self.isDirty = isDirty
  }
}
