/// What the upper half of the gateway is to the network: it gets every event, on the loop's thread.
///
/// None of the calls may block. Connections and exchanges are answered through the `EventLoop`.
protocol ServerDelegate: AnyObject {
  /// A complete request. Answer it with `EventLoop.respond(to:with:)`, now or later.
  func received(_ request: HTTPRequest, exchange: HTTPExchange)
  /// The head of a request whose body is larger than `ServerConfiguration.maximumUnauthenticatedBodyBytes` and not there yet.
  func judgeBody(of request: HTTPRequest, exchange: HTTPExchange) -> BodyDecision
  /// A correct websocket handshake. It is up to the delegate whether this path, origin and token get a websocket.
  func decideUpgrade(_ request: HTTPRequest, exchange: HTTPExchange) -> UpgradeDecision
  /// A websocket was opened; `connection.object` is what the decision attached.
  func opened(_ connection: Connection)
  /// A whole message. The bytes are valid during the call only.
  func received(_ message: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection)
  /// The connection's queue is over its limit. What was sent before this call will be delivered; what is sent from now on
  /// is not, until `caughtUp`.
  func lagging(_ connection: Connection)
  /// A lagging connection takes frames again.
  func caughtUp(_ connection: Connection)
  /// The last call for this connection; the attached object is detached afterwards.
  func closed(_ connection: Connection, code: WebSocketCloseCode)
  /// Once every `ServerConfiguration.tickInterval`, that is a second.
  func tick(now: Milliseconds)
}

/// Time of the loop's monotonic clock.
typealias Milliseconds = UInt64

extension ServerDelegate {
  func judgeBody(of request: HTTPRequest, exchange: HTTPExchange) -> BodyDecision { .take }
}

/// What becomes of a large body.
enum BodyDecision {
  /// It is taken in, and comes with its request.
  case take
  /// Answered with this instead; the connection ends.
  case refuse(HTTPResponse)
  /// Decided later, by `EventLoop.decide(_:body:)`.
  case later
}

/// What becomes of a websocket handshake.
enum UpgradeDecision {
  /// The websocket is opened; the object is attached to it.
  case accept(AnyObject?)
  /// Answered with this status and text instead.
  case refuse(HTTPResponse)
  /// Decided later, by `EventLoop.decide(_:_:)`. The client waits, at most `ServerConfiguration.responseTimeout`.
  case later
}

/// Why a websocket ends (RFC 6455, section 7.4).
struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  static let normal = WebSocketCloseCode(rawValue: 1000)
  static let goingAway = WebSocketCloseCode(rawValue: 1001)
  static let protocolError = WebSocketCloseCode(rawValue: 1002)
  static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
  /// The peer closed without giving a code.
  static let noStatus = WebSocketCloseCode(rawValue: 1005)
  /// The connection was lost or cut, without a close frame from the peer.
  static let abnormal = WebSocketCloseCode(rawValue: 1006)
  static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
  static let policyViolation = WebSocketCloseCode(rawValue: 1008)
  static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
  static let internalError = WebSocketCloseCode(rawValue: 1011)
  /// The server restarts; come back.
  static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
  static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
}
