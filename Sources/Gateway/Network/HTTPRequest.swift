/// A complete HTTP/1.1 request, its body included.
struct HTTPRequest: Sendable {
  /// "GET", "POST", …; upper case as sent.
  let method: String
  /// The path as it was sent, percent-encoded, without the query.
  let rawPath: String
  /// The path's segments, percent-decoded: "/collab/workflow%3A1" is ["collab", "workflow:1"]. A segment never contains
  /// NUL, is never "." or ".." and is valid UTF-8; an encoded "/" stays within its segment. A slash at the end adds no
  /// segment.
  let segments: [String]
  /// Names and values of the query, percent-decoded ("+" is a space), in order.
  let query: [(name: String, value: String)]
  /// Header names in lower case with their values, in order.
  let headers: [(name: String, value: String)]
  /// Empty when there is none.
  var body: [UInt8]
  /// Who has sent it: whoever has opened the socket, or for whom a trusted proxy speaks.
  var peer: Peer

  /// The first value of a query parameter.
  func queryValue(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The first value of a header; `name` in lower case.
  func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}

/// A request that waits for its answer. Names it for ever, so it can leave the loop and come back: once the request was
/// answered or its connection is gone, the handle fits nothing any more.
struct HTTPExchange: Hashable, Sendable {
  /// The connection that the request came on.
  let connection: ConnectionID
  /// Counts the requests of a connection.
  let number: UInt32
}
