import Rooms
import Workflow
import YProtocol

/// The Hocuspocus protocol at `/hocuspocus`: many documents over one websocket, each frame with the name of its document.
final class HocuspocusSession: WebSocketSession {
  /// How many documents one websocket may have open.
  private let maximumDocuments: Int
  /// What may wait until the connection takes frames again, in bytes.
  private let maximumDeferredBytes: Int
  /// By name as the client spells it.
  private var attendances: [String: HocuspocusAttendance] = [:]
  /// Answers that have to wait until the connection takes frames again.
  private var deferred: [[UInt8]] = []
  private var deferredBytes = 0
  /// What a deferred answer takes beside its bytes, about.
  private static let deferredOverhead = 64

  init(_ directory: RoomDirectory, maximumDocuments: Int, maximumDeferredBytes: Int) {
    self.maximumDocuments = maximumDocuments
    self.maximumDeferredBytes = maximumDeferredBytes
    super.init(directory)
  }

  override func received(_ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    guard isBinary else { return connection.close(.unsupportedData, reason: "this protocol is binary") }
    let bytes = Array(bytes)
    guard bytes != HocuspocusFrame.ping else { return answer(HocuspocusFrame.pong, connection) }
    do {
      received(try HocuspocusFrame(decoding: bytes), connection)
    } catch {
      connection.close(.protocolError, reason: "\(error)")
    }
  }

  private func received(_ frame: HocuspocusFrame, _ connection: Connection) {
    switch frame.message {
    case .token: authenticate(frame, connection)
    case .close: attendances.removeValue(forKey: frame.name)?.leave()
    case .shared(let message): attend(frame, connection)?.received(message, connection)
    case .stateless(let text): attendances[frame.name]?.received(stateless: text)
    case .authenticated, .permissionDenied, .syncStatus, .unknown: break
    }
  }

  // MARK: Documents

  /// Lets the client in. One that was turned away may ask again.
  private func authenticate(_ frame: HocuspocusFrame, _ connection: Connection) {
    if attendances[frame.name]?.isOver == true { attendances[frame.name] = nil }
    guard let attendance = attend(frame, connection) else { return }
    guard !attendance.isOver else { return }
    answer(frame.name, .authenticated(isReadOnly: attendance.isReadOnly), connection)
  }

  /// The client at the document, where it now comes if it is not there yet. Nil where it cannot have it, which it is told
  /// once.
  private func attend(_ frame: HocuspocusFrame, _ connection: Connection) -> HocuspocusAttendance? {
    if let attendance = attendances[frame.name] { return attendance }
    guard attendances.count < maximumDocuments else {
      connection.close(.policyViolation, reason: "more than \(maximumDocuments) documents on one connection")
      return nil
    }
    let attendance = HocuspocusAttendance(frame.name, self)
    attendances[frame.name] = attendance
    guard let name = DocumentName(String(frame.documentName)) else {
      let text = frame.documentName
      attendance.deny(
        "'\(text)' is no document: names are workflow:<uuid> and workflow:<uuid>:v<version>", connection)
      return attendance
    }
    attendance.join(directory.host(name), as: directory.nextMember(), connection)
    return attendance
  }

  override func closed() {
    let all = attendances.values.sorted { $0.name < $1.name }
    attendances = [:]
    for attendance in all { attendance.leave() }
  }

  // MARK: Answers

  /// Answers are short, and have to arrive also where the connection lags.
  func answer(_ name: String, _ message: HocuspocusMessage, _ connection: Connection) {
    answer(HocuspocusFrame(name: name, message).encoded(), connection)
  }

  private func answer(_ bytes: [UInt8], _ connection: Connection) {
    guard connection.isLagging else {
      connection.send(Frame(bytes))
      return
    }
    deferred.append(bytes)
    deferredBytes += bytes.count + Self.deferredOverhead
    if deferredBytes > maximumDeferredBytes {
      connection.close(.tryAgainLater, reason: "it asks and does not read the answers")
    }
  }

  override func lagging() {
    for attendance in inOrder { attendance.tell(Room.Event.lagging) }
  }

  override func caughtUp(_ connection: Connection) {
    let answers = deferred
    (deferred, deferredBytes) = ([], 0)
    for bytes in answers { connection.send(Frame(bytes)) }
    for attendance in inOrder { attendance.tell(Room.Event.caughtUp) }
  }

  private var inOrder: [HocuspocusAttendance] {
    attendances.values.sorted { $0.name < $1.name }
  }
}
