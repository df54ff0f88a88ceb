import TestSupport
import Workflow
import YCRDT
import YProtocol

/// An open editor: a document that is kept up with the server's, and what arrived for it.
final class Tab {
  let doc: Doc
  /// Document updates that came after the tab was up to date; several edits in one frame count once.
  private(set) var frames = 0
  /// The events that came, the newest last.
  private(set) var events: [JSONValue] = []
  private let socket: TestWebSocket
  private var lastQuestion: UInt8 = 0
  private var awareness: ClientAwareness

  /// Opens a workflow, or a saved version of it, and waits until everything the server has is there.
  /// It shows itself under `name`.
  init(
    _ site: Site, clientID: ClientID = 900_000_001, workflow: String = SampleProject.workflow, version: Int? = nil,
    name: String? = nil
  ) throws {
    doc = Doc(clientID: clientID)
    awareness = ClientAwareness(client: clientID)
    socket = try TestWebSocket(
      port: site.port, target: "/collab/\(DocumentName(workflowID: workflow, version: version))")
    if let name { try send(.awareness(awareness.show(JSONValue.object(["user": ["name": .string(name)]]).text))) }
    try send(.syncStep1(doc.stateVector.encoded()))
    var isSynced = false
    while !isSynced {
      if case .syncStep2 = try receive() { isSynced = true }
    }
  }

  /// Edits the document and sends that; nothing is saved.
  func edit(_ body: (Doc) throws -> Void) throws {
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    try doc.transact { try body(doc) }
    subscription.cancel()
    for update in updates { try send(.update(update)) }
  }

  /// Waits until the server has stored everything that this tab sent.
  func settle() throws {
    lastQuestion &+= 1
    try send(.syncStatus([lastQuestion]))
    while try receive() != .syncStatus([lastQuestion]) {}
  }

  /// Receives until `condition` holds. The socket limits how long it waits for each message.
  func wait(until condition: (Doc) throws -> Bool) throws {
    try until("the document shows it") {
      if try condition(doc) { return true }
      try receive()
      return false
    }
  }

  /// Asks for events, and waits for the first.
  func subscribe() throws {
    try send(.event(""))
    _ = try event("state")
  }

  /// The newest event of a type; waits for the first.
  func event(_ type: String) throws -> JSONValue {
    while true {
      if let event = events.last(where: { $0["type"]?.string == type }) { return event }
      try receive()
    }
  }

  func close() { socket.socket.close() }

  // MARK: What it shows

  var content: WorkflowContent {
    get throws(ExtractionError) { try WorkflowDocument.extract(doc) }
  }

  /// What others show of themselves, by client.
  var shown: [ClientID: String] { awareness.others }

  var lockVersion: Int? { WorkflowDocument.lockVersion(of: doc) }

  /// The text of a job.
  func body(_ job: String) -> YText? {
    doc.array("jobs").elements.lazy.compactMap(\.map).first { $0["id"]?.value == .string(job) }?["body"]?.text
  }

  /// A trigger's map.
  func trigger(_ id: String) -> YMap? {
    doc.array("triggers").elements.lazy.compactMap(\.map).first { $0["id"]?.value == .string(id) }
  }

  // MARK: Messages

  private func send(_ message: Message) throws {
    try socket.send(.binary, message.encoded())
  }

  @discardableResult
  private func receive() throws -> Message {
    let frame = try socket.readMessage()
    guard frame.opcode == .binary else {
      throw TestSocket.Failure(description: "the server closed the connection: \(frame.closeReason)")
    }
    let message = try Message(decoding: frame.payload)
    switch message {
    case .syncStep1(let vector):
      try send(.syncStep2(doc.encodeStateAsUpdate(since: try StateVector(decoding: vector))))
    case .syncStep2(let update): try doc.apply(update)
    case .update(let update):
      try doc.apply(update)
      frames += 1
    case .awareness(let update):
      if let reply = try awareness.apply(update, now: 0) { try send(.awareness(reply)) }
    case .event(let text): events.append(try JSONValue(parsing: Array(text.utf8)))
    default: break
    }
    return message
  }
}
