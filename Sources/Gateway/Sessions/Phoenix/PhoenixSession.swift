import Rooms
import Storage
import Tokens
import Workflow
import YProtocol

/// Phoenix channels at `/socket/websocket`: many topics over one websocket, each with a document.
final class PhoenixSession: WebSocketSession {
  unowned let gateway: Gateway
  /// Who the client is; nil where nobody has to say.
  var token: VerifiedToken?
  private(set) var connection: Connection?
  /// By topic.
  private var channels: [String: PhoenixChannel] = [:]
  private let maximumTopics: Int
  private let maximumRequests: Int
  /// Requests that are not answered yet.
  private var requestsUnderWay = 0
  private var answers: AnswerQueue

  init(_ gateway: Gateway, _ configuration: GatewayConfiguration) {
    self.gateway = gateway
    maximumTopics = configuration.maximumDocumentsPerConnection
    maximumRequests = configuration.maximumRequestsPerConnection
    answers = AnswerQueue(maximumBytes: configuration.network.sendQueueSoftLimitBytes)
    super.init(gateway.directory)
  }

  override var isUsed: Bool { !channels.isEmpty }

  override func opened(_ connection: Connection) {
    self.connection = connection
  }

  override func received(_ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    do {
      let bytes = Array(bytes)
      received(isBinary ? try PhoenixMessage(decodingBinary: bytes) : try PhoenixMessage(decoding: bytes))
    } catch {
      connection.close(.protocolError, reason: "\(error)")
    }
  }

  private func received(_ message: PhoenixMessage) {
    switch (message.topic, message.event) {
    case (PhoenixMessage.socketTopic, PhoenixMessage.heartbeat): reply(to: message, isOK: true, [:])
    case (_, PhoenixMessage.join): join(message)
    case (_, PhoenixMessage.leave): leave(message)
    default:
      guard let channel = channel(of: message) else {
        return reply(to: message, isOK: false, PhoenixRefusal.unmatchedTopic.json)
      }
      channel.received(message)
    }
  }

  /// The membership that a message belongs to. What was sent in an earlier one is for nobody.
  private func channel(of message: PhoenixMessage) -> PhoenixChannel? {
    guard let channel = channels[message.topic] else { return nil }
    return message.joinRef == nil || message.joinRef == channel.joinRef ? channel : nil
  }

  // MARK: Topics

  /// Who joins again has lost its first membership, or forgotten it. Who is still being let in has to wait for that.
  private func join(_ message: PhoenixMessage) {
    if case .joining? = channels[message.topic]?.stage {
      return reply(to: message, isOK: false, PhoenixRefusal("already joining").json)
    }
    channels.removeValue(forKey: message.topic)?.end()
    guard channels.count < maximumTopics else {
      return reply(to: message, isOK: false, PhoenixRefusal("more than \(maximumTopics) topics on one connection").json)
    }
    guard let join = PhoenixJoin(topic: message.topic) else {
      return reply(to: message, isOK: false, PhoenixRefusal.unmatchedTopic.json)
    }
    let channel = PhoenixChannel(self, message)
    channels[message.topic] = channel
    channel.join(join, message)
  }

  private func leave(_ message: PhoenixMessage) {
    if let channel = channel(of: message) {
      channels[message.topic] = nil
      channel.leave()
    }
    reply(to: message, isOK: true, [:])
  }

  /// Notes that a request begins, which will be answered once. Where too many are under way it is answered at once, and false
  /// comes back.
  func begin(_ message: PhoenixMessage) -> Bool {
    guard requestsUnderWay < maximumRequests else {
      let reason = "more than \(maximumRequests) requests at once; wait for answers"
      reply(to: message, isOK: false, PhoenixRefusal(reason).json)
      return false
    }
    requestsUnderWay += 1
    return true
  }

  /// A request is answered.
  func finish() {
    requestsUnderWay -= 1
  }

  /// The membership is over.
  func forget(_ channel: PhoenixChannel) {
    if channels[channel.topic] === channel { channels[channel.topic] = nil }
  }

  override func closed() {
    let all = inOrder
    (channels, connection) = ([:], nil)
    for channel in all { channel.leave() }
  }

  // MARK: To the client

  /// Answers a message that wants an answer.
  func reply(to message: PhoenixMessage, isOK: Bool, _ response: JSONValue) {
    guard let ref = message.ref else { return }
    let payload: JSONValue = ["response": response, "status": isOK ? "ok" : "error"]
    push(PhoenixMessage.text(message.joinRef, ref, message.topic, PhoenixMessage.reply, payload), .text)
  }

  /// Sends what has to arrive also where the connection lags.
  func push(_ bytes: [UInt8], _ kind: Frame.Kind) {
    if let connection { answers.send(bytes, kind, to: connection) }
  }

  override func lagging() {
    for channel in inOrder { channel.tell(Room.Event.lagging) }
  }

  override func caughtUp(_ connection: Connection) {
    answers.caughtUp(connection)
    for channel in inOrder { channel.tell(Room.Event.caughtUp) }
  }

  private var inOrder: [PhoenixChannel] {
    channels.values.sorted { $0.topic < $1.topic }
  }
}
