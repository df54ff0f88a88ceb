import Rooms
import YProtocol

/// One client of the Hocuspocus protocol at one document.
final class HocuspocusAttendance {
  /// The text of a stateless message with which a client asks for events, which come as such messages.
  static let subscription = "heddle:events"

  /// The document as the client spells it.
  let name: String
  private unowned let session: HocuspocusSession
  private var host: RoomHost?
  private var member: MemberID?
  /// Whether the client was turned away, or left.
  var isOver: Bool { host == nil }
  private(set) var isReadOnly = false
  /// How many edits the client sent, and how many of them it was told about.
  private var received: UInt64 = 0
  private var reported: UInt64 = 0
  /// Whether a reader was told that there is nothing of it to be stored.
  private var wasReaderReassured = false

  init(_ name: String, _ session: HocuspocusSession) {
    self.name = name
    self.session = session
  }

  func join(_ host: RoomHost, as member: MemberID, _ connection: Connection) {
    self.host = host
    self.member = member
    isReadOnly = host.name.version != nil
    host.join(RoomHost.Seat(id: member, connection: connection, line: self, nameInFrames: name), isReadOnly: isReadOnly)
    // It lags since before it came.
    if connection.isLagging { tell(Room.Event.lagging) }
  }

  func leave() {
    guard let host, let member else { return }
    self.host = nil
    host.leave(member)
  }

  func tell(_ event: (MemberID) -> Room.Event) {
    if let member { host?.handle(event(member)) }
  }

  // MARK: From the client

  func received(_ message: Message, _ connection: Connection) {
    switch message {
    case .syncStep2, .update:
      guard !isReadOnly else { return session.answer(name, .syncStatus(isStored: false), connection) }
      tell { .message($0, message) }
      received += 1
      // Comes back when everything up to here is stored.
      tell { .message($0, .syncStatus(Self.payload(received))) }
    default: tell { .message($0, message) }
    }
  }

  func received(stateless text: String) {
    if text == Self.subscription { tell { .message($0, .event("")) } }
  }

  private static func payload(_ count: UInt64) -> [UInt8] {
    withUnsafeBytes(of: count.littleEndian, Array.init)
  }
}

extension HocuspocusAttendance: MemberLine {
  func send(_ message: Message, to connection: Connection) {
    switch message {
    case .syncStatus(let payload): report(payload, connection)
    case .event(let text): send(.stateless(text), connection)
    case .permissionDenied(let reason):
      // A reader learns of each edit that it is not stored.
      if !isReadOnly { send(.permissionDenied(reason: reason), connection) }
    case .syncStep2:
      send(.shared(message), connection)
      reassureReader(connection)
    case .syncStep1, .update, .awareness, .queryAwareness, .unknown: send(.shared(message), connection)
    }
  }

  private func send(_ message: HocuspocusMessage, _ connection: Connection) {
    connection.send(Frame(HocuspocusFrame(name: name, message).encoded()))
  }

  /// Says of each edit that was not spoken of yet that it is stored: where the client lagged, one acknowledgement stands for
  /// those before it.
  private func report(_ payload: [UInt8], _ connection: Connection) {
    let count = payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    while reported < count {
      send(.syncStatus(isStored: true), connection)
      reported += 1
    }
  }

  /// Clients count their answer to step 1, for which a reader is not asked, as an edit that is not stored yet.
  private func reassureReader(_ connection: Connection) {
    guard isReadOnly, !wasReaderReassured else { return }
    wasReaderReassured = true
    send(.syncStatus(isStored: true), connection)
  }

  func dismissed(_ connection: Connection, _ reason: Room.CloseReason) {
    switch reason {
    case .notFound(let what): deny(what, connection)
    case .rejected(let why):
      host = nil
      session.answer(name, .close(reason: why), connection)
    case .tryAgainLater(let why): connection.close(.tryAgainLater, reason: why)
    case .restarting: connection.close(.serviceRestart, reason: "the server restarts, please reconnect")
    }
  }

  /// Says why the client cannot have the document. What it still sends about that is ignored.
  func deny(_ reason: String, _ connection: Connection) {
    host = nil
    session.answer(name, .permissionDenied(reason: reason), connection)
  }
}
