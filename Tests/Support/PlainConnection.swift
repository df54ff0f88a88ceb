import CLibPQ

/// Writes to a database as a person with psql would: knows nothing of Heddle.
public final class PlainConnection {
  private let handle: OpaquePointer?

  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  public init(_ conninfo: String) throws {
    handle = PQconnectdb(conninfo)
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard PQstatus(handle) == CONNECTION_OK else { throw Failure(description: String(cString: PQerrorMessage(handle))) }
  }

  deinit { PQfinish(handle) }

  /// Runs commands and returns the rows of the last one, as text.
  @discardableResult
  public func run(_ sql: String) throws -> [[String?]] {
    let result = PQexec(handle, sql)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
      throw Failure(description: String(cString: PQerrorMessage(handle)))
    }
    return (0..<PQntuples(result)).map { row in
      (0..<PQnfields(result)).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
  }

  /// The first value of the first row.
  public func value(_ sql: String) throws -> String? {
    try run(sql).first?.first ?? nil
  }
}
