import Workflow
import YCRDT
import YProtocol

@testable import Rooms

/// The real `Room`, and its document in bytes, so that it need not be encoded again where it does not change.
struct ModelRoom {
  var room: Room
  var document: [UInt8]

  init(_ room: Room) {
    self.room = room
    document = room.doc.encodeStateAsUpdate(includingPending: true)
  }
}

enum RoomMachine {
  static func make() -> Machine<ModelRoom, RoomKey> {
    let unknown = RoomKey.unknownFields()
    if !unknown.isEmpty { print("the model tells rooms apart by the description of \(unknown.sorted())") }
    return Machine(key: { RoomKey($0, unknown: unknown) }, run: { handle($1, &$0) })
  }

  /// No delay outlasts a tick, so that only the order of things matters and times need not be told apart.
  static let tick: Rooms.Milliseconds = 60_000

  static func configuration(checkpointUpdates: Int) -> RoomConfiguration {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = checkpointUpdates
    configuration.keepAliveInterval = .max
    return configuration
  }

  private static func handle(_ signal: Signal, _ state: inout ModelRoom) -> [Signal] {
    guard let event = event(signal) else { return [.violation("a room cannot take \(signal)")] }
    let mayWrite = mayWrite(signal)
    // A document is a reference: where it may change, this state gets one of its own.
    if mayWrite { state.room.doc = state.room.doc.fork(clientID: state.room.doc.clientID) }
    var effects: [Room.Effect] = []
    state.room.handle(event, now: state.room.now + (signal == .tick ? tick : 0), effects: &effects)
    if mayWrite { state.document = state.room.doc.encodeStateAsUpdate(includingPending: true) }
    return effects.compactMap {
      // Presence is nothing that could be lost.
      switch $0 {
      case .broadcast(.awareness, _), .send(_, .awareness): nil
      default: .effect($0)
      }
    }
  }

  private static func mayWrite(_ signal: Signal) -> Bool {
    switch signal {
    case .join, .leave, .save, .rowsChanged, .logGrew, .appended, .stale, .storeFailed: false
    default: true
    }
  }

  private static func event(_ signal: Signal) -> Room.Event? {
    switch signal {
    case .join(let member): .join(member, isReadOnly: false)
    case .leave(let member): .leave(member)
    case .message(let member, let message): .message(member, message)
    case .save(let request): .request(request, .save(.system))
    case .rowsChanged: .rowsChanged
    case .logGrew(let sequence): .logGrew(to: sequence)
    case .tick: .tick
    case .loaded(let document): .loaded(document)
    case .rowsRead(let rows): .rowsRead(rows)
    case .logRead(let tail): .logRead(tail)
    case .appended(let index, let sequence): .appended(through: index, sequence: sequence)
    case .committed(let result): .committed(result)
    case .stale: .commitRefused(.stale)
    case .storeFailed: .storeFailed
    default: nil
    }
  }
}

/// All that decides what a room will do: rooms of equal keys do the same from here on.
///
/// Left out is what nothing depends on (statistics, presence, effects already handed out), and times: each that is set
/// is over with the next tick.
struct RoomKey: Hashable {
  private let document: [UInt8]
  private let counts: [Int]
  private let fields: [AnyHashable]

  private struct MemberKey: Hashable {
    let id: MemberID
    let early: [Message]
    let isInStep, hasDocument, isToldReadOnly: Bool
    let known: StateVector?
    let acknowledgement: [UInt8]?
    let lastAppendIndex: Int
    let held: [ClientID]
    let isDetained: Bool?
    let isTurnedDown: Bool
    /// Whom it has been heard after.
    let isAfter: [MemberID]
  }

  private enum PhaseKey: Hashable { case new, loading, catchingUp, serving, ended }

  init(_ state: ModelRoom, unknown: Set<String>) {
    let room = state.room
    document = state.document
    let phase: PhaseKey =
      switch room.phase {
      case .new: .new
      case .loading: .loading
      case .catchingUp: .catchingUp
      case .serving: .serving
      case .ended: .ended
      }
    let members = room.members.sorted { $0.key < $1.key }.map { id, member in
      MemberKey(
        id: id, early: member.early, isInStep: member.isInStep, hasDocument: member.hasDocument,
        isToldReadOnly: member.wasToldReadOnly, known: member.lag?.known, acknowledgement: member.lag?.acknowledgement,
        lastAppendIndex: member.lastAppendIndex, held: member.held, isDetained: member.detention?.hasLog,
        isTurnedDown: member.isTurnedDown,
        isAfter: room.members.filter { member.lastHeard > $0.value.joined }.keys.sorted())
    }
    let holders = room.holders.sorted { $0.key < $1.key }.map { [AnyHashable($0), $1.member, $1.previous] }
    let appends = room.pendingAppends.dropFirst(room.pendingAppendsStart).flatMap { [$0.index, $0.bytes] }
    let sequences = [room.knownSequence, room.highestSequence, room.hintedSequence].map(Int.init)
    let checkpoints = [room.updatesSinceCheckpoint, room.bytesSinceCheckpoint]
    counts = sequences + checkpoints + [room.lastAppendIndex, room.committedAppendIndex] + appends
    let waiting = room.waitingAcknowledgements.map { [AnyHashable($0.member), $0.payload, $0.index] }
    fields =
      [
        phase, members, room.serverClientID, room.serverClock, room.base, room.deletedAt, room.needsLog, waiting,
        holders,
        room.needsReconcile, room.operation, room.requests, room.failures > 0, room.retryAt != nil,
        room.emptySince != nil, room.isDraining,
      ]
      + Mirror(reflecting: room).children.filter { unknown.contains($0.label ?? "") }.map { "\($0.value)" }
  }

  /// Enough to tell most rooms apart; equality takes in all.
  func hash(into hasher: inout Hasher) {
    hasher.combine(document)
    hasher.combine(fields[0])
    for count in counts { hasher.combine(count) }
  }

  /// Fields of a room that this key was not told about. They count by their description: better to tell apart what is
  /// the same than to overlook a state.
  static func unknownFields() -> Set<String> {
    let room = Room(name: DocumentName(workflowID: Plot.workflowID))
    return Set(Mirror(reflecting: room).children.compactMap(\.label)).subtracting(known)
  }

  private static let known: Set<String> = [
    "name", "configuration", "statistics", "phase", "now", "effects", "doc", "awareness", "lastToldEverybody",
    // What the document is.
    "wholeState",
    "members", "holders",
    // Nobody is known in a model.
    "owners", "serverClientID", "serverClock", "base", "deletedAt", "knownSequence", "highestSequence",
    "hintedSequence",
    "needsLog", "lastAppendIndex", "committedAppendIndex", "pendingAppends", "pendingAppendsStart", "pendingBytes",
    "waitingAcknowledgements", "updatesSinceCheckpoint", "bytesSinceCheckpoint", "needsReconcile", "operation",
    "requests", "failures", "retryAt", "emptySince", "isDraining",
    // There is one history in a model, and nobody is set aside.
    "lineage", "strangers", "lastToldStrangers",
    // Only compared with what was read for it.
    "readAfter",
  ]
}
