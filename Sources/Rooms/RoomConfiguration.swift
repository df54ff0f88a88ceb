public import Reconciliation

/// The limits and delays of a room. Times are in milliseconds.
public struct RoomConfiguration: Hashable, Sendable {
  /// How long a room without members stays loaded.
  public var unloadGrace: Milliseconds = 10_000
  /// A checkpoint is taken after this many updates …
  public var checkpointUpdates = 500
  /// … or after this many bytes of updates, whichever comes first.
  public var checkpointBytes = 1 << 20
  /// Bytes of updates that may wait for the store. Over it, who sends more is asked to come back later.
  public var maximumPendingBytes = 32 << 20
  /// Members hear something at least this often. Clients give up after 30 s without a message.
  public var keepAliveInterval: Milliseconds = 20_000
  /// How long edits that build on something unknown wait for the member's answer to step 1.
  public var answerTimeout: Milliseconds = 5_000
  /// Bytes that a member may send before the document is loaded, and while its answer to step 1 is awaited.
  public var maximumEarlyBytes = 16 << 20
  /// By how much one update may advance the clock of a client: each unit of content is one, deleted ones included.
  public var maximumClockJump: UInt64 = 1 << 24
  /// Bytes of content of one document up to which members' edits are taken.
  public var maximumContentBytes = 128 << 20
  /// Clients up to which another one may write in a document: each page that was ever loaded is one.
  public var maximumClients = 1 << 18
  /// Shared types up to which members' edits are taken: maps, lists and texts that a document ever held.
  public var maximumTypes = 1 << 20
  /// Structs and deleted ranges of one update of a member.
  public var maximumStructsPerUpdate = 1 << 20
  /// Bytes of updates that wait in a document for others that they build on.
  public var maximumIncompleteBytes = 16 << 20
  /// How long members wait for rows that changed to be merged before they are served; then they get what there is.
  public var openReconcileTimeout: Milliseconds = 5_000
  /// The first delay before a failed reconcile, save or read of the log is tried again; it doubles up to the maximum.
  public var retryDelay: Milliseconds = 250
  public var maximumRetryDelay: Milliseconds = 15_000
  /// The maximum while somebody waits, who is to have an answer before his patience ends.
  public var maximumAwaitedRetryDelay: Milliseconds = 2_000
  /// How often a save or reset that was overtaken by somebody else is worked out again before it is given up.
  public var maximumAttempts = 8

  /// Whether members of other servers see what members here show, and the other way round.
  public var showsElsewhere = false
  /// Bytes of what is shown in one piece to other servers; a state that is larger goes alone.
  public var maximumShownBytes = 5_600

  /// Who stands where people and the database changed the same thing differently.
  public var policy = Policy.standard

  public init() {}
}

/// Milliseconds of a steady clock; a room never reads one.
public typealias Milliseconds = Int64
