/// One thing that the server did to a document, as it is kept: a merge of changed rows or of a branch, a
/// save, a reset or a resolution.
public struct ReconciliationRecord: Hashable, Codable, Sendable {
  public enum Kind: String, Hashable, Codable, Sendable {
    case reconcile, save, reset, resolve
    /// What came from elsewhere than the rows was merged into the document: a branch, or by its source a patch.
    case recover
    /// What two sides had made of the rows was merged by who wrote them: an import from a repository, or of a sandbox.
    case merge
  }

  /// Counts those of one document from 1 on.
  public var number: Int64
  public var kind: Kind
  public var provenance: Provenance
  /// The version of the rows that rows and document agreed on afterwards. Of a `merge`: the one that the rows have since.
  public var lockVersion: Int
  /// The revision of the rows then; 0 where it is not known.
  public var revision: Int64
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
    renames: [Rename] = [], updateBytes: Int, recordedAt: String, revision: Int64 = 0
  ) {
    self.number = number
    self.kind = kind
    self.provenance = provenance
    self.lockVersion = lockVersion
    self.revision = revision
    self.changes = changes
    self.conflicts = conflicts
    self.renames = renames
    self.updateBytes = updateBytes
    self.recordedAt = recordedAt
  }

  /// Whether a document that was merged with the rows of this revision has what came of it, see `ConflictRecord.isKnown`.
  public func isKnown(at revision: Int64) -> Bool {
    kind != .merge || self.revision <= revision || revision == Base.noRows
  }

  /// Whether anything is different afterwards, conflicts that it decided aside.
  public var isNews: Bool { !changes.isEmpty || conflicts > 0 || updateBytes > 0 }
}
