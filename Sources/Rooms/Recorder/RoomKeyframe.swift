import Reconciliation
import Workflow
import YCRDT
import YProtocol

/// Everything that decides what a room does next: a room that is made of it goes on like the one it was made from.
public struct RoomKeyframe: Codable, Sendable {
  var name: DocumentName
  /// What was committed and not, and what waits for something missing.
  var document: [UInt8]
  var phase: Room.Phase
  var now: Milliseconds
  var awareness: Awareness
  var unshown: Room.Unshown
  var shownNames: [ClientID: String]
  var lastToldEverybody: Milliseconds
  var members: [MemberID: Room.Member]
  var holders: [ClientID: Room.Holder]
  var owners: [ClientID: String]
  var strangers: [MemberID: Room.Stranger]
  var lastToldStrangers: Milliseconds
  var lineage: Lineage?
  var serverClientID: ClientID
  var serverClock: UInt64
  var base: Base?
  var deletedAt: String?
  var newInProject: String?
  var knownSequence: Int64
  var highestSequence: Int64
  var hintedSequence: Int64
  var readAfter: Int64
  var needsLog: Bool
  var restoringAppend: Int?
  var lastAppendIndex: Int
  var committedAppendIndex: Int
  var pendingAppends: [Room.PendingAppend]
  var pendingAppendsStart: Int
  var pendingBytes: Int
  var waitingAcknowledgements: [Room.Acknowledgement]
  var updatesSinceCheckpoint: Int
  var bytesSinceCheckpoint: Int
  var needsReconcile: Bool
  var operation: Room.Operation?
  var requests: [Room.WaitingRequest]
  var reported: ValidationErrors
  var failures: Int
  var retryAt: Milliseconds?
  var openConflicts: [ConflictRecord]
  var mayHavePointlessConflicts: Bool
  var lastReconciliation: Int64
  var untoldDecisions: Set<ConflictRecord.ID>
  var emptySince: Milliseconds?
  var isDraining: Bool

  /// What a room is now. O(size of the document).
  init(_ room: Room) {
    name = room.name
    document = room.doc.encodeStateAsUpdate(includingPending: true)
    phase = room.phase
    now = room.now
    awareness = room.awareness
    unshown = room.unshown
    shownNames = room.shownNames
    lastToldEverybody = room.lastToldEverybody
    members = room.members
    holders = room.holders
    owners = room.owners
    strangers = room.strangers
    lastToldStrangers = room.lastToldStrangers
    lineage = room.lineage
    serverClientID = room.serverClientID
    serverClock = room.serverClock
    base = room.base
    deletedAt = room.deletedAt
    newInProject = room.newInProject
    knownSequence = room.knownSequence
    highestSequence = room.highestSequence
    hintedSequence = room.hintedSequence
    readAfter = room.readAfter
    needsLog = room.needsLog
    restoringAppend = room.restoringAppend
    lastAppendIndex = room.lastAppendIndex
    committedAppendIndex = room.committedAppendIndex
    pendingAppends = room.pendingAppends
    pendingAppendsStart = room.pendingAppendsStart
    pendingBytes = room.pendingBytes
    waitingAcknowledgements = room.waitingAcknowledgements
    updatesSinceCheckpoint = room.updatesSinceCheckpoint
    bytesSinceCheckpoint = room.bytesSinceCheckpoint
    needsReconcile = room.needsReconcile
    operation = room.operation
    requests = room.requests
    reported = room.reported
    failures = room.failures
    retryAt = room.retryAt
    openConflicts = room.openConflicts
    mayHavePointlessConflicts = room.mayHavePointlessConflicts
    lastReconciliation = room.lastReconciliation
    untoldDecisions = room.untoldDecisions
    emptySince = room.emptySince
    isDraining = room.isDraining
  }

  /// More bytes than any room holds, and few enough that very many such numbers can be added.
  private static let impossibleBytes = 1 << 40

  /// Whether no number in it contradicts another or is none that a room has, as in a file that somebody changed.
  var isConsistent: Bool {
    let counts = [lastAppendIndex, committedAppendIndex, updatesSinceCheckpoint, failures]
    let bytes =
      [pendingBytes, bytesSinceCheckpoint] + pendingAppends.map(\.bytes) + members.values.map(\.earlyBytes)
      + strangers.values.map(\.bytes)
    return counts.allSatisfy { $0 >= 0 } && bytes.allSatisfy { (0..<Self.impossibleBytes).contains($0) }
      && (0...pendingAppends.count).contains(pendingAppendsStart)
      && strangers.values.allSatisfy { (0...$0.updates.count).contains($0.underWay) }
  }

