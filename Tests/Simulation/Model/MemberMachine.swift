import Workflow
import YCRDT
import YProtocol

/// A member's tab: a replica that edits, whether connected or not.
enum MemberMachine {
  /// What its id in the room is.
  static func id(of doc: Doc) -> UInt64 { doc.clientID - ModelScript.member }

  static func make() -> Machine<Doc, [UInt8]> {
    Machine(key: { $0.encodeStateAsUpdate(includingPending: true) + [UInt8(id(of: $0))] }) { doc, signal in
      doc = doc.fork(clientID: doc.clientID)
      do {
        return try handle(signal, doc)
      } catch {
        return [.violation("a member cannot take \(signal): \(error)")]
      }
    }
  }

  private static func handle(_ signal: Signal, _ doc: Doc) throws -> [Signal] {
    switch signal {
    case .connected: return [.sent(.syncStep1(doc.stateVector.encoded()))]
    case .edit(let number):
      var update: [UInt8] = []
      let subscription = doc.observeUpdates { update = $0.update }
      defer { subscription.cancel() }
      try ModelScript.edit(number, doc)
      return [.sent(.update(update)), status(doc)]
    case .received(.syncStep1(let vector)):
      let known = try StateVector(decoding: vector)
      return [.sent(.syncStep2(doc.encodeStateAsUpdate(since: known, includingPending: true))), status(doc)]
    case .received(.syncStep2(let update)), .received(.update(let update)):
      try doc.apply(update)
      return []
    case .received(.syncStatus(let payload)):
      return [.acknowledged(id(of: doc), clock: UInt64(payload.first ?? 0))]
    default: return [.violation("a member cannot take \(signal)")]
    }
  }

  /// Asks for the acknowledgement of all that the member has written.
  private static func status(_ doc: Doc) -> Signal { .sent(.syncStatus([UInt8(doc.stateVector[doc.clientID])])) }

  static func canEdit(_ doc: Doc) -> Bool { doc.array(WorkflowDocument.jobsRoot).count > 0 }
}
