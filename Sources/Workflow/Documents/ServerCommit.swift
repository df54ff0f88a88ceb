public import YCRDT

/// Something that the server itself writes to a document: one database transaction, made only if nobody was faster.
///
/// The store compares `expectedServerClock` and `expectedBaseRevision` (for a save also the rows' revision) with what it
/// holds, under the document's row lock, and refuses the commit as stale where they differ. So of two nodes that both
/// worked out the same reconcile, one commits and the other throws its work away.
public struct ServerCommit: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The rows were merged into the document; `base` is what they hold.
    case reconcile
    /// The document replaces what the rows hold: `rows.content` is written, `rows.revision` is the revision that it
    /// was computed against, `rows.lockVersion` the version that the save makes.
    case save(WorkflowRows)
    /// The document was taken back to the rows.
    case reset
    /// Somebody chose between the sides of these conflicts. Where that was about texts, `texts` is what was chosen: from
    /// these the next choices start, so that they replace no more than these.
    case resolve([ConflictRecord.ID], outcome: String, texts: [ConflictRecord.ID: String] = [:])
    /// What a branch holds was merged into the document; the base stays.
    case recover(BranchRecord)
    /// What is wrong with the document was written into it. Rows and base stay, and there is no record of it.
    case report
    /// A patch was merged into the document; the base stays.
    case patch

    /// Whether it makes a version of what the document holds.
    public var isSave: Bool { if case .save = self { true } else { false } }
  }

  /// How the new base's content differs from that of the base so far: so that what is written is as large as that.
  public enum ContentWrite: Hashable, Sendable {
    /// Nobody knows; it is written whole.
    case whole
    case unchanged
    /// See `WorkflowContent.difference`.
    case difference(JSONValue)
  }

  public var document: DocumentName
  /// The document that it was computed for; nil for whichever there is. See `Lineage.incarnation`.
  public var incarnation: Int64?
  public var kind: Kind
  /// What goes into the log; empty where the document does not change.
  public var update: [UInt8]
  /// The new base. For a save its revision is set by the store, which alone learns it.
  public var base: Base
  public var contentWrite: ContentWrite
  public var expectedBaseRevision: Int64
  /// The clock of the document's server client id before `update`, and after it.
  public var expectedServerClock: UInt64
  public var serverClock: UInt64
  public var conflicts: [Conflict]
  /// What differs between the base so far and the new one.
  public var changes: [ContentChange]
  /// Entities that have other ids now: records about them follow.
  public var renames: [Rename]
  /// What caused it. For a reconcile: what wrote the rows.
  public var provenance: Provenance
  /// Of a save: the state of the document that is saved, `update` included.
  public var covered: StateVector?
  /// The number of the newest record that who makes this knows of; nil where it does not matter.
  public var knownReconciliation: Int64?

  public init(
    document: DocumentName, incarnation: Int64? = nil, kind: Kind, update: [UInt8], base: Base,
    contentWrite: ContentWrite = .whole, expectedBaseRevision: Int64,
    expectedServerClock: UInt64, serverClock: UInt64, conflicts: [Conflict] = [], changes: [ContentChange] = [],
    renames: [Rename] = [], provenance: Provenance = .unknown, covered: StateVector? = nil,
    knownReconciliation: Int64? = nil
  ) {
    self.document = document
    self.incarnation = incarnation
    self.kind = kind
    self.update = update
    self.base = base
    self.contentWrite = contentWrite
    self.expectedBaseRevision = expectedBaseRevision
    self.expectedServerClock = expectedServerClock
    self.serverClock = serverClock
    self.conflicts = conflicts
    self.changes = changes
    self.renames = renames
    self.provenance = provenance
    self.covered = covered
    self.knownReconciliation = knownReconciliation
  }
}

/// What the store made of a `ServerCommit` that it accepted.
public struct CommitResult: Hashable, Codable, Sendable {
  public var lastSequence: Int64
  /// The revision that the base now stands at.
  public var revision: Int64
  public var lockVersion: Int
  /// The number of the record of it.
  public var number: Int64
  /// When it was made, in ISO 8601.
  public var recordedAt: String
  /// Whether there are records before it that who made it did not know of.
  public var followsUnknown: Bool

  public init(
    lastSequence: Int64, revision: Int64, lockVersion: Int, number: Int64 = 0, recordedAt: String = "",
    followsUnknown: Bool = false
  ) {
    self.lastSequence = lastSequence
    self.revision = revision
    self.lockVersion = lockVersion
    self.number = number
    self.recordedAt = recordedAt
    self.followsUnknown = followsUnknown
  }
}

/// Who did something: a person, a repository connection, or the system itself.
public struct Actor: Hashable, Codable, Sendable {
  public var type: String
  public var id: String?
  public var name: String?

  public init(type: String, id: String? = nil, name: String? = nil) {
    self.type = type
    self.id = id
    self.name = name
  }

  public static let system = Actor(type: "system")
  /// Somebody who has a document open, and of whom nothing is known.
  public static let member = Actor(type: "member")

  /// The types of those who have shown a token: a person, and the connection of a repository to a project.
  public static let userType = "user"
  public static let repositoryType = "repository"
}
