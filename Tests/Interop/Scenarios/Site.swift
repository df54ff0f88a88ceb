import Gateway
import Logging
import Rooms
import Storage
import TestSupport
import Workflow

/// A server with its store on a database of its own that holds the sample project.
final class Site {
  let conninfo: String
  let database: PlainConnection
  private let configure: (inout ServerConfiguration) -> Void
  private let configureGateway: (inout GatewayConfiguration) -> Void
  private var running: (store: Store, server: Server, port: UInt16)?
  private let room: RoomConfiguration
  private let configuration: StoreConfiguration

  /// A site whose settings are the defaults but for `room`, and for what the closures do.
  init(
    room: RoomConfiguration = RoomConfiguration(), change: (inout StoreConfiguration) -> Void = { _ in },
    configure: @escaping (inout ServerConfiguration) -> Void = { _ in },
    gateway: @escaping (inout GatewayConfiguration) -> Void = { _ in }
  ) throws {
    self.room = room
    self.configure = configure
    configureGateway = gateway
    conninfo = try TestPostgres.makeDatabase()
    var configuration = StoreConfiguration(conninfo: conninfo)
    change(&configuration)
    self.configuration = configuration
    try Self.makeStore(configuration).migrate()
    database = try PlainConnection(conninfo)
    try database.run(SampleProject.sql)
    try start()
  }

  deinit { stop() }

  var port: UInt16 { running?.port ?? 0 }

  private static func makeStore(_ configuration: StoreConfiguration) -> Store {
    Store(configuration: configuration, logger: Logger(label: "test") { _ in SilentLog() })
  }

  func start() throws {
    let store = Self.makeStore(configuration)
    store.start()
    var network = ServerConfiguration(endpoints: [ServerConfiguration.Endpoint(address: "127.0.0.1", port: 0)])
    configure(&network)
    var gateway = GatewayConfiguration(network: network)
    gateway.room = room
    configureGateway(&gateway)
    let server = Server(
      store: store, configuration: gateway, logger: Logger(label: "test") { _ in SilentLog() })
    running = (store, server, try server.start()[0].port)
  }

  func stop() {
    running?.server.drain()
    running?.store.stop()
    running = nil
  }

  /// Stores every document and forgets it.
  func restart() throws {
    stop()
    try start()
  }

  /// A workflow's rows.
  func rows(_ workflow: String = SampleProject.workflow) throws -> WorkflowRows {
    guard let store = running?.store, let rows = try store.wait({ store.readRows(workflow, $0) }) else {
      throw TestSocket.Failure(description: "no rows of \(workflow)")
    }
    return rows
  }

  /// Does a request with a JSON body.
  @discardableResult
  func post(_ path: String, _ body: JSONValue = [:], expecting status: Int) throws -> JSONValue {
    try request("POST", path, Array(body.text.utf8), expecting: status)
  }

  func get(_ path: String, expecting status: Int = 200) throws -> JSONValue {
    try request("GET", path, [], expecting: status)
  }

  /// Sends a request without waiting for its answer.
  func beginPost(_ path: String, _ body: JSONValue) throws -> TestSocket {
    try begin("POST", path, Array(body.text.utf8))
  }

  private func begin(_ method: String, _ path: String, _ body: [UInt8]) throws -> TestSocket {
    let socket = try TestSocket(port: port)
    let head = [
      "\(method) \(path) HTTP/1.1", "Host: test", "Content-Type: application/json", "Content-Length: \(body.count)",
    ]
    try socket.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    return socket
  }

  private func request(_ method: String, _ path: String, _ body: [UInt8], expecting status: Int) throws -> JSONValue {
    let response = try begin(method, path, body).readResponse()
    guard response.status == status else {
      throw TestSocket.Failure(description: "\(method) \(path): \(response.status) \(response.text)")
    }
    return try JSONValue(parsing: response.body)
  }

  /// Saves the workflow for everybody.
  @discardableResult
  func save(_ workflow: String = SampleProject.workflow) throws -> JSONValue {
    try post("/api/workflows/\(workflow)/save", expecting: 200)
  }

  /// Whether the document holds anything that is not saved.
  func isDirty(_ workflow: String = SampleProject.workflow) throws -> Bool? {
    try get("/api/workflows/\(workflow)")["dirty"]?.bool
  }
}
