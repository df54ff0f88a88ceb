import CLibPQ

extension PostgresConnection {
  /// Runs a `copy … to stdout` and passes on what comes, a row at a time. Returns how many rows that were.
  func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Int {
    try beginCopy(sql, PGRES_COPY_OUT)
    var failure: (any Error)?
    var rows = 0
    while true {
      var data: UnsafeMutablePointer<CChar>?
      let count = PQgetCopyData(handle, &data, 0)
      guard count > 0 else { break }
      defer { PQfreemem(data) }
      rows += 1
      // Where it goes may be full. What still comes has to be taken, or the connection is of no use.
      if failure == nil {
        do { try body(UnsafeRawBufferPointer(start: data, count: Int(count))) } catch { failure = error }
      }
    }
    try endCopy()
    if let failure { throw failure }
    return rows
  }

  /// Runs a `copy … from stdin` with what `next` returns until that is nil. Returns how many rows were written.
  func copyIn(_ sql: String, _ next: () throws -> [UInt8]?) throws -> Int {
    try beginCopy(sql, PGRES_COPY_IN)
    do {
      while let bytes = try next() {
        let sent = bytes.withUnsafeBytes { raw in
          raw.withMemoryRebound(to: CChar.self) { PQputCopyData(handle, $0.baseAddress, Int32($0.count)) }
        }
        guard sent == 1 else { throw PostgresError(connection: handle) }
      }
    } catch {
      PQputCopyEnd(handle, "the backup cannot be read")
      _ = try? endCopy()
      throw error
    }
    guard PQputCopyEnd(handle, nil) == 1 else { throw PostgresError(connection: handle) }
    return try endCopy()
  }

  private func beginCopy(_ sql: String, _ expected: ExecStatusType) throws(PostgresError) {
    // What is copied may be much, and waits where the other end is slow.
    PQsetnonblocking(handle, 0)
    let result = PQexec(handle, sql)
    defer { PQclear(result) }
    guard let result else { throw PostgresError(connection: handle) }
    guard PQresultStatus(result) == expected else { throw PostgresError(result: result, connection: handle) }
  }

  /// Takes all results that are left. Returns how many rows the command was about.
  @discardableResult
  private func endCopy() throws(PostgresError) -> Int {
    defer { PQsetnonblocking(handle, 1) }
    var (failure, rows): (PostgresError?, Int) = (nil, 0)
    while let result = PQgetResult(handle) {
      defer { PQclear(result) }
      if PQresultStatus(result) == PGRES_COMMAND_OK {
        rows = Int(String(cString: PQcmdTuples(result))) ?? 0
      } else {
        failure = failure ?? PostgresError(result: result, connection: handle)
        guard isConnected else { break }
      }
    }
    if let failure { throw failure }
    return rows
  }
}
