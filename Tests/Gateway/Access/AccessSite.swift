import Logging
import Storage
import TestSupport
import Tokens
import Workflow

@testable import Gateway

/// Somebody of each kind, as far as permissions in the sample project tell people apart.
enum Person: String, CaseIterable, Sendable {
  case nobody
  case viewer
  case editor
  case admin
  case owner
  case superuser
  case superEditor
  case repository
  case otherRepository

  var capacity: Capacity {
    switch self {
    case .nobody: .user(nil, isSuperuser: false)
    case .superuser: .user(nil, isSuperuser: true)
    case .superEditor: .user(.editor, isSuperuser: true)
    case .repository: .repository
    case .otherRepository: .outsider
    case .viewer, .editor, .admin, .owner: .user(Role(rawValue: rawValue), isSuperuser: false)
    }
  }

  /// The role in the sample project.
  fileprivate var role: Role? {
    if case .user(let role, _) = capacity { role } else { nil }
  }

  fileprivate var isSuperuser: Bool {
    if case .user(_, true) = capacity { true } else { false }
  }

  static let otherProject = "99999999-9999-4999-8999-999999999999"

  var id: String {
    switch self {
    case .repository: SampleProject.id
    case .otherRepository: Self.otherProject
    default:
      "aaaaaaaa-0000-4000-8000-00000000000\(Person.allCases.firstIndex(of: self) ?? 0)"
    }
  }

  var subject: Subject {
    self == .repository || self == .otherRepository ? .repository(projectID: id) : .user(id)
  }

  static let sql =
    """
    insert into projects (id, name) values ('\(otherProject)', 'other');
    insert into project_repo_connections (project_id, repo, branch)
      values ('\(SampleProject.id)', 'a/b', 'main'), ('\(otherProject)', 'c/d', 'main');
    """
    + allCases.filter { $0 != .repository && $0 != .otherRepository }.map { person in
      let membership = person.role.map {
        """
        insert into project_memberships (project_id, user_id, role)
          values ('\(SampleProject.id)', '\(person.id)', '\($0.rawValue)');
        """
      }
      return """
        insert into users (id, email, first_name, is_superuser)
          values ('\(person.id)', '\(person.rawValue)@example.com', '\(person.rawValue)', \(person.isSuperuser));
        \(membership ?? "")
        """
    }.joined(separator: "\n")
}

/// A server that wants tokens, on a database with the sample project and all these people.
final class AccessSite {
  let address: String
  let psql: PlainConnection
  let store: Store
  let issuer: TokenIssuer
  let log = CollectedLog()
  private let server: Server
  private(set) var port: UInt16 = 0

  init(
    grace: Duration = .seconds(30), origins: OriginPolicy = .any,
    network: (inout ServerConfiguration) -> Void = { _ in },
    tokens: TokenConfiguration = TokenConfiguration(), keys: KeySource? = nil,
    storage: (inout StoreConfiguration) -> Void = { _ in }, wantsTokens: Bool = true,
    gateway: (inout GatewayConfiguration) -> Void = { _ in }
  ) throws {
    address = try TestPostgres.makeDatabase()
    let logger = log.logger
    var storageConfiguration = StoreConfiguration(conninfo: address)
    storage(&storageConfiguration)
    store = Store(configuration: storageConfiguration, logger: logger)
    try store.migrate()
    psql = try PlainConnection(address)
    try psql.run(SampleProject.sql + Person.sql)
    store.start()
    issuer = try TokenIssuer(secret: try store.wait { [store] in store.tokenSecret($0) })
    var configuration = GatewayConfiguration(
      network: ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: 0)]))
    network(&configuration.network)
    var authentication = Authentication(
      verifier: try TokenVerifier(tokens, issuer: issuer, keys: keys), issuer: issuer)
    authentication.grace = grace
    configuration.authentication = wantsTokens ? authentication : nil
    configuration.origins = origins
    gateway(&configuration)
    server = Server(store: store, configuration: configuration, logger: logger)
    port = try server.start().first?.port ?? 0
  }

  /// Ends it. What it did not store in time is lost.
  func stop() {
    server.drain()
    store.stop()
  }

  /// A token of somebody.
  func token(_ person: Person, lifetime: Duration = .seconds(600), id: String = Store.newTokenID()) throws -> String {
    try issuer.issue(to: person.subject, id: id, lifetime: lifetime, now: TimeOfDay.now).text
  }

  /// Sends a request and returns the answer.
  func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = nil, headers: [String] = []
  ) throws -> TestResponse {
    let socket = try TestSocket(port: port)
    let bytes = body?.serialized() ?? []
    var lines = ["\(method) \(path) HTTP/1.1", "Host: test", "Connection: close"] + headers
    if !bytes.isEmpty { lines.append("Content-Length: \(bytes.count)") }
    if let token { lines.append("Authorization: Bearer \(token)") }
    try socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
    return try socket.readResponse()
  }

  func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil, as person: Person
  ) throws -> TestResponse {
    try request(method, path, body, token: token(person))
  }
}

/// Everything that is logged, at every level.
final class CollectedLog: Sendable {
  private let lines = Locked<[String]>([])

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: CollectedLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let metadata = RequestContext.metadataProvider.get().merging(event.metadata ?? [:]) { $1 }
      log.lines.withLock { $0.append("\(event.level) \(event.message) \(metadata)") }
    }
  }
}

extension TestResponse {
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}
