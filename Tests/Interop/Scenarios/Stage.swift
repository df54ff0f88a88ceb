import Gateway
import Logging
import Storage
import TestSupport
import Testing
import Tokens
import Workflow

/// A server that wants tokens, for scenarios: each gets a project of its own in it, and clients of each protocol.
///
/// The clients are processes that take their time to start; each plays in many scenarios.
final class Stage {
  static let (ada, boss) = ("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002")

  let database: PlainConnection
  private let conninfo: String
  private let logger = Logger(label: "test") { _ in SilentLog() }
  private var running: (store: Store, server: Server)?
  private var issuer: TokenIssuer?
  private(set) var port: UInt16 = 0
  private var idle: [ScriptedClient.Kind: [ScriptedClient]] = [:]

  init() throws {
    conninfo = try TestPostgres.makeDatabase()
    try Store(configuration: StoreConfiguration(conninfo: conninfo), logger: logger).migrate()
    database = try PlainConnection(conninfo)
    try database.run(
      """
      insert into users (id, email, is_superuser)
        values ('\(Self.ada)', 'ada@example.com', false), ('\(Self.boss)', 'boss@example.com', true)
      """)
    try start()
  }

  private func start() throws {
    let store = Store(configuration: StoreConfiguration(conninfo: conninfo), logger: logger)
    store.start()
    let issuer = try TokenIssuer(secret: try store.wait { store.tokenSecret($0) })
    var tokens = TokenConfiguration()
    tokens.clockSkew = .zero
    var configuration = GatewayConfiguration(
      network: ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: port)]))
    configuration.network.tickInterval = .milliseconds(20)
    var authentication = Authentication(
      verifier: try TokenVerifier(tokens, issuer: issuer, keys: nil), issuer: issuer)
    authentication.grace = .milliseconds(200)
    configuration.authentication = authentication
    let server = Server(store: store, configuration: configuration, logger: logger)
    port = try server.start().first?.port ?? 0
    (self.issuer, running) = (issuer, (store, server))
  }

  /// Stores everything, ends, and starts again where it was.
  func restart() throws {
    stop()
    try start()
  }

  func stop() {
    running?.server.drain()
    running?.store.stop()
    running = nil
  }

  func dismissClients() async throws {
    for client in idle.values.joined() { try await client.stop() }
    idle = [:]
  }

  var collab: String { "ws://127.0.0.1:\(port)/collab" }

  /// A token of a user.
  func token(_ user: String = ada, id: String = Store.newTokenID(), lifetime: Duration = .seconds(600)) throws -> String
  {
    try #require(try issuer?.issue(to: .user(user), id: id, lifetime: lifetime, now: TimeOfDay.now).text)
  }

  /// Sends a request of the boss's.
  @discardableResult
  func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil, expecting status: Int = 200
  ) throws -> JSONValue {
    let socket = try TestSocket(port: port)
    let bytes = body?.serialized() ?? []
    let lines = [
      "\(method) \(path) HTTP/1.1", "Host: test", "Connection: close", "Content-Length: \(bytes.count)",
      "Authorization: Bearer \(try token(Self.boss))",
    ]
    try socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
    let response = try socket.readResponse()
    try #require(response.status == status, "\(method) \(path): \(response.status) \(response.text)")
    return (try? JSONValue(parsing: response.body)) ?? .null
  }

  // MARK: Clients

  fileprivate func take(_ kind: ScriptedClient.Kind) throws -> ScriptedClient {
    try idle[kind]?.popLast() ?? ScriptedClient(kind)
  }

  fileprivate func giveBack(_ client: ScriptedClient) async throws {
    try await client.perform("reset")
    idle[client.kind, default: []].append(client)
  }
}

/// One run of a scenario: a workflow of its own, the protocol that it is about, and who plays in it.
final class Play {
  let stage: Stage
  let kind: ScriptedClient.Kind
  let sample = SampleWorkflow()
  private var cast: [ScriptedClient] = []
  private var numbers: [ObjectIdentifier: UInt64] = [:]

  init(_ stage: Stage, _ kind: ScriptedClient.Kind) throws {
    (self.stage, self.kind) = (stage, kind)
    try importProject()
    try setRole("editor")
  }

  /// Gives the clients back. Those of a play that failed end with it.
  func end() async throws {
    for client in cast { try await stage.giveBack(client) }
  }

