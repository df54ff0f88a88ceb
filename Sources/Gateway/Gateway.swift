import Dispatch
import Logging
import Rooms
import Storage

/// The upper half of the gateway: gives websockets to the protocol they speak and requests to their route. Confined to
/// the loop's thread.
final class Gateway: ServerDelegate {
  let loop: EventLoop
  let store: Store
  let directory: RoomDirectory
  let logger: Logger
  /// Reads the bodies of large requests, which would hold up the loop.
  let worker = DispatchQueue(label: "heddle.worker")
  private let routes = Routes()

  init(loop: EventLoop, store: Store, configuration: GatewayConfiguration, logger: Logger) {
    self.loop = loop
    self.store = store
    self.logger = logger
    directory = RoomDirectory(loop: loop, store: store, configuration: configuration.room, logger: logger)
  }

  // MARK: HTTP

  func received(_ request: HTTPRequest, exchange: HTTPExchange) {
    let call = Call(request: request, exchange: exchange, gateway: self)
    switch routes.table.match(request.method, segments: request.segments) {
    case .found(let handler, let parameters): handler(call.with(parameters))
    case .methodNotAllowed(let allowed):
      var response = ErrorBody.response(405, "\(request.method) is not possible here")
      response.headers.append((name: "allow", value: allowed.joined(separator: ", ")))
      call.respond(response)
    case .notFound:
      call.respond(ErrorBody.response(404, "there is nothing at \(request.rawPath)"))
    }
  }

  // MARK: Websockets

  func decideUpgrade(_ request: HTTPRequest, exchange: HTTPExchange) -> UpgradeDecision {
    guard request.segments.first == "collab", request.segments.count > 1 else {
      return .refuse(
        ErrorBody.response(404, "there is no websocket at \(request.rawPath); documents are at /collab/<name>"))
    }
    return .accept(CollabEndpoint.accept(request.segments.dropFirst()))
  }

  func opened(_ connection: Connection) {
    guard let session = connection.object as? CollabEndpoint.Session else { return }
    CollabEndpoint.opened(connection, session, directory)
  }

  func received(_ message: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    _ = connection.withObject(as: CollabEndpoint.Session.self) {
      CollabEndpoint.received(message, isBinary: isBinary, from: connection, $0)
    }
  }

  func lagging(_ connection: Connection) {
    notify(connection, Room.Event.lagging)
  }

  func caughtUp(_ connection: Connection) {
    notify(connection, Room.Event.caughtUp)
  }

  private func notify(_ connection: Connection, _ event: (MemberID) -> Room.Event) {
    guard let session = connection.object as? CollabEndpoint.Session, let member = session.member else { return }
    session.host?.handle(event(member))
  }

  func closed(_ connection: Connection, code: WebSocketCloseCode) {
    guard let session = connection.object as? CollabEndpoint.Session else { return }
    CollabEndpoint.closed(session)
  }

  func tick(now: Milliseconds) {
    directory.tick()
  }
}
