public import Workflow

/// What a merge did.
public struct Reconciliation: Hashable, Sendable {
  /// What rows and document agree on from now on.
  public var base: Base
  /// What both sides had changed differently.
  public var conflicts: [Conflict]
  /// Whether the document was changed at all.
  public var changed: Bool
  /// Entities that the database has under other ids than before. Paths of conflicts have the new ones.
  public var renames: [Rename]

  /// What was chosen in conflicts about texts: what later choices in the same conflicts start from.
  public var chosenTexts: [ConflictRecord.ID: String]

  public init(
    base: Base, conflicts: [Conflict], changed: Bool, renames: [Rename] = [],
    chosenTexts: [ConflictRecord.ID: String] = [:]
  ) {
    self.base = base
    self.conflicts = conflicts
    self.changed = changed
    self.renames = renames
    self.chosenTexts = chosenTexts
  }
}
