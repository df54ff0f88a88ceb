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
  let worker = Worker()
  /// Makes records ready to be taken out, which can take long and is to hold up nothing else.
  let recordWorker = Worker(label: "heddle.records")
  /// Who may come in.
  let door: Doorkeeper
  let attendances: Attendances
  private let unused: UnusedWebSockets
  /// Who is in which topic of Phoenix channels.
  let topics = PhoenixTopics()
  /// Who is told of changes over HTTP.
  private(set) lazy var feeds = FeedBoard(self, configuration.feeds)
  /// Keeps projects in git repositories; nil where this server does not.
  let repositories: RepositoryService?
  private let routes = Routes()
  let configuration: GatewayConfiguration

  init(
    loop: EventLoop, store: Store, configuration: GatewayConfiguration, logger: Logger,
    repositories: RepositoryService? = nil
  ) {
    self.loop = loop
    self.repositories = repositories
    self.store = store
    self.logger = logger
    self.configuration = configuration
    door = Doorkeeper(
      loop: loop, store: store, authentication: configuration.authentication, origins: configuration.origins)
    attendances = Attendances(door, loop)
    unused = UnusedWebSockets(
      limit: configuration.unusedTimeout, introductionLimit: configuration.authenticationTimeout)
    var rooms = configuration.room
    rooms.showsElsewhere = store.nodesStatus != nil
    directory = RoomDirectory(
      loop: loop, store: store, configuration: rooms,
      records: RecordKeeper(
        limits: configuration.records,
        faultRetention: Rooms.Milliseconds(configuration.faultRecordRetention / .milliseconds(1))),
      maximumPerProject: configuration.maximumDocumentsPerProject, tracing: configuration.network.tracing,
      logger: logger)
    directory.onStored = { [unowned self] name in feeds.stored(name) }
    unused.onStranger = { loop.refused(.authenticationTime, $0.peer) }
  }

  // MARK: HTTP

  func received(_ request: HTTPRequest, exchange: HTTPExchange) {
    let call = Call(request: request, exchange: exchange, gateway: self)
    switch routes.table.match(request.method, segments: request.segments) {
    case .found(let route, let parameters): door.admit(call.with(parameters), route.demand, route.handler)
    case .methodNotAllowed(let allowed):
      var response = ErrorBody.response(405, "\(request.method) is not possible here")
      response.headers.append((name: "allow", value: allowed.joined(separator: ", ")))
      call.respond(response)
    case .notFound:
      call.respond(ErrorBody.response(404, "there is nothing at \(request.rawPath)"))
    }
  }

  /// Of what is nowhere no body is taken, and where nobody has to show a token none that is larger than a repository's message.
  func judgeBody(of request: HTTPRequest, exchange: HTTPExchange) -> BodyDecision {
    guard case .found(let route, _) = routes.table.match(request.method, segments: request.segments) else {
      return .refuse(ErrorBody.response(404, "\(request.method) \(request.rawPath) is nothing that takes a body"))
    }
    let open = configuration.repositories?.maximumHookBytes ?? 0
    if route.demand == .nothing, request.header("content-length").flatMap({ Int($0) }) ?? 0 > open {
      return .refuse(ErrorBody.response(413, "a body has at most \(open) bytes here"))
    }
    return door.judgeBody(of: request, route.demand, exchange: exchange)
  }

  // MARK: Websockets

  func decideUpgrade(_ request: HTTPRequest, exchange: HTTPExchange) -> UpgradeDecision {
    if let refusal = door.refusal(toUpgrade: request) { return .refuse(refusal) }
    let segments = request.segments
    switch segments.first {
    case "collab" where segments.count > 1:
      return decide(CollabSession(request, directory, attendances, configuration), request, exchange)
    case "hocuspocus" where segments.count == 1:
      let session = HocuspocusSession(directory, door, attendances, configuration)
      session.peer = request.peer
      return .accept(session)
    case "socket" where segments == ["socket", "websocket"]: return decidePhoenix(request, exchange)
    default:
      return .refuse(
        ErrorBody.response(
          404,
          "there is no websocket at \(request.rawPath); documents are at /collab/<name>, over /hocuspocus and over "
            + "/socket/websocket"))
    }
  }

  /// Opens the websocket once it is known what its client may do.
  private func decide(
    _ session: CollabSession, _ request: HTTPRequest, _ exchange: HTTPExchange
  ) -> UpgradeDecision {
    session.peer = request.peer
    guard door.authentication != nil, let name = session.name else { return .accept(session) }
    door.admit(request, to: name) { [loop] permit in
      session.permit = permit
      loop.decide(exchange, .accept(session))
    }
    return .later
  }

  /// Opens the websocket of Phoenix channels once it is known whose it is. What that one may do is found out for each topic.
  private func decidePhoenix(_ request: HTTPRequest, _ exchange: HTTPExchange) -> UpgradeDecision {
    let version = request.queryValue("vsn") ?? "1.0.0"
    guard version.hasPrefix("2.") else {
      let message = "serializer version \(version) is not spoken here; connect with ?vsn=2.0.0"
      return .refuse(ErrorBody.response(400, message, field: "vsn"))
    }
    let session = PhoenixSession(self, configuration)
    session.peer = request.peer
    guard door.authentication != nil else { return .accept(session) }
    door.admitSocket(request) { [loop] result in
      switch result {
      case .success(let token):
        session.token = token
        loop.decide(exchange, .accept(session))
      case .failure(let refusal): loop.decide(exchange, .refuse(refusal.response))
      }
    }
    return .later
  }

  /// It may have changed who may do what.
  func accessChanged() {
    attendances.look()
  }

  func opened(_ connection: Connection) {
    with(connection) {
      $0.opened(connection)
      unused.add(connection, $0, now: loop.now)
    }
  }

  func received(_ message: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {
    with(connection) { $0.received(message, isBinary: isBinary, from: connection) }
  }

  func lagging(_ connection: Connection) {
    with(connection) { $0.lagging() }
  }

  func caughtUp(_ connection: Connection) {
    with(connection) { $0.caughtUp(connection) }
  }

  func closed(_ connection: Connection, code: WebSocketCloseCode) {
    unused.remove(connection)
    with(connection) { $0.closed() }
  }

  /// Every websocket that was accepted has a session.
  private func with(_ connection: Connection, _ body: (WebSocketSession) -> Void) {
    _ = connection.withObject(as: WebSocketSession.self, body)
  }

  func tick(now: Milliseconds) {
    directory.tick()
    attendances.tick()
    unused.tick(now: now)
    feeds.tick()
  }
}
