/// What a document's log holds behind a sequence number, and the base, read in one transaction.
public struct LogTail: Hashable, Codable, Sendable {
  /// The updates behind the sequence number asked for, oldest first. Where the log does not reach back that far any
  /// more, the checkpoint that replaced it comes first.
  public var updates: [[UInt8]]
  /// The sequence number of the newest entry of the log.
  public var lastSequence: Int64
  public var base: Base
  /// See `StoredDocument.serverClock`.
  public var serverClock: UInt64
  /// The newest records of what servers did to the document, behind the number asked for, in order.
  public var reconciliations: [ReconciliationRecord]
  /// See `StoredDocument.openConflicts`.
  public var openConflicts: [ConflictRecord]

  /// Which document this is the log of; nil where that cannot be another than before. See `Lineage.incarnation`.
  public var incarnation: Int64?
  /// See `StoredDocument.newInProject`.
  public var newInProject: String?

  public init(
    updates: [[UInt8]], lastSequence: Int64, base: Base, serverClock: UInt64,
    reconciliations: [ReconciliationRecord] = [], openConflicts: [ConflictRecord] = [], incarnation: Int64? = nil,
    newInProject: String? = nil
  ) {
    self.updates = updates
    self.lastSequence = lastSequence
    self.base = base
    self.serverClock = serverClock
    self.reconciliations = reconciliations
    self.openConflicts = openConflicts
    self.incarnation = incarnation
    self.newInProject = newInProject
  }
}
