import TestSupport
import YCRDT
import YProtocol

/// A member who writes down what was acknowledged: unique keys in the document, and which of them must survive anything.
final class LedgerMember {
  let doc: Doc
  private let prefix: String
  private var written = 0
  /// How many of the keys written so far are known to be stored.
  private(set) var acknowledged = 0
  private var socket: TestWebSocket?
  private var asked: [UInt8: Int] = [:]
  private var lastQuestion: UInt8 = 0

  init(prefix: String, clientID: ClientID) {
    self.prefix = prefix
    doc = Doc(clientID: clientID)
  }

  /// Connects, and exchanges with the server what either lacks.
  func connect(port: UInt16, document: String) throws {
    let socket = try TestWebSocket(port: port, target: "/collab/\(document)")
    self.socket = socket
    asked = [:]
    try send(.syncStep1(doc.stateVector.encoded()))
    var isSynced = false
    while !isSynced { isSynced = try receive() }
  }

  /// Writes one more key and asks for an acknowledgement. Fails when the server is gone.
  func write() throws {
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    try doc.transact { try doc.map("positions").set(key(written), ["x": .int(Int64(written)), "y": 0]) }
    subscription.cancel()
    written += 1
    try send(.update(update))
    lastQuestion &+= 1
    asked[lastQuestion] = written
    try send(.syncStatus([lastQuestion]))
  }

  /// Reads until no more than `count` questions are open.
  func awaitAcknowledgements(open count: Int) throws {
    while asked.count > count { _ = try receive() }
  }

  /// The keys that were acknowledged, but that `other` does not have.
  func missing(in other: Doc) -> [String] {
    (0..<acknowledged).map(key).filter { !other.map("positions").contains($0) }
  }

  /// Reads until the document has every key that `other` knows to be stored.
  func awaitEverything(of other: LedgerMember) throws {
    try until("everything is there", state: "missing: \(other.missing(in: doc))") {
      let isThere = other.missing(in: doc).isEmpty
      if !isThere { _ = try receive() }
      return isThere
    }
  }

  func disconnect() { socket = nil }

  private func key(_ number: Int) -> String { "\(prefix)-\(number)" }

  private func send(_ message: Message) throws {
    try socket?.send(.binary, message.encoded())
  }

  /// Takes one message; true if it was the answer to step 1.
  private func receive() throws -> Bool {
    guard let frame = try socket?.readMessage(), frame.opcode == .binary else {
      throw TestSocket.Failure(description: "the server closed the connection")
    }
    switch try Message(decoding: frame.payload) {
    case .syncStep1(let vector):
      try send(.syncStep2(doc.encodeStateAsUpdate(since: try StateVector(decoding: vector))))
    case .syncStep2(let update):
      try doc.apply(update)
      return true
    case .update(let update): try doc.apply(update)
    case .syncStatus(let payload):
      if let number = payload.first.flatMap({ asked.removeValue(forKey: $0) }) {
        acknowledged = max(acknowledged, number)
      }
    default: break
    }
    return false
  }
}
