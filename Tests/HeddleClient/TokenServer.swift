import Gateway
import HeddleClient
import Logging
import Storage
import TestSupport
import Tokens
import Workflow
import YCRDT

/// A server that wants tokens, with the sample project and one editor of it, Ada.
final class TokenServer {
  static let ada = "aaaaaaaa-0000-4000-8000-000000000001"
  static let document = "workflow:\(SampleProject.workflow)"

  let psql: PlainConnection
  let store: Store
  private let issuer: TokenIssuer
  private let server: Server
  private let address: String

  init() throws {
    let database = try TestPostgres.makeDatabase()
    let logger = Logger(label: "test") { _ in SilentLog() }
    store = Store(configuration: StoreConfiguration(conninfo: database), logger: logger)
    try store.migrate()
    psql = try PlainConnection(database)
    try psql.run(
      SampleProject.sql + """
        insert into users (id, email) values ('\(Self.ada)', 'ada@example.com');
        insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(Self.ada)', 'editor');
        """)
    store.start()
    issuer = try TokenIssuer(secret: try store.wait { [store] in store.tokenSecret($0) })
    var tokens = TokenConfiguration()
    tokens.clockSkew = .zero
    var configuration = GatewayConfiguration(
      network: ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: 0)]))
    configuration.network.tickInterval = .milliseconds(20)
    configuration.authentication = Authentication(
      verifier: try TokenVerifier(tokens, issuer: issuer, keys: nil), issuer: issuer)
    server = Server(store: store, configuration: configuration, logger: logger)
    address = "\(try server.start()[0])"
  }

  func stop() {
    server.drain()
    store.stop()
  }

  /// A token of Ada's.
  func token(id: String = Store.newTokenID(), lifetime: Duration = .seconds(600)) throws -> String {
    try issuer.issue(to: .user(Self.ada), id: id, lifetime: lifetime, now: TimeOfDay.now).text
  }

  /// Ada's replica of the sample workflow.
  func open(_ tokens: Tokens) throws -> SharedDocument {
    try SharedDocument(Self.document, on: "ws://\(address)/collab") { try tokens.next() }
  }

  func openWithoutTokens() throws -> SharedDocument {
    try SharedDocument(Self.document, on: "ws://\(address)/collab")
  }

  func setRole(_ role: String) throws {
    try psql.run("update project_memberships set role = '\(role)'")
  }

  /// The workflow's name as somebody who comes anew sees it.
  func name() async throws -> String? {
    let document = try open(Tokens(token()))
    try await document.synced()
    let name = await document.name
    await document.close()
    return name
  }
}

extension SharedDocument {
  /// The workflow's name.
  var name: String? { read { $0.map("workflow")["name"]?.value?.string } }

  func rename(_ name: String) throws {
    try edit { try $0.map("workflow").set("name", .string(name)) }
  }

  /// Waits until the status is one that is looked for, and returns all on the way there.
  @discardableResult
  func statuses(
    until isFound: @escaping @Sendable (Status) -> Bool, limit: Duration = .seconds(20)
  ) async throws -> [Status] {
    let stream = statuses()
    return try await withThrowingTaskGroup(of: [Status].self) { group in
      group.addTask {
        var seen: [Status] = []
        for await status in stream {
          seen.append(status)
          if isFound(status) { return seen }
        }
        throw StatusMissing(seen: seen)
      }
      group.addTask {
        try await Task.sleep(for: limit)
        throw StatusMissing(seen: [])
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
  }
}

/// The status that was looked for did not come in time, or ever.
struct StatusMissing: Error {
  var seen: [SharedDocument.Status]
}

extension SharedDocument.Status {
  var isReadOnly: Bool { if case .readOnly = self { true } else { false } }
  var isUnauthorized: Bool { if case .unauthorized = self { true } else { false } }
  var isRefused: Bool { if case .refused = self { true } else { false } }
}

/// Gives tokens out, one after the other, the last one again and again; an error for nil.
final class Tokens: Sendable {
  struct SignedOut: Error {}

  private struct State: Sendable {
    var tokens: [String?]
    var asked = 0
  }

  private let state: Watched<State>

  init(_ tokens: String?...) {
    state = Watched(State(tokens: tokens))
  }

  var asked: Int { state.current.asked }

  func next() throws -> String {
    let token = state.update { state in
      state.asked += 1
      return state.tokens.count > 1 ? state.tokens.removeFirst() : state.tokens[0]
    }
    guard let token else { throw SignedOut() }
    return token
  }

  /// Waits until so many were asked for.
  func wait(untilAsked count: Int) async throws {
    _ = try await state.wait(for: "token number \(count)") { $0.asked >= count ? true : nil }
  }

  /// From now on there is this one.
  func replace(with token: String) {
    state.update { $0.tokens = [token] }
  }
}
