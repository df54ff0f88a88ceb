import Rooms
import Workflow
import YProtocol

/// The y-websocket protocol at `/collab/<document>`.
enum CollabEndpoint {
  /// What hangs on a websocket between its handshake and its end.
  final class Session {
    let name: DocumentName?
    let refusal: String
    var member: MemberID?
    var host: RoomHost?

    init(name: DocumentName?, refusal: String = "") {
      self.name = name
      self.refusal = refusal
    }
  }

  /// Every document name gets its websocket. What is wrong with it is said in the protocol, because a client that is
  /// refused before tries again at once, for ever.
  static func accept(_ segments: ArraySlice<String>) -> Session {
    let text = segments.joined(separator: "/")
    guard let name = DocumentName(text) else {
      return Session(
        name: nil, refusal: "'\(text)' is no document: names are workflow:<uuid> and workflow:<uuid>:v<version>")
    }
    return Session(name: name)
  }

  static func opened(_ connection: Connection, _ session: Session, _ directory: RoomDirectory) {
    guard let name = session.name else { return deny(connection, session.refusal) }
    let member = directory.nextMember()
    let host = directory.host(name)
    session.member = member
    session.host = host
    host.join(member, connection, isReadOnly: name.version != nil)
  }

  /// One frame, which is one message.
  static func received(
    _ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection, _ session: Session
  ) {
    guard let host = session.host, let member = session.member else { return }
    guard isBinary else { return connection.close(.unsupportedData, reason: "this protocol is binary") }
    do {
      host.handle(.message(member, try Message(decoding: Array(bytes))))
    } catch {
      connection.close(.protocolError, reason: "\(error)")
    }
  }

  static func closed(_ session: Session) {
    guard let host = session.host, let member = session.member else { return }
    session.host = nil
    host.leave(member)
  }

  /// Says why there is no such document, and leaves the websocket open without a room. A client that hears nothing more
  /// leaves after 30 s; closed at once it would be back at once.
  static func deny(_ connection: Connection, _ reason: String) {
    (connection.object as? Session)?.host = nil
    connection.send(Frame(Message.permissionDenied(reason: reason).encoded()))
  }
}
