import CLibPQ
import Glibc

/// A statement that is prepared once per connection, under a name of its own.
struct Statement: Sendable {
  let name: StaticString
  let sql: String

  init(_ name: StaticString, _ sql: String) {
    self.name = name
    self.sql = sql
  }
}

/// A blocking connection to Postgres. Belongs to one thread at a time.
///
/// Once the connection is lost every call throws an error with `connectionLost`, until `connect` brought it back.
final class PostgresConnection {
  /// What every session is set to after it was connected, for example timeouts.
  private let sessionCommands: [String]
  private let conninfo: String
  private let name: String
  /// How long an answer may take before the connection counts as lost; nil for any time.
  private let answerTimeout: Duration?
  private(set) var handle: OpaquePointer?
  /// The statements that this session has prepared, by the address of their names.
  private var prepared: Set<UnsafePointer<UInt8>> = []
  /// Notifications that were looked at and not taken.
  private var held: [String] = []

  /// Not connected yet. `conninfo` is a URL or a connection string as libpq takes it. `answerTimeout` has to be longer than any
  /// statement may take.
  init(conninfo: String, name: String, answerTimeout: Duration? = nil, sessionCommands: [String] = []) {
    self.conninfo = conninfo
    self.answerTimeout = answerTimeout
    self.name = name
    self.sessionCommands = sessionCommands
  }

  deinit { close() }

  var isConnected: Bool { handle != nil && PQstatus(handle) == CONNECTION_OK }

  /// The number of the socket, for waiting until something arrives; -1 without a connection.
  var socket: Int32 { handle.map { PQsocket($0) } ?? -1 }

