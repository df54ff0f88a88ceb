import Rooms
import Workflow
import YProtocol

/// The y-websocket protocol at `/collab/<document>`: one document, each frame one message.
final class CollabSession: WebSocketSession {
  /// The document, or what is wrong with its name. Every name gets its websocket, and is told in the protocol: a client that
  /// is refused before tries again at once, for ever.
  let name: DocumentName?
  private let refusal: String
  /// What the client may do with the document.
  var permit = Permit.unchecked
  private let attendances: Attendances
  /// Whether the client asked to be closed at once where it has no access: it does not come back then.
  private let heedsCloses: Bool
  private var attendance: Attendance?
  private var connection: Connection?
  private var member: MemberID?
  private var host: RoomHost?
  /// Nil where the client does not want its own edits back.
  private var echoes: Echoes?
  private var isReadOnly = false

  /// The path of the request is `/collab/` and the document's name.
  init(
    _ request: HTTPRequest, _ directory: RoomDirectory, _ attendances: Attendances,
    _ configuration: GatewayConfiguration
  ) {
    self.attendances = attendances
    let wantsEchoes = request.queryValue("echo").map { $0 == "1" } ?? configuration.echoesUpdates
    echoes = wantsEchoes ? Echoes(maximumBytes: configuration.maximumEchoBytes) : nil
    heedsCloses = request.queryValue("close") == "now"
    let text = request.segments.dropFirst().joined(separator: "/")
    name = DocumentName(text)
    refusal = name == nil ? "'\(text)' is no document: names are workflow:<uuid> and workflow:<uuid>:v<version>" : ""
    super.init(directory)
  }

  override func opened(_ connection: Connection) {
    guard let name else { return deny(connection, refusal) }
    self.connection = connection
    switch permit {
    case .unchecked: join(name, connection, mayEdit: true, nil)
    case .granted(let token, let actor, let mayEdit):
      let attendance = Attendance(self, at: name, token, mayEdit: mayEdit, heedsCloses: heedsCloses)
      self.attendance = attendance
      attendances.add(attendance)
      join(name, connection, mayEdit: mayEdit, actor)
    case .refused(let refusal):
      let attendance = Attendance(self, at: name, nil, mayEdit: false, heedsCloses: heedsCloses)
      self.attendance = attendance
      attendances.add(attendance, refused: refusal)
    }
  }

  private func join(_ name: DocumentName, _ connection: Connection, mayEdit: Bool, _ actor: Actor?) {
    let member = directory.nextMember()
    let host = directory.host(name)
    self.member = member
    self.host = host
    isReadOnly = !mayEdit || name.version != nil
    host.join(RoomHost.Seat(id: member, connection: connection, line: self), isReadOnly: isReadOnly, actor: actor)
  }

  override func received(_ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    guard let host, let member else { return }
    guard isBinary else { return connection.close(.unsupportedData, reason: "this protocol is binary") }
    do {
      let message = try Message(decoding: Array(bytes))
      let messages = echoes?.received(message, mayEdit: !isReadOnly) ?? [message]
      for message in messages { host.handle(.message(member, message)) }
      if let echoes, echoes.isTooMuch { connection.close(.tryAgainLater, reason: echoes.reason) }
    } catch {
      connection.close(.protocolError, reason: "\(error)")
    }
  }

  override func lagging() {
    tell(Room.Event.lagging)
  }

  override func caughtUp(_ connection: Connection) {
    tell(Room.Event.caughtUp)
  }

  private func tell(_ event: (MemberID) -> Room.Event) {
    if let member { host?.handle(event(member)) }
  }

  override func closed() {
    connection = nil
    if let attendance { attendances.remove(attendance) }
    leave()
  }

  private func leave() {
    guard let host, let member else { return }
    self.host = nil
    host.leave(member)
  }

  /// Says why there is no such document, and leaves the websocket open without a room. A client that hears nothing more
  /// leaves after 30 s; closed at once it would be back at once.
  private func deny(_ connection: Connection, _ reason: String) {
    host = nil
    connection.send(Frame(Message.permissionDenied(reason: reason).encoded()))
  }
}

extension CollabSession: MemberLine {
  func send(_ message: Message, to connection: Connection) {
    for message in echoes?.sent(message) ?? [message] { connection.send(Frame(message.encoded())) }
  }

  func dismissed(_ connection: Connection, _ reason: Room.CloseReason) {
    switch reason {
    // Who hears nothing more asks again after half a minute, and not at once as after a close.
    case .notFound(let what), .crowded(let what): deny(connection, what)
    case .rejected(let why): connection.close(.policyViolation, reason: why)
    case .tryAgainLater(let why): connection.close(.tryAgainLater, reason: why)
    case .restarting: connection.close(.serviceRestart, reason: "the server restarts, please reconnect")
    }
  }
}

extension CollabSession: Attendant {
  func changeAccess(mayEdit: Bool) {
    guard let member, let host, host.name.version == nil else { return }
    isReadOnly = !mayEdit
    host.handle(.permit(member, writing: mayEdit))
  }

  func loseAccess(_ reason: String) {
    leave()
    if let connection { deny(connection, reason) }
  }

  func close(_ code: WebSocketCloseCode, reason: String) {
    connection?.close(code, reason: reason)
  }
}
