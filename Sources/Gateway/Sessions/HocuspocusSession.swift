import Rooms
import Workflow
import YProtocol

/// The Hocuspocus protocol at `/hocuspocus`: many documents over one websocket, each frame with the name of its document.
final class HocuspocusSession: WebSocketSession {
  /// How many documents one websocket may have open.
  private let maximumDocuments: Int
  /// What may wait until it is known what the client may, in bytes.
  private let maximumUnauthenticatedBytes: Int
  let door: Doorkeeper
  let attendances: Attendances
  /// By name as the client spells it.
  private var members: [String: HocuspocusMember] = [:]
  private var unauthenticatedBytes = 0
  private var hasShownToken = false
  private var answers: AnswerQueue
  /// What a message that waits takes beside its bytes, about.
  private static let overhead = 64

  init(
    _ directory: RoomDirectory, _ door: Doorkeeper, _ attendances: Attendances, _ configuration: GatewayConfiguration
  ) {
    self.door = door
    self.attendances = attendances
    maximumDocuments = configuration.maximumDocumentsPerConnection
    answers = AnswerQueue(maximumBytes: configuration.network.sendQueueSoftLimitBytes)
    maximumUnauthenticatedBytes = configuration.maximumUnauthenticatedBytes
    super.init(directory)
  }

  override var isUsed: Bool { members.values.contains { !$0.isOver } }

  override var isIntroduced: Bool { hasShownToken || door.authentication == nil }

  override func received(_ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    guard isBinary else { return connection.close(.unsupportedData, reason: "this protocol is binary") }
    let bytes = Array(bytes)
    guard bytes != HocuspocusFrame.ping else { return answers.send(HocuspocusFrame.pong, to: connection) }
    do {
      received(try HocuspocusFrame(decoding: bytes), connection)
    } catch {
      connection.close(.protocolError, reason: "\(error)")
    }
  }

  private func received(_ frame: HocuspocusFrame, _ connection: Connection) {
    switch frame.message {
    case .token(let token): authenticate(frame, token, connection)
    case .close: members.removeValue(forKey: frame.name)?.leave()
    case .shared, .stateless: with(frame, connection) { $0.received(frame.message, at: $1) }
    case .authenticated, .permissionDenied, .syncStatus, .unknown: break
    }
  }

  // MARK: Documents

  /// Lets the client in. One that was turned away may ask again.
  private func authenticate(_ frame: HocuspocusFrame, _ token: String, _ connection: Connection) {
    hasShownToken = true
    if let member = members[frame.name], member.isOver {
      member.leave()
      members[frame.name] = nil
    }
    with(frame, connection) { $0.present(token, at: $1) }
  }

  /// Goes on with the client at the document of a frame. Where there is no such document it is told so, once.
  private func with(
    _ frame: HocuspocusFrame, _ connection: Connection, _ body: (HocuspocusMember, DocumentName) -> Void
  ) {
    guard members[frame.name] != nil || members.count < maximumDocuments else {
      return connection.close(.policyViolation, reason: "more than \(maximumDocuments) documents on one connection")
    }
    let isNew = members[frame.name] == nil
    let member = members[frame.name] ?? HocuspocusMember(frame.name, self, connection)
    members[frame.name] = member
    if let name = DocumentName(String(frame.documentName)) {
      body(member, name)
    } else if isNew {
      let text = frame.documentName
      member.deny("'\(text)' is no document: names are workflow:<uuid> and workflow:<uuid>:v<version>")
    }
  }

  /// Counts what waits until it is known what the client may, or closes the connection where that is too much.
  func keep(_ message: HocuspocusMessage, _ connection: Connection) -> Bool {
    unauthenticatedBytes += Self.size(of: message)
    guard unauthenticatedBytes > maximumUnauthenticatedBytes else { return true }
    connection.close(
      .policyViolation, reason: "more than \(maximumUnauthenticatedBytes) bytes before it is known what you may do")
    return false
  }

  /// What was kept is dealt with.
  func forget(_ messages: [HocuspocusMessage]) {
    for message in messages { unauthenticatedBytes -= Self.size(of: message) }
  }

  private static func size(of message: HocuspocusMessage) -> Int {
    HocuspocusFrame(name: "", message).encoded().count + overhead
  }

  override func closed() {
    let all = inOrder
    members = [:]
    for member in all { member.leave() }
  }

  // MARK: Answers

  func answer(_ name: String, _ message: HocuspocusMessage, _ connection: Connection) {
    answers.send(HocuspocusFrame(name: name, message).encoded(), to: connection)
  }

  override func lagging() {
    for member in inOrder { member.tell(Room.Event.lagging) }
  }

  override func caughtUp(_ connection: Connection) {
    answers.caughtUp(connection)
    for member in inOrder { member.tell(Room.Event.caughtUp) }
  }

  private var inOrder: [HocuspocusMember] {
    members.values.sorted { $0.name < $1.name }
  }
}
