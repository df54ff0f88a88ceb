public import Workflow
import YCRDT
import YProtocol

/// One shared document with its members, as a state machine: events go in, effects come out.
///
/// A room does no I/O, owns no timer and reads no clock, so that everything it does can be replayed. It is confined to
/// one thread.
///
/// What members send is applied to the live document, broadcast at once, and appended to the log. What the server
/// itself writes (a reconcile, a save, a reset) is worked out on a fork of the document, committed, and only then
/// applied and broadcast, like an update that comes from the log. A commit that is refused or fails leaves no trace.
public struct Room {
  public let name: DocumentName
  public let configuration: RoomConfiguration

  /// What the room has done so far, for the metrics.
  public internal(set) var statistics = RoomStatistics()

  enum Phase: Hashable, Codable {
    /// Nobody asked for the document yet.
    case new
    /// The document is on its way from the store.
    case loading
    /// Loaded, but the rows have changed since: members wait until that is merged, at most until the deadline.
    case catchingUp(deadline: Milliseconds)
    case serving
    /// The last effect was `unload`.
    case ended
  }

  var phase = Phase.new
  var now: Milliseconds = 0
  var effects: [Effect] = []

  var doc = Doc()
  /// All of `doc` as an update, as long as nothing was applied since it was asked for.
  var wholeState: [UInt8]?
  var awareness = Awareness()
  /// What other servers have not been told yet of what members show.
  var unshown = Unshown()
  /// The names that clients showed of themselves, also of those that left.
  var shownNames: [ClientID: String] = [:]
  /// When something last went to every member alike.
  var lastToldEverybody: Milliseconds = 0
  var members: [MemberID: Member] = [:]
  /// Who has which client id, of those who are here; and whose it was first, where that is known.
  var holders: [ClientID: Holder] = [:]
  var owners: [ClientID: String] = [:]

  /// Members of another history, and those that have left until what they wrote is kept.
  var strangers: [MemberID: Stranger] = [:]
  var lastToldStrangers: Milliseconds = 0

  // What is known of the store.
  /// Which history of the document this is.
  public internal(set) var lineage: Lineage?
  var serverClientID: ClientID = 0
  /// The clock of that id after the last commit of the server that we know of. The document may be ahead: members bring
  /// along what another node told them.
  var serverClock: UInt64 = 0
  var base: Base?
  var deletedAt: String?
  /// The project of a workflow that was never saved; nil for any other.
  var newInProject: String?
  /// Every entry of the log up to this one is in `doc`.
  var knownSequence: Int64 = 0
  /// The highest sequence number heard of. Above `knownSequence`: another node has appended.
  var highestSequence: Int64 = 0
  /// The highest number that a hint spoke of.
  var hintedSequence: Int64 = 0
  /// Up to where everything was known when the log was last asked for what follows.
  var readAfter: Int64 = 0
  /// Whether a commit of ours may be in the log without our having seen its number.
  var needsLog = false
  /// The append that holds all of this document: once it is committed the document is loaded anew, from a database that may have been
  /// set back. Nil where nothing of the kind happened.
  var restoringAppend: Int?

  // Appends that are not committed yet.
  var lastAppendIndex = 0
  var committedAppendIndex = 0
  var pendingAppends: [PendingAppend] = []
  var pendingAppendsStart = 0
  var pendingBytes = 0
  /// Acknowledgements that wait for a commit, by ascending index.
  var waitingAcknowledgements: [Acknowledgement] = []
  var updatesSinceCheckpoint = 0
  var bytesSinceCheckpoint = 0

  // What the server itself has to do.
  var needsReconcile = false
  var operation: Operation?
  var requests: [WaitingRequest] = []
  /// What was last found wrong with the document, and is in its `errors`.
  var reported = ValidationErrors()
  var failures = 0
  var retryAt: Milliseconds?

  // What members are told of beside the document.
  /// The conflicts that nobody has decided.
  var openConflicts: [ConflictRecord] = []
  /// Whether the document has changed since it was last looked whether they have a point.
  var mayHavePointlessConflicts = false
  /// The number of the newest record that members were told of.
  public internal(set) var lastReconciliation: Int64 = 0
  /// Conflicts that were decided by records of which members are still to be told.
  var untoldDecisions: Set<ConflictRecord.ID> = []

