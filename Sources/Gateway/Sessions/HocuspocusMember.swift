import Rooms
import Workflow
import YProtocol

/// One client of the Hocuspocus protocol at one document.
final class HocuspocusMember {
  /// The text of a stateless message with which a client asks for events, which come as such messages.
  static let subscription = "heddle:events"

  /// The document as the client spells it.
  let name: String
  private unowned let session: HocuspocusSession
  private let connection: Connection
  private var stage = Stage.new
  /// What the client's token gives it, where tokens are wanted.
  private var attendance: Attendance?
  private var isReadOnly = false
  /// How many edits the client sent, and how many of them it was told about.
  private var received: UInt64 = 0
  private var reported: UInt64 = 0
  /// Whether a reader was told that there is nothing of it to be stored.
  private var wasReaderReassured = false

  private enum Stage {
    case new
    /// It is being found out what the client may; what it sends meanwhile.
    case asking(sent: [HocuspocusMessage])
    case joined(RoomHost, MemberID)
    /// The client was turned away, or left.
    case over
  }

  init(_ name: String, _ session: HocuspocusSession, _ connection: Connection) {
    self.name = name
    self.session = session
    self.connection = connection
  }

  var isOver: Bool { if case .over = stage { true } else { false } }

  // MARK: Coming and going

  /// The client shows a token, which nobody looks at where none are wanted.
  func present(_ token: String, at document: DocumentName) {
    switch stage {
    case .joined: session.answer(name, .authenticated(isReadOnly: isReadOnly), connection)
    case .asking, .over: break
    case .new:
      guard session.door.authentication != nil else { return join(document, mayEdit: true, nil) }
      stage = .asking(sent: [])
      session.door.admit(token, of: session.peer, to: document) { [weak self] permit in
        self?.decided(permit, document)
      }
    }
  }

  private func decided(_ permit: Permit, _ document: DocumentName) {
    guard case .asking(let sent) = stage else { return }
    session.forget(sent)
    switch permit {
    case .unchecked: join(document, mayEdit: true, nil)
    case .granted(let token, let actor, let mayEdit):
      let attendance = Attendance(self, at: document, token, mayEdit: mayEdit)
      self.attendance = attendance
      session.attendances.add(attendance)
      join(document, mayEdit: mayEdit, actor)
      for message in sent { received(message, at: document) }
    case .refused(let refusal): deny(refusal.reason)
    }
  }

  private func join(_ document: DocumentName, mayEdit: Bool, _ actor: Actor?) {
    let (host, member) = (session.directory.host(document), session.directory.nextMember())
    stage = .joined(host, member)
    isReadOnly = !mayEdit || document.version != nil
    host.join(
      RoomHost.Seat(id: member, connection: connection, line: self, framing: .hocuspocus(name: name)),
      isReadOnly: isReadOnly,
      actor: actor)
    guard !isOver else { return }
    // It lags since before it came.
    if connection.isLagging { tell(Room.Event.lagging) }
    session.answer(name, .authenticated(isReadOnly: isReadOnly), connection)
  }

  /// The client, or its connection, goes.
  func leave() {
    if let attendance { session.attendances.remove(attendance) }
    leaveRoom()
  }

  private func leaveRoom() {
    switch stage {
    case .joined(let host, let member):
      stage = .over
      host.leave(member)
    case .asking(let sent):
      stage = .over
      session.forget(sent)
    case .new, .over: stage = .over
    }
  }

  /// Says why the client cannot have the document. What it still sends about that is ignored.
  func deny(_ reason: String) {
    stage = .over
    session.answer(name, .permissionDenied(reason: reason), connection)
  }

  // MARK: From the client

  func received(_ message: HocuspocusMessage, at document: DocumentName) {
    switch stage {
    case .new where session.door.authentication != nil: deny(AccessRefusal.noToken.reason)
    case .new:
      join(document, mayEdit: true, nil)
      received(message, at: document)
    case .asking(let sent):
      if session.keep(message, connection) { stage = .asking(sent: sent + [message]) }
    case .joined:
      if case .shared(let message) = message { received(message) }
      if message == .stateless(Self.subscription) { tell { .message($0, .event("")) } }
    case .over: break
    }
  }

  private func received(_ message: Message) {
    switch message {
    case .syncStep2, .update:
      // The room takes nothing of a reader, and may want to know whose document he has.
      tell { .message($0, message) }
      guard !isReadOnly else { return session.answer(name, .syncStatus(isStored: false), connection) }
      received += 1
      // Comes back when everything up to here is stored.
      tell { .message($0, .syncStatus(Self.payload(received))) }
    default: tell { .message($0, message) }
    }
  }

  private static func payload(_ count: UInt64) -> [UInt8] {
    withUnsafeBytes(of: count.littleEndian, Array.init)
  }

  func tell(_ event: (MemberID) -> Room.Event) {
    if case .joined(let host, let member) = stage { host.handle(event(member)) }
  }
}

extension HocuspocusMember: MemberLine {
  func send(_ message: Message, to connection: Connection) {
    switch message {
    case .syncStatus(let payload): report(payload)
    case .event(let text): send(.stateless(text))
    case .permissionDenied(let reason):
      // A reader learns of each edit that it is not stored.
      if !isReadOnly { send(.permissionDenied(reason: reason)) }
    case .syncStep2:
      send(.shared(message))
      reassureReader()
    case .syncStep1, .update, .awareness, .queryAwareness, .unknown: send(.shared(message))
    }
  }

  func stateSent() { reassureReader() }

  private func send(_ message: HocuspocusMessage) {
    connection.send(Frame(HocuspocusFrame(name: name, message).encoded()))
  }

  /// Says of each edit that was not spoken of yet that it is stored: where the client lagged, one acknowledgement stands for
  /// those before it.
  private func report(_ payload: [UInt8]) {
    let count = payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    while reported < count {
      send(.syncStatus(isStored: true))
      reported += 1
    }
  }

  /// Clients count their answer to step 1, for which a reader is not asked, as an edit that is not stored yet.
  private func reassureReader() {
    guard isReadOnly, !wasReaderReassured else { return }
    wasReaderReassured = true
    send(.syncStatus(isStored: true))
  }

  func dismissed(_ connection: Connection, _ reason: Room.CloseReason) {
    switch reason {
    case .notFound(let what), .crowded(let what): deny(what)
    case .rejected(let why):
      stage = .over
      session.answer(name, .close(reason: why), connection)
    case .tryAgainLater(let why): connection.close(.tryAgainLater, reason: why)
    case .restarting: connection.close(.serviceRestart, reason: "the server restarts, please reconnect")
    }
  }
}

extension HocuspocusMember: Attendant {
  func changeAccess(mayEdit: Bool) {
    guard case .joined(let host, let member) = stage, host.name.version == nil else { return }
    isReadOnly = !mayEdit
    session.answer(name, .authenticated(isReadOnly: isReadOnly), connection)
    host.handle(.permit(member, writing: mayEdit))
  }

  func loseAccess(_ reason: String) {
    leaveRoom()
    session.answer(name, .permissionDenied(reason: reason), connection)
  }

  /// The others on the connection stay.
  func close(_ code: WebSocketCloseCode, reason: String) {
    session.answer(name, .close(reason: reason), connection)
  }
}
