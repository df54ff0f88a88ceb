/// One thing that the server did to a document, as it is kept: a merge of changed rows or of a branch, a
/// save, a reset or a resolution.
public struct ReconciliationRecord: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case reconcile, save, reset, resolve
    /// What came from elsewhere than the rows was merged into the document: a branch, or by its source a patch.
    case recover
  }

  /// Counts those of one document from 1 on.
  public var number: Int64
  public var kind: Kind
  public var provenance: Provenance
  /// The version of the rows that rows and document agreed on afterwards.
  public var lockVersion: Int
  /// What differed between what they had agreed on before, and then. Values may be gone from old records.
  public var changes: [ContentChange]
  public var conflicts: Int
  /// Entities that the rows had under other ids than before. `changes` speaks of them as gone and come.
  public var renames: [Rename]
  /// How large the update is that it put into the document.
  public var updateBytes: Int
  /// In ISO 8601.
  public var recordedAt: String

  public init(
    number: Int64, kind: Kind, provenance: Provenance, lockVersion: Int, changes: [ContentChange], conflicts: Int,
    renames: [Rename] = [], updateBytes: Int, recordedAt: String
  ) {
    self.number = number
    self.kind = kind
    self.provenance = provenance
    self.lockVersion = lockVersion
    self.changes = changes
    self.conflicts = conflicts
    self.renames = renames
    self.updateBytes = updateBytes
    self.recordedAt = recordedAt
  }
  /// Whether anything is different afterwards, conflicts that it decided aside.
  public var isNews: Bool { !changes.isEmpty || conflicts > 0 || updateBytes > 0 }
}
