import CLibPQ

/// What Postgres, or the way to it, had against a command.
public struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The five characters that classify the error; nil where the server never answered.
  public var sqlState: String?
  public var message: String
  /// More about it, for example which key exists already.
  public var detail: String?
  /// The constraint that was violated.
  public var constraint: String?
  /// The connection is gone. What was under way then may have happened or not.
  public var connectionLost: Bool
  /// It was lost in the middle of a commit, which may have happened or not.
  public var mayHaveCommitted = false

  init(_ message: String, sqlState: String? = nil, connectionLost: Bool = false) {
    self.sqlState = sqlState
    self.message = message
    self.connectionLost = connectionLost
  }

  public var description: String {
    var text = message
    if let detail { text += " (\(detail))" }
    if let sqlState { text += " [\(sqlState)]" }
    return text
  }

  /// Somebody else had a lock for longer than was waited for it.
  var isLockTimeout: Bool { sqlState == "55P03" }

  /// Another transaction was in the way: the same thing may work the next time.
  var isTransient: Bool {
    switch sqlState {
    case "40001", "40P01", "55P03", "57014": true
    default: false
    }
  }
}

extension PostgresError {
  /// Whether what was to be written is the reason, so that it fails each time: a value, a constraint, or a limit.
  public var isAboutValues: Bool {
    ["22", "23", "54"].contains { sqlState?.hasPrefix($0) == true }
  }

  /// Whether a row cannot go since a foreign key refers to it.
  var isAboutReferences: Bool { sqlState == "23503" || sqlState == "23001" }

  /// Whether Postgres can do nothing of the kind now, whatever it is: a disk that is full or fails, memory or connections
  /// that ran out, or a standby, which takes no writes.
  public var isAboutResources: Bool {
    ["53", "58", "25006"].contains { sqlState?.hasPrefix($0) == true }
  }

  init(connection: OpaquePointer?) {
    self.init(
      Self.text(PQerrorMessage(connection)) ?? "the connection to Postgres is gone",
      connectionLost: PQstatus(connection) != CONNECTION_OK)
  }

  init(result: OpaquePointer, connection: OpaquePointer?) {
    self.init(
      Self.field(result, CPQ_DIAG_MESSAGE_PRIMARY) ?? Self.text(PQresultErrorMessage(result)) ?? "unknown error",
      sqlState: Self.field(result, CPQ_DIAG_SQLSTATE), connectionLost: PQstatus(connection) != CONNECTION_OK)
    detail = Self.field(result, CPQ_DIAG_MESSAGE_DETAIL)
    constraint = Self.field(result, CPQ_DIAG_CONSTRAINT_NAME)
    connectionLost = connectionLost || Self.endsSession(sqlState)
  }

  /// libpq notices the end of a connection later than the server says so, and in what it says itself gives no state. Nor
  /// does a connection serve any more that leads to a standby: a new one may lead to the primary.
  private static func endsSession(_ sqlState: String?) -> Bool {
    sqlState.map { $0.hasPrefix("08") || $0.hasPrefix("57P0") || $0 == "25006" } ?? true
  }

  private static func field(_ result: OpaquePointer, _ code: Int32) -> String? {
    text(PQresultErrorField(result, code))
  }

  /// libpq ends its messages with a newline.
  private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let pointer else { return nil }
    var text = String(cString: pointer)[...]
    while text.last?.isNewline == true { text.removeLast() }
    return text.isEmpty ? nil : String(text)
  }
}