  /// Imports a version of the project; the boss is its owner from then on.
  func importProject(firstBody: String = SampleWorkflow.firstBody, secondBody: String = SampleWorkflow.secondBody)
    throws
  {
    try stage.request(
      "POST", "/api/provision", sample.project(firstBody: firstBody, secondBody: secondBody), expecting: 201)
  }

  /// What Ada is in the project; nil for nothing.
  func setRole(_ role: String?) throws {
    let key = "'\(sample.projectID)', '\(Stage.ada)'"
    if let role {
      try stage.database.run(
        """
        insert into project_memberships (project_id, user_id, role) values (\(key), '\(role)')
        on conflict (project_id, user_id) do update set role = excluded.role
        """)
    } else {
      try stage.database.run("delete from project_memberships where (project_id, user_id) = (\(key))")
    }
  }

  func post(_ path: String, expecting status: Int = 200) throws -> JSONValue {
    try stage.request("POST", "/api/workflows/\(sample.id)/\(path)", expecting: status)
  }

  /// The document as the server has it.
  func live() throws -> JSONValue { try stage.request("GET", "/api/workflows/\(sample.id)")["data"] ?? .null }

  // MARK: Clients

  /// A client that opens a document, without waiting for anything; Ada's, unless another token is given.
  func client(
    _ kind: ScriptedClient.Kind? = nil, token: String? = nil, document: String? = nil
  ) async throws -> ScriptedClient {
    let client = try stage.take(kind ?? self.kind)
    cast.append(client)
    numbers[ObjectIdentifier(client)] = try await client.open(
      stage.collab, document ?? sample.document, token: try token ?? stage.token())
    return client
  }

  /// A client that has the document.
  func joined(
    _ kind: ScriptedClient.Kind? = nil, token: String? = nil, version: Int? = nil
  ) async throws -> ScriptedClient {
    let client = try await client(
      kind, token: token, document: sample.document + (version.map { ":v\($0)" } ?? ""))
    try await client.wait(.synced())
    return client
  }

  /// The client's id in the document.
  func number(of client: ScriptedClient) -> UInt64 { numbers[ObjectIdentifier(client)] ?? 0 }

  /// Somebody else who may write, with y-websocket.
  func observer() async throws -> ScriptedClient { try await joined(.node, token: stage.token(Stage.boss)) }

  /// Types at the begin of the first job's body.
  func type(_ text: String, with client: ScriptedClient) async throws {
    try await client.edit(.type(text, into: sample.body, at: 0))
  }

  /// The first job's body, empty where a client has no document.
  func body(at client: ScriptedClient) async throws -> String {
    try await client.value(at: sample.body).string ?? ""
  }

  func see(_ text: String, at client: ScriptedClient) async throws {
    try await client.wait(.text(at: sample.body, contains: text))
  }

  /// Waits until what all have sent is stored and passed on, and checks that they and the server show the same.
  func expectAgreement(_ clients: [ScriptedClient]) async throws {
    for _ in 0..<2 { for client in clients { try await client.acknowledge() } }
    let content = try await clients[0].content()
    for client in clients { #expect(try await client.content() == content, "\(client.kind)") }
    let live = try live()
    let bodies = { (value: JSONValue) in (value["jobs"]?.array ?? []).compactMap { $0["body"]?.string }.sorted() }
    #expect(bodies(live) == bodies(content))
    for root in ["jobs", "triggers", "edges"] {
      let ids = (content[root]?.array ?? []).compactMap { $0["id"]?.string }
      #expect(Set(ids).count == ids.count, "doubled \(root)")
    }
  }
}

/// One stage for a whole suite.
struct OnStage: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let stage = StageBox(stage: try Stage())
    do {
      try await StageBox.$current.withValue(stage) { try await function() }
    } catch {
      stage.stage.stop()
      throw error
    }
    stage.stage.stop()
    try await stage.stage.dismissClients()
  }
}

/// Hands the stage to the tests of a suite, which run one after the other; hence `@unchecked Sendable`.
struct StageBox: @unchecked Sendable {
  let stage: Stage

  @TaskLocal static var current: StageBox?
}

extension Trait where Self == OnStage {
  /// One stage for the whole suite.
  static var stage: Self { OnStage() }
}
