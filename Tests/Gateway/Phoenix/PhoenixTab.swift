import TestSupport
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// A client of Phoenix channels with one topic, over a websocket that others may share.
final class PhoenixTab {
  let socket: TestWebSocket
  let topic: String
  let doc = Doc()
  private(set) var joinRef = ""
  private var lastRef = 0
  /// What came and was not waited for.
  private var passed: [Incoming] = []

  /// Something that came from the server.
  enum Incoming: Equatable {
    case text(joinRef: String?, ref: String?, topic: String, event: String, payload: JSONValue)
    /// A message of the document.
    case message(Message)
    case closed(Int, String)
  }

  init(_ socket: TestWebSocket, _ rest: String = SampleProject.workflow) {
    self.socket = socket
    topic = "workflow:collaborate:\(rest)"
  }

  convenience init(_ site: AccessSite, as person: Person, _ rest: String = SampleProject.workflow) throws {
    self.init(try Self.socket(site, token: site.token(person)), rest)
  }

  static func socket(_ site: AccessSite, token: String) throws -> TestWebSocket {
    try TestWebSocket(port: site.port, target: "/socket/websocket?vsn=2.0.0&token=\(token)")
  }

  // MARK: To the server

  private func nextRef() -> String {
    lastRef += 1
    return "\(topic.utf8.count)\(lastRef)"
  }

  /// Pushes something; the ref comes back.
  @discardableResult
  func push(_ event: String, _ payload: JSONValue = [:]) throws -> String {
    let ref = nextRef()
    try socket.send(
      text: JSONValue.array([.string(joinRef), .string(ref), .string(topic), .string(event), payload]).text)
    return ref
  }

  @discardableResult
  func push(_ message: Message, as event: String = "yjs") throws -> String {
    let ref = nextRef()
    let texts = [joinRef, ref, topic, event].map { Array($0.utf8) }
    try socket.send(.binary, [0] + texts.map { UInt8($0.count) } + texts.flatMap(\.self) + message.encoded())
    return ref
  }

  /// What `phx_join` is answered.
  func join(project: String? = SampleProject.id, action: String? = "edit") throws -> (status: String, reason: String?) {
    joinRef = nextRef()
    var parameters: [String: JSONValue] = [:]
    if let project { parameters["project_id"] = .string(project) }
    if let action { parameters["action"] = .string(action) }
    try socket.send(
      text: JSONValue.array(
        [.string(joinRef), .string(joinRef), .string(topic), "phx_join", .object(parameters)]
      ).text)
    let answer = try answer(joinRef)
    return (answer["status"]?.string ?? "", answer["response"]?["reason"]?.string)
  }

  /// Joins and gets the document.
  func open() throws {
    let answer = try join()
    guard answer.status == "ok" else { throw TestSocket.Failure(description: "not joined: \(answer)") }
    try push(.syncStep1(doc.stateVector.encoded()), as: "yjs_sync")
    _ = try read { if case .message(.syncStep2) = $0 { true } else { nil } }
  }

  /// What a request is answered: `status` and `response`.
  func ask(_ event: String, _ payload: JSONValue = [:]) throws -> JSONValue {
    try answer(push(event, payload))
  }

  /// Gives the workflow a name; returns the ref of the push.
  @discardableResult
  func rename(_ name: String) throws -> String {
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    try doc.transact { try doc.map("workflow").set("name", .string(name)) }
    return try push(.update(update))
  }

  // MARK: From the server

  func answer(_ ref: String) throws -> JSONValue {
    try read { incoming in
      guard case .text(_, ref, topic, "phx_reply", let payload) = incoming else { return nil }
      return payload
    }
  }

  /// Whether an answer came so far.
  func isAnswered(_ ref: String) -> Bool {
    passed.contains { if case .text(_, ref, topic, "phx_reply", _) = $0 { true } else { false } }
  }

  /// The payload of an event that was pushed, now or before.
  func event(_ name: String) throws -> JSONValue {
    try read { incoming in
      guard case .text(let joinRef, _, topic, name, let payload) = incoming, joinRef == self.joinRef else { return nil }
      return payload
    }
  }

  /// The events of a name that came so far.
  func eventsSoFar(_ name: String) -> Int {
    passed.count { if case .text(_, _, topic, name, _) = $0 { true } else { false } }
  }

  func close() throws -> (code: Int, reason: String) {
    try read { if case .closed(let code, let reason) = $0 { (code, reason) } else { nil } }
  }

  /// Takes in what comes until something is among it, what was passed over before included.
  func read<Found>(_ found: (Incoming) throws -> Found?) throws -> Found {
    for (index, incoming) in passed.enumerated() {
      if let result = try found(incoming) {
        passed.remove(at: index)
        return result
      }
    }
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let incoming = try next()
      if let result = try found(incoming) { return result }
      passed.append(incoming)
      if case .closed(let code, let reason) = incoming {
        throw TestSocket.Failure(description: "closed with \(code) \(reason)")
      }
    }
    throw TestSocket.Failure(description: "it did not come in time; what came is \(passed)")
  }

  private func next() throws -> Incoming {
    let frame = try socket.readMessage()
    switch frame.opcode {
    case .text:
      let parts = try JSONValue(parsing: frame.payload).array ?? []
      guard parts.count == 5 else { throw TestSocket.Failure(description: "\(frame.payload) is no message") }
      return .text(
        joinRef: parts[0].string, ref: parts[1].string, topic: parts[2].string ?? "", event: parts[3].string ?? "",
        payload: parts[4])
    case .close: return .closed(frame.closeCode ?? 0, frame.closeReason)
    default:
      if let message = try message(in: frame.payload) { return .message(message) }
      return try next()
    }
  }

  /// Reads a push or a broadcast, byte by byte, and takes in what it does to the document; nil where it is for another topic.
  private func message(in bytes: [UInt8]) throws -> Message? {
    let lengths = bytes.dropFirst().prefix(bytes[0] == 0 ? 3 : 2).map(Int.init)
    var start = 1 + lengths.count
    let texts = lengths.map { length in
      defer { start += length }
      return String(decoding: bytes[start..<start + length], as: UTF8.self)
    }
    guard texts.dropLast().last == topic else { return nil }
    let expected = bytes[0] == 0 ? [joinRef, topic, "yjs"] : [topic, "yjs"]
    guard texts == expected else { throw TestSocket.Failure(description: "a frame for \(texts)") }
    let message = try Message(decoding: Array(bytes[start...]))
    switch message {
    case .syncStep2(let update), .update(let update): try doc.apply(update)
    case .syncStep1(let known):
      try push(.syncStep2(doc.encodeStateAsUpdate(since: StateVector(decoding: known))))
    default: break
    }
    return message
  }
}
