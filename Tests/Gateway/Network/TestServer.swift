import Logging
import TestSupport

@testable import Gateway

/// What happened on the loop, for tests to wait for.
enum ServerEvent: Equatable, Sendable {
  case opened(path: [String])
  case lagging
  case caughtUp
  case closed(Int)
  case request(String, [String])
}

/// A loop with a delegate that echoes, records, and answers some paths in special ways.
final class TestServer: Sendable {
  let loop: EventLoop
  let port: UInt16
  let log: EventLog

  init(_ configure: (inout ServerConfiguration) -> Void = { _ in }) throws {
    var configuration = ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: 0)])
    configure(&configuration)
    loop = EventLoop(
      configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let log = EventLog()
    self.log = log
    port = try loop.start { EchoDelegate(loop: $0, log: log) }[0].port
  }

  deinit {
    loop.stop()
  }

  /// Runs something on the loop and waits for its result.
  func onLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) throws -> Result {
    let result = Locked<Result?>(nil)
    let loop = loop
    loop.execute {
      let value = body(loop)
      result.withLock { $0 = value }
    }
    return try value(of: "what the loop returns") { result.withLock { $0 } }
  }

  /// Sends to every websocket.
  func broadcast(_ payload: [UInt8], times: Int = 1) throws {
    _ = try onLoop { loop in
      for _ in 0..<times {
        let frame = Frame(payload)
        loop.eachConnection { $0.send(frame) }
      }
      return true
    }
  }

  func statistics() throws -> NetworkStatistics {
    try onLoop { $0.statistics }
  }
}

/// Events in order, readable from any thread.
final class EventLog: Sendable {
  private let events = Locked<[ServerEvent]>([])

  func append(_ event: ServerEvent) {
    events.withLock { $0.append(event) }
  }

  private let exchanges = Locked<[HTTPExchange]>([])

  func remember(_ exchange: HTTPExchange) {
    exchanges.withLock { $0.append(exchange) }
  }

  /// The last request to /never, which the test answers.
  func unanswered() throws -> HTTPExchange {
    try value(of: "a request that nobody answers") { exchanges.withLock { $0.last } }
  }

  var all: [ServerEvent] {
    events.withLock { $0 }
  }

  func count(of event: ServerEvent) -> Int {
    all.count { $0 == event }
  }

  func wait(for event: ServerEvent, count: Int = 1) throws {
    try until("\(event)") { self.count(of: event) >= count }
  }
}

final class EchoDelegate: ServerDelegate {
  private let loop: EventLoop
  private let log: EventLog

  init(loop: EventLoop, log: EventLog) {
    self.loop = loop
    self.log = log
  }

  func received(_ request: HTTPRequest, exchange: HTTPExchange) {
    loop.preconditionOnLoop()
    log.append(.request(request.method, request.segments))
    switch request.segments.first {
    case "later":
      let loop = loop
      loop.schedule(after: .milliseconds(20)) { loop.respond(to: exchange, with: .text(200, "later")) }
    case "never": log.remember(exchange)
    case "whoami": loop.respond(to: exchange, with: .text(200, "\(request.peer) \(request.peer.isPrivate)"))
    case "big": loop.respond(to: exchange, with: HTTPResponse(status: 200, body: [UInt8](repeating: 7, count: 8 << 20)))
    default:
      let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      let text = "\(request.method)|\(request.segments.joined(separator: "|"))|\(query)|\(request.body.count)"
      loop.respond(to: exchange, with: .text(200, text))
    }
  }

  func decideUpgrade(_ request: HTTPRequest, exchange: HTTPExchange) -> UpgradeDecision {
    switch request.segments.first {
    case "refused": return .refuse(.text(403, "no"))
    case "later":
      let loop = loop
      loop.schedule(after: .milliseconds(20)) { loop.decide(exchange, .accept(Path(request.segments))) }
      return .later
    default: return .accept(Path(request.segments))
    }
  }

  func opened(_ connection: Connection) {
    log.append(.opened(path: (connection.object as? Path)?.segments ?? []))
  }

  func received(_ message: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    let path = connection.withObject(as: Path.self) { $0.segments } ?? []
    if path.first == "silent" { return }
    if message.elementsEqual("close me".utf8) { return connection.close(.policyViolation, reason: "as you wish") }
    connection.send(Frame(message, isBinary ? .binary : .text))
  }

  func lagging(_ connection: Connection) {
    log.append(.lagging)
  }

  func caughtUp(_ connection: Connection) {
    log.append(.caughtUp)
    connection.send(Frame(text: "caught up"))
  }

  func closed(_ connection: Connection, code: WebSocketCloseCode) {
    log.append(.closed(Int(code.rawValue)))
  }

  func tick(now: Milliseconds) {}
}

extension Peer {
  /// Somebody on another machine.
  static let test = Peer(forwarded: NetworkAddress(high: 0, low: 0xFFFF_CB00_7109), isEncrypted: false)
}

/// What the tests attach to a connection.
final class Path {
  let segments: [String]

  init(_ segments: [String]) {
    self.segments = segments
  }
}
