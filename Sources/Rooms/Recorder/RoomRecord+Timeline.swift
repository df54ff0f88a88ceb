import Workflow
import YProtocol

/// What happened, for people.
extension RecordedStep {
  /// A line of who did what and what came of it; nil where time passed and nothing came of it.
  public func line(_ effects: [Room.Effect]) -> String? {
    if case .tick = event, effects.isEmpty { return nil }
    let outcome = effects.compactMap(\.summary).joined(separator: "; ")
    return event.summary + (outcome.isEmpty ? "" : " → " + outcome)
  }
}

extension Room.Event {
  /// What came in, in words, without content.
  var summary: String {
    switch self {
    case .join(let member, let isReadOnly, let actor):
      "member \(member) joins" + (isReadOnly ? " to read" : "") + (actor?.name.map { ", \($0)" } ?? "")
    case .permit(let member, let writing): "member \(member) may \(writing ? "write" : "only read") from now on"
    case .leave(let member): "member \(member) leaves"
    case .message(let member, let message): "member \(member) sends \(message.summary)"
    case .lagging(let member): "member \(member) reads too slowly"
    case .caughtUp(let member): "member \(member) has caught up"
    case .request(let id, let request): "request \(id): \(request.summary)"
    case .rowsChanged: "the rows may have changed"
    case .logGrew(let sequence): "the log reaches up to \(sequence)"
    case .tick: "time passes"
    case .drain: "the server is about to end"
    case .replaced: "the document may have been replaced"
    case .failedOver: "another database answers, which may lack what was stored last"
    case .shownElsewhere(let update, let node): "server \(node) says what its members show, in \(update.count) bytes"
    case .askedWhoIsThere: "another server asks what members show"
    case .mayShow: "there is time to tell other servers what members show"
    case .nodeGone(let node): "server \(node) is gone"
    case .loaded(let document):
      "loaded: \(document.updates.count) updates, up to \(document.lastSequence), base revision \(document.base.revision), "
        + "rows' revision \(document.currentRevision.map(String.init) ?? "none")"
    case .versionLoaded(let rows): "loaded: version \(rows.lockVersion)"
    case .loadFailed: "loading failed"
    case .appended(let index, let sequence): "stored up to append \(index), as entry \(sequence)"
    case .appendRefused: "an append is refused"
    case .logRead(let tail):
      "log read: \(tail.updates.count) updates, up to \(tail.lastSequence), base revision \(tail.base.revision)"
    case .rowsRead(let rows): "rows read: " + (rows.map { "revision \($0.revision)" } ?? "there are none")
    case .committed(let result):
      "committed: entry \(result.lastSequence), revision \(result.revision), lock version \(result.lockVersion)"
    case .commitRefused: "the commit is refused"
    case .storeFailed: "the store does not answer"
    case .storeRefused: "the store refuses"
    case .documentGone: "the document is gone"
    case .branchKept(let member, _): "what member \(member) brought is kept, or need not be"
    case .branchNotKept(let member): "what member \(member) brought could not be kept now"
    }
  }
}

extension Message {
  fileprivate var summary: String {
    switch self {
    case .syncStep1(let bytes): "step 1 of \(bytes.count) bytes"
    case .syncStep2(let bytes): "step 2 of \(bytes.count) bytes"
    case .update(let bytes): "an update of \(bytes.count) bytes"
    case .awareness(let bytes): "awareness of \(bytes.count) bytes"
    case .queryAwareness: "a question for everybody's awareness"
    case .permissionDenied: "a refusal"
    case .syncStatus: "a sync status"
    case .event: "an event"
    case .unknown(let type): "a message of the unknown type \(type)"
    }
  }
}

extension Room.Request {
  fileprivate var summary: String {
    switch self {
    case .read: "read"
    case .save: "save"
    case .reset: "reset to the rows"
    case .conflicts: "list conflicts"
    case .open: "open"
    case .resolve(let records, let choice, _): "resolve \(records.count) conflicts by \(choice.name)"
    case .recover(let branch, _): "merge branch \(branch.number)"
    case .patch: "patch"
    }
  }
}

extension Room.Effect {
  /// What was done, in words, without content.
  fileprivate var summary: String? {
    switch self {
    case .send(let member, let message): "\(message.summary) to \(member)"
    case .broadcast(let message, let sender): "\(message.summary) to all" + (sender.map { " but \($0)" } ?? "")
    case .close(let member, let reason): "close \(member): \(reason.name)"
    case .setAside(let member): "set \(member) aside"
    case .reply(let request, let reply): "answer request \(request): \(reply.name)"
    case .load: "load"
    case .append(let update, let index, _): "append \(index) of \(update.count) bytes"
    case .readLog(let sequence): "read the log after \(sequence)"
    case .readRows: "read the rows"
    case .commit(let commit):
      "commit a \(commit.kind.name): \(commit.update.count) bytes, \(commit.changes.count) changes, "
        + "\(commit.conflicts.count) conflicts"
    case .checkpoint(let state, let sequence): "checkpoint of \(state.count) bytes up to \(sequence)"
    case .closeConflicts(let closures): "close \(closures.count) conflicts"
    case .keepBranch(let member, _): "keep what \(member) brought"
    case .wantsToShow: nil
    case .show(let update): "tell other servers what members show, in \(update.count) bytes"
    case .askWhoIsThere: "ask other servers what their members show"
    case .unload: "unload"
    case .askAgain(let request, _): "put request \(request) to the next room"
    }
  }
}

extension Room.CloseReason {
  fileprivate var name: String {
    switch self {
    case .notFound: "there is no such document"
    case .rejected: "what it sent is refused"
    case .tryAgainLater: "try again later"
    case .crowded: "its project has too many documents open"
    case .restarting: "the server restarts"
    }
  }
}