  /// About what it takes in memory.
  var bytes: Int {
    let early = members.values.reduce(0) { $0 + 256 + $1.earlyBytes } + strangers.values.reduce(0) { $0 + $1.bytes }
    // The base has about what the document has.
    return 2048 + 2 * document.count + early + pendingAppends.count * 16 + waitingAcknowledgements.count * 96
      + openConflicts.approximateBytes
  }
}

extension Room {
  /// A room that goes on from a keyframe.
  init(_ frame: RoomKeyframe, configuration: RoomConfiguration) throws(UpdateError) {
    self.init(name: frame.name, configuration: configuration)
    try doc.apply(frame.document)
    phase = frame.phase
    now = frame.now
    awareness = frame.awareness
    unshown = frame.unshown
    shownNames = frame.shownNames
    lastToldEverybody = frame.lastToldEverybody
    members = frame.members
    holders = frame.holders
    owners = frame.owners
    strangers = frame.strangers
    lastToldStrangers = frame.lastToldStrangers
    lineage = frame.lineage
    serverClientID = frame.serverClientID
    serverClock = frame.serverClock
    base = frame.base
    deletedAt = frame.deletedAt
    newInProject = frame.newInProject
    knownSequence = frame.knownSequence
    highestSequence = frame.highestSequence
    hintedSequence = frame.hintedSequence
    readAfter = frame.readAfter
    needsLog = frame.needsLog
    restoringAppend = frame.restoringAppend
    lastAppendIndex = frame.lastAppendIndex
    committedAppendIndex = frame.committedAppendIndex
    pendingAppends = frame.pendingAppends
    pendingAppendsStart = frame.pendingAppendsStart
    pendingBytes = frame.pendingBytes
    waitingAcknowledgements = frame.waitingAcknowledgements
    updatesSinceCheckpoint = frame.updatesSinceCheckpoint
    bytesSinceCheckpoint = frame.bytesSinceCheckpoint
    needsReconcile = frame.needsReconcile
    operation = frame.operation
    requests = frame.requests
    reported = frame.reported
    failures = frame.failures
    retryAt = frame.retryAt
    openConflicts = frame.openConflicts
    mayHavePointlessConflicts = frame.mayHavePointlessConflicts
    lastReconciliation = frame.lastReconciliation
    untoldDecisions = frame.untoldDecisions
    emptySince = frame.emptySince
    isDraining = frame.isDraining
  }

  /// Tells states of a room apart that lead on differently, as far as that costs nothing: it is asked for with every event.
  var cheapDigest: UInt32 {
    var print = Fingerprint()
    print.mix(knownSequence)
    print.mix(highestSequence)
    print.mix(hintedSequence)
    print.mix(lastReconciliation)
    print.mix(base?.revision ?? -1)
    print.mix(lastAppendIndex)
    print.mix(committedAppendIndex)
    print.mix(pendingBytes)
    print.mix(members.count)
    print.mix(strangers.count)
    print.mix(requests.count)
    print.mix(openConflicts.count)
    print.mix(updatesSinceCheckpoint)
    print.mix(bytesSinceCheckpoint)
    print.mix(failures)
    print.mix(base?.lockVersion ?? -1)
    print.mix(serverClock)
    print.mix((needsLog ? 1 : 0) + (needsReconcile ? 2 : 0) + (isServing ? 4 : 0) + (isDraining ? 8 : 0))
    return print.short
  }

  /// What the room holds: the document to the byte, and the base.
  var recordedContents: RecordMark.Contents {
    var (document, agreed) = (Fingerprint(), Fingerprint())
    let state = doc.encodeStateAsUpdate(includingPending: true)
    document.mix(state)
    if let base {
      agreed.mix(base.content.json.serialized())
      agreed.mix(base.ids.encoded())
      agreed.mix(base.revision)
    }
    return RecordMark.Contents(bytes: state.count, document: document.value.hex, base: agreed.value.hex)
  }
}

extension UInt64 {
  var hex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