  /// The server's version as a number, for example 150012 for 15.12.
  var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }

  // MARK: Coming and going

  /// Connects anew and prepares the session. Blocks for at most some seconds.
  func connect() throws(PostgresError) {
    close()
    // Of two values for a keyword the later one counts: what the address says goes before these defaults.
    let settings: [(String, String)] = [
      ("connect_timeout", "5"), ("keepalives_idle", "30"), ("tcp_user_timeout", "10000"),
      ("fallback_application_name", name), ("client_encoding", "UTF8"), ("dbname", conninfo),
    ]
    handle = Self.withCStrings(settings.map(\.0)) { keys in
      Self.withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keys, values, 1) }
    }
    guard isConnected else {
      var error = PostgresError(connection: handle)
      error.connectionLost = true
      if !isReadable { error.message = Self.withoutQuotations(error.message) }
      close()
      throw error
    }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    PQsetnonblocking(handle, 1)
    do {
      try prepareSession()
    } catch {
      // Nobody works with a session that lacks its settings.
      close()
      throw error
    }
  }

  /// Whether libpq can read the address at all.
  private var isReadable: Bool {
    guard conninfo.contains("=") || conninfo.hasPrefix("postgres://") || conninfo.hasPrefix("postgresql://") else {
      return true
    }
    guard let options = PQconninfoParse(conninfo, nil) else { return false }
    PQconninfoFree(options)
    return true
  }

  /// What libpq says of an address that it cannot read, without the parts of it that it repeats: one may be the password.
  private static func withoutQuotations(_ message: String) -> String {
    let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
    let kept = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }
    return "the address of the database cannot be read: \(kept.joined(separator: "\""))"
  }

  func close() {
    guard let handle else { return }
    PQfinish(handle)
    self.handle = nil
  }

  /// A new session knows nothing of the old one: settings are made again, statements prepared again when needed.
  private func prepareSession() throws(PostgresError) {
    prepared.removeAll(keepingCapacity: true)
    for command in sessionCommands { try run(command) }
  }

  // MARK: Commands

  /// Runs commands without parameters, several ones separated by semicolons. Returns the rows of the last.
  @discardableResult
  func run(_ sql: String) throws(PostgresError) -> Rows {
    guard let handle else { throw Self.notConnected }
    return try answer(sent: PQsendQuery(handle, sql))
  }

  /// Runs a statement, preparing it if this session has not yet.
  @discardableResult
  func execute(_ statement: Statement, _ parameters: Parameter...) throws(PostgresError) -> Rows {
    try execute(statement, parameters)
  }

  @discardableResult
  func execute(_ statement: Statement, _ parameters: [Parameter]) throws(PostgresError) -> Rows {
    try prepare(statement)
    let sent = Self.withArena(parameters) { [handle] count, values, lengths, formats in
      PQsendQueryPrepared(handle, statement.cName, count, values, lengths, formats, 1)
    }
    return try answer(sent: sent)
  }

  /// Sends several statements at once and waits for all answers: one round trip. They are one transaction, unless they
  /// begin and commit their own. Throws the first error; then nothing of an implicit transaction was done.
  func pipeline(_ commands: [(Statement, [Parameter])]) throws(PostgresError) -> [Rows] {
    for (statement, _) in commands { try prepare(statement) }
    guard PQenterPipelineMode(handle) == 1 else { throw PostgresError(connection: handle) }
    defer { if handle != nil { PQexitPipelineMode(handle) } }
    for (statement, parameters) in commands {
      let sent = Self.withArena(parameters) { [handle] count, values, lengths, formats in
        PQsendQueryPrepared(handle, statement.cName, count, values, lengths, formats, 1)
      }
      guard sent == 1 else { throw PostgresError(connection: handle) }
    }
    guard PQpipelineSync(handle) == 1 else { throw PostgresError(connection: handle) }
    return try pipelineResults(commands.count)
  }

  private func pipelineResults(_ count: Int) throws(PostgresError) -> [Rows] {
    var rows: [Rows] = []
    var failure: PostgresError?
    while true {
      try awaitAnswer()
      guard let result = PQgetResult(handle) else {
        // A null ends each command's results; on a lost connection it would come forever.
        guard isConnected else { throw failure ?? PostgresError(connection: handle) }
        continue
      }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC:
        PQclear(result)
        if let failure { throw failure }
        return rows
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK: rows.append(Rows(result))
      case PGRES_PIPELINE_ABORTED: PQclear(result)
      default:
        failure = failure ?? PostgresError(result: result, connection: handle)
        PQclear(result)
        guard isConnected else { throw failure ?? PostgresError(connection: handle) }
      }
    }
  }

  /// Runs selects that all see the same state of the database, in one round trip: within a transaction the one that this sees.
  func snapshot(_ queries: [(Statement, [Parameter])]) throws(PostgresError) -> [Rows] {
    guard PQtransactionStatus(handle) != PQTRANS_INTRANS else { return try pipeline(queries) }
    do {
      let rows = try pipeline([(.beginSnapshot, [])] + queries + [(.commit, [])])
      return Array(rows.dropFirst().dropLast())
    } catch {
      _ = try? execute(.rollback)
      throw error
    }
  }

  /// Runs `body` in a transaction: committed if it returns, rolled back if it throws. If the connection is lost in the
  /// middle the transaction did not happen; if it is lost at the end, it may have.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try execute(.begin)
    let result: Result
    do {
      result = try body()
    } catch {
      // If this fails the connection is gone, and the transaction with it.
      _ = try? execute(.rollback)
      throw error
    }
    do {
      try execute(.commit)
    } catch {
      var error = error
      error.mayHaveCommitted = error.connectionLost
      throw error
    }
    return result
  }

  // MARK: Notifications

  /// The payloads that arrived since the last call. Reads what the socket has; never waits.
  func notifications() throws(PostgresError) -> [String] {
    guard PQconsumeInput(handle) == 1 else { throw PostgresError(connection: handle) }
    var payloads = held
    held = []
    while let notification = PQnotifies(handle) {
      payloads.append(String(cString: notification.pointee.extra))
      PQfreemem(notification)
    }
    return payloads
  }

  /// Whether nothing that was read from the socket waits to be taken by `notifications`.
  func hasNoNotifications() throws(PostgresError) -> Bool {
    guard let notification = PQnotifies(handle) else { return true }
    held.append(String(cString: notification.pointee.extra))
    PQfreemem(notification)
    return false
  }

  // MARK: Helpers

  private static let notConnected = PostgresError("not connected to Postgres", connectionLost: true)

  private func prepare(_ statement: Statement) throws(PostgresError) {
    guard let handle else { throw Self.notConnected }
    guard !prepared.contains(statement.name.utf8Start) else { return }
    try answer(sent: PQsendPrepare(handle, statement.cName, statement.sql, 0, nil))
    prepared.insert(statement.name.utf8Start)
  }

  /// The last result of what was sent.
  @discardableResult
  private func answer(sent: Int32) throws(PostgresError) -> Rows {
    guard sent == 1 else { throw PostgresError(connection: handle) }
    var last: OpaquePointer?
    while true {
      do { try awaitAnswer() } catch {
        PQclear(last)
        throw error
      }
      guard let result = PQgetResult(handle) else { break }
      PQclear(last)
      last = result
    }
    return try check(last)
  }

  /// Sends what is not sent and waits until an answer is there. Not by libpq, which would wait for ever where the other end has gone
  /// without a word: there the connection is lost when the time is over.
  private func awaitAnswer() throws(PostgresError) {
    let deadline = answerTimeout.map { ContinuousClock.now + $0 }
    while true {
      let unsent = PQflush(handle)
      // What is wrong with the connection is said by the result.
      guard unsent >= 0, unsent == 1 || PQisBusy(handle) == 1 else { return }
      let milliseconds = deadline.map { Int32(clamping: Int64(max(.zero, $0 - .now) / .milliseconds(1)) + 1) } ?? -1
      var entry = pollfd(fd: socket, events: Int16(POLLIN | (unsent == 1 ? POLLOUT : 0)), revents: 0)
      let ready = poll(&entry, 1, milliseconds)
      if ready == 0, let deadline, .now >= deadline { throw abandoned() }
      if ready > 0, PQconsumeInput(handle) == 0 { return }
    }
  }

  private func abandoned() -> PostgresError {
    close()
    let limit = answerTimeout.map { "\($0)" } ?? "any time"
    return PostgresError("Postgres did not answer within \(limit): the connection counts as lost", connectionLost: true)
  }

  private func check(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
    guard let result else { throw PostgresError(connection: handle) }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return Rows(result)
    default:
      defer { PQclear(result) }
      throw PostgresError(result: result, connection: handle)
    }
  }

  private static func withArena<Result>(
    _ parameters: [Parameter],
    _ body: (
      Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    let arena = ParameterArena(parameters)
    let lengths = arena.spans.map { Int32($0?.count ?? 0) }
    let formats = Array(repeating: Int32(1), count: parameters.count)
    // The extra byte gives an empty value an address: without one it would be null.
    return (arena.bytes + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        let values = arena.spans.map { span in span.map { UnsafePointer(characters.baseAddress! + $0.lowerBound) } }
        return body(Int32(parameters.count), values, lengths, formats)
      }
    }
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
  }
}

extension Statement {
  static let begin = Statement("begin", "begin")
  fileprivate static let beginSnapshot = Statement(
    "begin_snapshot", "begin isolation level repeatable read read only")
  static let commit = Statement("commit", "commit")
  static let rollback = Statement("rollback", "rollback")

  fileprivate var cName: UnsafePointer<CChar> {
    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
