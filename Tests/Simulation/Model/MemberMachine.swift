import Workflow
import YCRDT
import YProtocol

/// A member's tab: a replica that edits, whether connected or not.
struct Replica {
  var doc: Doc
  /// Whether the answer to step 1, with all that was written offline, is on its way. Before that nobody can say that
  /// everything is safe.
  var hasAnswered = false

  init(member: Int) {
    doc = Doc(clientID: ModelScript.member + ClientID(member + 1))
  }

  /// What its id in the room is.
  var id: UInt64 { doc.clientID - ModelScript.member }

  var canEdit: Bool { doc.array(WorkflowDocument.jobsRoot).count > 0 }
}

struct ReplicaKey: Hashable {
  let id: UInt64
  let state: [UInt8]
  let hasAnswered: Bool
}

enum MemberMachine {
  static func make() -> Machine<Replica, ReplicaKey> {
    let key = { (replica: Replica) in
      ReplicaKey(
        id: replica.id, state: replica.doc.encodeStateAsUpdate(includingPending: true),
        hasAnswered: replica.hasAnswered)
    }
    return Machine(key: key) { replica, signal in
      // A document is a reference: this state gets one of its own.
      replica.doc = replica.doc.fork(clientID: replica.doc.clientID)
      do {
        return try handle(signal, &replica)
      } catch {
        return [.violation("a member cannot take \(signal): \(error)")]
      }
    }
  }

  private static func handle(_ signal: Signal, _ replica: inout Replica) throws -> [Signal] {
    let doc = replica.doc
    switch signal {
    case .connected:
      replica.hasAnswered = false
      return [.sent(.syncStep1(doc.stateVector.encoded()))]
    case .edit(let number):
      var update: [UInt8] = []
      let subscription = doc.observeUpdates { update = $0.update }
      defer { subscription.cancel() }
      try ModelScript.edit(number, doc)
      return [.sent(.update(update))] + (replica.hasAnswered ? [question(doc)] : [])
    case .received(.syncStep1(let vector)):
      replica.hasAnswered = true
      let known = try StateVector(decoding: vector)
      return [.sent(.syncStep2(doc.encodeStateAsUpdate(since: known, includingPending: true))), question(doc)]
    case .received(.syncStep2(let update)), .received(.update(let update)):
      try doc.apply(update)
      return []
    case .received(.syncStatus(let payload)):
      return [.acknowledged(replica.id, clock: UInt64(payload.first ?? 0))]
    default: return [.violation("a member cannot take \(signal)")]
    }
  }

  /// Asks for the acknowledgement of all that the member has written.
  private static func question(_ doc: Doc) -> Signal { .sent(.syncStatus([UInt8(doc.stateVector[doc.clientID])])) }
}