  var emptySince: Milliseconds?
  var isDraining = false

  /// A room for a document that is not loaded yet.
  public init(name: DocumentName, configuration: RoomConfiguration = RoomConfiguration()) {
    self.name = name
    self.configuration = configuration
  }

  /// Takes in one event at a time of a steady clock, and appends what is to be done to `effects`.
  public mutating func handle(_ event: Event, now: Milliseconds, effects: inout [Effect]) {
    self.now = now
    swap(&self.effects, &effects)
    defer { swap(&self.effects, &effects) }
    dispatch(event)
  }

  private mutating func dispatch(_ event: Event) {
    guard phase != .ended else { return turnAway(event) }
    switch event {
    case .message(let member, let message): received(message, from: member)
    case .appended(let index, let sequence): appended(through: index, sequence: sequence)
    case .appendRefused(let why): appendRefused(why)
    case .join(let member, let isReadOnly, let actor): join(member, isReadOnly: isReadOnly, actor)
    case .permit(let member, let writing): permit(member, writing: writing)
    case .leave(let member): leave(member)
    case .lagging(let member): lagging(member)
    case .caughtUp(let member): caughtUp(member)
    case .request(let id, let request): accept(request, id: id)
    case .rowsChanged: rowsChanged()
    case .logGrew(let sequence): logGrew(to: sequence)
    case .tick: tick()
    case .drain: drain()
    case .loaded(let document): loaded(document)
    case .versionLoaded(let rows): versionLoaded(rows)
    case .loadFailed(let failure): loadFailed(failure)
    case .logRead(let tail): logRead(tail)
    case .rowsRead(let rows): rowsRead(rows)
    case .committed(let result): committed(result)
    case .commitRefused(let refusal): commitRefused(refusal)
    case .storeFailed: storeFailed()
    case .storeRefused(let why): storeRefused(why)
    case .documentGone: makeWay()
    case .branchKept(let member, let outcome): branchKept(member, outcome)
    case .branchNotKept(let member): branchNotKept(member)
    case .replaced: documentReplaced()
    case .failedOver: failedOver()
    case .shownElsewhere(let update, let node): shownElsewhere(update, by: node)
    case .askedWhoIsThere: showEverything()
    case .mayShow: show()
    case .nodeGone(let node): nodeGone(node)
    }
  }

  /// Whoever comes to a room that has ended comes too late for it, and is one for the next.
  private mutating func turnAway(_ event: Event) {
    switch event {
    case .join(let member, _, _): effects.append(.close(member, .restarting))
    case .request(let id, let request): effects.append(.askAgain(id, request))
    default: break
    }
  }

  /// The bytes of updates that are not committed yet.
  public var pendingUpdateBytes: Int { pendingBytes }

  /// The number of the newest entry of the log that is known to be there.
  public var storedSequence: Int64 { highestSequence }

  /// How many members there are, served or waiting.
  public var memberCount: Int { members.count }

  /// Whether it is open for somebody: who is in it, was until a moment ago, or waits for an answer. Else it is open for what the
  /// server itself has to do.
  public var isForSomebody: Bool { !members.isEmpty || !requests.isEmpty || emptySince != nil }
}

/// Counts of what one room has done.
public struct RoomStatistics: Hashable, Sendable {
  public var updates = 0
  public var updateBytes = 0
  public var rejectedUpdates = 0
  public var reconciles = 0
  public var conflicts = 0
  public var saves = 0
  public var staleCommits = 0
  public var checkpoints = 0
  public var resyncs = 0
  /// Members that came with another history.
  public var strangers = 0
  /// That the document could not be read, so that nobody was served it.
  public var unreadable = 0
  /// Documents read from the store.
  public var loads = 0

  public init() {}

  public static func += (total: inout RoomStatistics, part: RoomStatistics) {
    total.updates += part.updates
    total.updateBytes += part.updateBytes
    total.rejectedUpdates += part.rejectedUpdates
    total.reconciles += part.reconciles
    total.conflicts += part.conflicts
    total.saves += part.saves
    total.staleCommits += part.staleCommits
    total.checkpoints += part.checkpoints
    total.resyncs += part.resyncs
    total.strangers += part.strangers
    total.unreadable += part.unreadable
    total.loads += part.loads
  }
}
