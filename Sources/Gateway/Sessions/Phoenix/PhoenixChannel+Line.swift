import Rooms
import Workflow
import YProtocol

/// What the room tells the client.
extension PhoenixChannel: MemberLine {
  func send(_ message: Message, to connection: Connection) {
    switch message {
    case .syncStatus(let payload): answer(through: payload)
    case .event(let text): notify(text)
    // A reader learns of each edit that it is not stored.
    case .permissionDenied(let reason):
      if !isReadOnly { push(Self.ownPrefix + "permission_denied", ["reason": .string(reason)]) }
    case .syncStep1, .syncStep2, .update, .awareness, .queryAwareness, .unknown:
      let frame = PhoenixFrame.push(
        joinRef: joinRef ?? "", topic: topic, event: Self.messageEvent, payload: message.encoded())
      connection.send(Frame(frame.encoded()))
    }
  }

  /// Answers all edits up to the one that is stored now: where the client lagged, one acknowledgement stands for those before.
  private func answer(through payload: [UInt8]) {
    let count = payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let stored = unanswered.prefix { $0.count <= count }
    unanswered.removeFirst(stored.count)
    for edit in stored { session.reply(to: edit.message, isOK: true, [:]) }
  }

  func dismissed(_ connection: Connection, _ reason: Room.CloseReason) {
    switch reason {
    case .notFound(let why), .rejected(let why):
      push(Self.ownPrefix + "dismissed", ["reason": .string(why)])
      end()
    case .tryAgainLater(let why), .crowded(let why):
      push(Self.ownPrefix + "dismissed", ["reason": .string(why)])
      end(PhoenixMessage.error)
    case .restarting: connection.close(.serviceRestart, reason: "the server restarts, please reconnect")
    }
  }
}

// MARK: Events

extension PhoenixChannel {
  /// Passes on an event of the room under our own name, and as `workflow_saved` where the rows are others now.
  private func notify(_ text: String) {
    guard let event = try? JSONValue(parsing: text), let type = event["type"]?.string else { return }
    if type == "saved" || type == "reconciled" {
      savesUnderWay > 0 ? heldNotices.append(event) : pushSaved(event)
    }
    push(Self.ownPrefix + type, event)
  }

  private func pushSaved(_ event: JSONValue) {
    push(
      "workflow_saved",
      ["latest_snapshot_lock_version": event["lock_version"] ?? .null, "workflow": event["workflow"] ?? .null])
  }

  /// The client saves: it is answered, and not told as well.
  func beginSave() {
    savesUnderWay += 1
  }

  /// `lockVersion` is the version that was saved, nil where none was.
  func endSave(_ lockVersion: Int?) {
    savesUnderWay -= 1
    guard savesUnderWay == 0 else { return }
    let notices = heldNotices
    heldNotices = []
    for notice in notices where notice["lock_version"]?.integer != lockVersion { pushSaved(notice) }
  }
}
