public import YCRDT

/// A document as the store holds it, read in one transaction.
public struct StoredDocument: Hashable, Codable, Sendable {
  public var name: DocumentName
  /// Which history of the document this is.
  public var lineage: Lineage
  /// The client id that the server authors this document's updates under.
  public var serverClientID: ClientID
  /// A state that covers the log up to some sequence number, if one was taken.
  public var checkpoint: [UInt8]?
  /// The updates of the log behind the checkpoint, oldest first.
  public var updates: [[UInt8]]
  /// The sequence number of the newest entry of the log.
  public var lastSequence: Int64
  public var base: Base
  /// The clock of the server's client id after the last commit of the server: what the next one is compared with. The
  /// log may be ahead of it, where members brought back what the server wrote before its database was set back.
  public var serverClock: UInt64
  /// The revision of the workflow's rows now; nil where the workflow is gone. Unequal to the base's: reconcile.
  public var currentRevision: Int64?
  /// The number of the newest record of what servers did to it.
  public var lastReconciliation: Int64
  /// The conflicts that nobody has decided.
  public var openConflicts: [ConflictRecord]
  /// The project of a workflow that was never saved; nil for any other.
  public var newInProject: String?
  /// The project of its workflow; nil where the workflow is gone.
  public var projectID: String?

  /// Without a `root` the server's client wrote the first update as well.
  public init(
    name: DocumentName, epoch: Int64, serverClientID: ClientID, checkpoint: [UInt8]?, updates: [[UInt8]],
    lastSequence: Int64, base: Base, serverClock: UInt64, currentRevision: Int64?, lastReconciliation: Int64 = 0,
    openConflicts: [ConflictRecord] = [], root: ClientID? = nil, earlierRoots: Set<ClientID> = [],
    incarnation: Int64 = 1, newInProject: String? = nil, projectID: String? = nil
  ) {
    self.name = name
    lineage = Lineage(
      epoch: epoch, incarnation: incarnation, root: root ?? serverClientID, earlierRoots: earlierRoots)
    self.serverClientID = serverClientID
    self.checkpoint = checkpoint
    self.updates = updates
    self.lastSequence = lastSequence
    self.base = base
    self.serverClock = serverClock
    self.currentRevision = currentRevision
    self.lastReconciliation = lastReconciliation
    self.openConflicts = openConflicts
    self.newInProject = newInProject
    self.projectID = projectID
  }
}
