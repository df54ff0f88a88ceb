import Workflow
import YProtocol

/// What a record keeps of an effect: what it was, for whom, how large, and by what to tell it from another.
public struct RecordedEffect: Hashable, Codable, Sendable {
  /// What was done.
  public enum Kind: UInt8, Codable, Sendable, CaseIterable {
    case syncStep1, syncStep2, update, awareness, queryAwareness, permissionDenied, syncStatus, event, unknown
    case close, setAside, reply, load, append, readLog, readRows, commit, checkpoint, closeConflicts, keepBranch, unload
    case wantsToShow, show, askWhoIsThere, askAgain
  }

  /// What was done; of what was sent, the message.
  public var kind: Kind
  /// Whether it went to every member.
  public var isBroadcast: Bool
  /// The member or request that it is for, or the index of an append; of a broadcast who does not get it; 0 for none.
  public var subject: UInt64
  /// The bytes that it carries.
  public var bytes: Int
  /// Tells it from others; also of what is not kept.
  public var digest: UInt32
}

extension RecordedEffect {
  init(_ effect: Room.Effect) {
    var print = Fingerprint()
    self.init(kind: .unload, isBroadcast: false, subject: 0, bytes: 0, digest: 0)
    switch effect {
    case .send(let member, let message): (kind, subject, bytes) = (Kind(message), member, message.mixed(into: &print))
    case .broadcast(let message, let sender):
      (kind, isBroadcast, subject, bytes) = (Kind(message), true, sender ?? 0, message.mixed(into: &print))
    case .close(let member, let reason):
      (kind, subject) = (.close, member)
      print.mix(reason.code)
    case .setAside(let member): (kind, subject) = (.setAside, member)
    case .reply(let request, let reply):
      (kind, subject) = (.reply, request)
      print.mix(reply.name)
    case .load: kind = .load
    case .append(let update, let index, _):
      (kind, subject, bytes) = (.append, UInt64(index), update.count)
      print.mix(update)
    case .readLog(let sequence):
      kind = .readLog
      print.mix(sequence)
    case .readRows: kind = .readRows
    case .commit(let commit):
      (kind, bytes) = (.commit, commit.update.count)
      commit.mix(into: &print)
    case .checkpoint(let state, let sequence):
      (kind, bytes) = (.checkpoint, state.count)
      print.mix(sequence)
      print.mix(state)
    case .closeConflicts(let closures):
      kind = .closeConflicts
      for closure in closures { print.mix("\(closure.id)") }
    case .keepBranch(let member, let draft):
      (kind, subject, bytes) = (.keepBranch, member, draft.updates.reduce(0) { $0 + $1.count })
      for update in draft.updates { print.mix(update) }
    case .wantsToShow: kind = .wantsToShow
    case .show(let update):
      (kind, bytes) = (.show, update.count)
      print.mix(update)
    case .askWhoIsThere: kind = .askWhoIsThere
    case .unload: kind = .unload
    case .askAgain(let request, _): (kind, subject) = (.askAgain, request)
    }
    digest = print.short
  }
}

extension RecordedEffect.Kind {
  init(_ message: Message) {
    self =
      switch message {
      case .syncStep1: .syncStep1
      case .syncStep2: .syncStep2
      case .update: .update
      case .awareness: .awareness
      case .queryAwareness: .queryAwareness
      case .permissionDenied: .permissionDenied
      case .syncStatus: .syncStatus
      case .event: .event
      case .unknown: .unknown
      }
  }
}

extension Message {
  /// Mixes what it carries into `print`, and returns how many bytes that is.
  fileprivate func mixed(into print: inout Fingerprint) -> Int {
    switch self {
    case .syncStep1(let bytes), .syncStep2(let bytes), .update(let bytes), .awareness(let bytes),
      .syncStatus(let bytes):
      print.mix(bytes)
      return bytes.count
    case .permissionDenied(let text), .event(let text):
      print.mix(text)
      return text.utf8.count
    case .queryAwareness: return 0
    case .unknown(let type):
      print.mix(type)
      return 0
    }
  }
}

extension ServerCommit {
  fileprivate func mix(into print: inout Fingerprint) {
    print.mix(kind.name)
    print.mix(update)
    print.mix(base.content.json.serialized())
    for number in [base.revision, Int64(base.lockVersion), expectedBaseRevision] { print.mix(number) }
    for number in [expectedServerClock, serverClock] { print.mix(number) }
    for count in [conflicts.count, changes.count, renames.count] { print.mix(count) }
  }
}

extension ServerCommit.Kind {
  /// What people call it.
  var name: String {
    switch self {
    case .reconcile: "reconcile"
    case .save: "save"
    case .reset: "reset"
    case .resolve: "resolve"
    case .recover: "recover"
    case .report: "report"
    case .patch: "patch"
    }
  }
}

extension Room.CloseReason {
  fileprivate var code: UInt64 {
    switch self {
    case .notFound: 1
    case .rejected: 2
    case .tryAgainLater: 3
    case .restarting: 4
    case .crowded: 5
    }
  }
}

extension Room.Reply {
  /// What kind of answer it is.
  var name: String {
    switch self {
    case .live: "live"
    case .opened: "opened"
    case .saved: "saved"
    case .reset: "reset"
    case .conflicts: "conflicts"
    case .resolved: "resolved"
    case .recovered: "recovered"
    case .patched: "patched"
    case .unpatchable: "unpatchable"
    case .unresolvable: "unresolvable"
    case .invalid: "invalid"
    case .forbidden: "forbidden"
    case .limited: "limited"
    case .crowded: "crowded"
    case .deleted: "deleted"
    case .neverSaved: "never saved"
    case .notFound: "not found"
    case .readOnly: "read only"
    case .unreadable: "unreadable"
    case .contended: "contended"
    case .failed: "failed"
    case .unavailable: "unavailable"
    case .restarting: "restarting"
    }
  }
}
