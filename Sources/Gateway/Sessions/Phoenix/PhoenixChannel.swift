import Rooms
import Workflow
import YProtocol

/// One client's membership in one topic, from its join to its end.
final class PhoenixChannel {
  /// The event under which messages of the y-websocket protocol go both ways, each the payload of a binary frame.
  static let messageEvent = "yjs"
  /// The same from a client, for its step 1.
  static let syncEvent = "yjs_sync"
  /// What the names of our own events begin with.
  static let ownPrefix = "heddle:"

  let topic: String
  let joinRef: String?
  /// Kept as long as something is under way for this channel, also when the websocket is gone. It lets go of its channels then.
  let session: PhoenixSession
  var stage = Stage.joining
  var attendance: Attendance?
  var isReadOnly = false
  /// Edits that are to be answered once they are stored, in order, by how many there were before.
  var unanswered: [(count: UInt64, message: PhoenixMessage)] = []
  private var received: UInt64 = 0
  var savesUnderWay = 0
  /// What was saved while the client itself saves: it may turn out to be the same.
  var heldNotices: [JSONValue] = []

  enum Stage {
    /// It is being found out whether the client may join.
    case joining
    case joined(Seat)
    case over
  }

  /// What the client has while it is in the topic.
  struct Seat {
    let host: RoomHost
    let member: MemberID
    let projectID: String
    /// Nil where nobody has to say who they are.
    let actor: Actor?

    var name: DocumentName { host.name }
  }

  init(_ session: PhoenixSession, _ message: PhoenixMessage) {
    self.session = session
    topic = message.topic
    joinRef = message.joinRef
  }

  var seat: Seat? { if case .joined(let seat) = stage { seat } else { nil } }

  // MARK: Going

  /// The client, or its connection, goes.
  func leave() {
    if let attendance { session.gateway.attendances.remove(attendance) }
    let seat = seat
    stage = .over
    if let seat {
      session.gateway.topics.remove(self)
      seat.host.leave(seat.member)
    }
  }

  /// Ends the membership and tells the client, which does not come back by itself after `close` and does after `error`.
  func end(_ event: String = PhoenixMessage.close) {
    leave()
    session.forget(self)
    session.push(PhoenixMessage.text(joinRef, joinRef, topic, event, [:]), .text)
  }

  // MARK: From the client

  func received(_ message: PhoenixMessage) {
    guard let seat else { return session.reply(to: message, isOK: false, PhoenixRefusal.unmatchedTopic.json) }
    switch (message.event, message.payload) {
    case (Self.messageEvent, .binary(let bytes)), (Self.syncEvent, .binary(let bytes)): received(bytes, message)
    case (_, .json(let payload)):
      if session.begin(message) { PhoenixRequests.carryOut(PhoenixRequest(message, payload, self, seat)) }
    case (_, .binary):
      session.reply(to: message, isOK: false, PhoenixRefusal("\(message.event) is not binary").json)
    }
  }

  /// What cannot be read is answered, and harms nobody.
  private func received(_ bytes: [UInt8], _ message: PhoenixMessage) {
    do {
      let content = try Message(decoding: bytes)
      switch content {
      case .syncStep2, .update: receivedEdit(content, message)
      case .syncStep1, .awareness, .queryAwareness:
        tell { .message($0, content) }
        session.reply(to: message, isOK: true, [:])
      // Acknowledgements and events go their own way here.
      case .syncStatus, .event, .permissionDenied, .unknown: session.reply(to: message, isOK: true, [:])
      }
    } catch {
      session.reply(to: message, isOK: false, PhoenixRefusal("\(error)").json)
    }
  }

  private func receivedEdit(_ content: Message, _ message: PhoenixMessage) {
    // The room takes nothing of a reader, and may want to know whose document he has.
    tell { .message($0, content) }
    guard !isReadOnly else {
      return session.reply(to: message, isOK: false, PhoenixRequest.response(to: readOnlyFailure))
    }
    guard message.ref != nil else { return }
    received += 1
    unanswered.append(
      (
        received,
        PhoenixMessage(
          joinRef: message.joinRef, ref: message.ref, topic: topic, event: message.event, payload: .json(.null))
      ))
    // Comes back when everything up to here is stored.
    tell { .message($0, .syncStatus(Self.payload(received))) }
  }

  /// Why a client may not write.
  private var readOnlyFailure: RequestFailure {
    seat?.name.version == nil
      ? .unauthorized : RequestFailure(422, "A saved version cannot be changed", type: "read_only_view")
  }

  private static func payload(_ count: UInt64) -> [UInt8] {
    withUnsafeBytes(of: count.littleEndian, Array.init)
  }

  func tell(_ event: (MemberID) -> Room.Event) {
    if let seat { seat.host.handle(event(seat.member)) }
  }

  // MARK: To the client

  /// Tells the client something that is no message of the document.
  func push(_ event: String, _ payload: JSONValue) {
    session.push(PhoenixMessage.text(joinRef, nil, topic, event, payload), .text)
  }
}
