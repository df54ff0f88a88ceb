/// A complete answer. `content-length`, `connection` and `date` are added when it is sent.
struct HTTPResponse: Sendable {
  var status: Int
  /// Names in lower case. Neither names nor values may contain line breaks.
  var headers: [(name: String, value: String)]
  var body: [UInt8]
  /// Closes the connection after this answer.
  var closesConnection = false

  init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A text answer.
  static func text(_ status: Int, _ text: String, headers: [(name: String, value: String)] = []) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [(name: "content-type", value: "text/plain; charset=utf-8")] + headers,
      body: Array(text.utf8))
  }

  /// An answer whose body is JSON already.
  static func json(_ status: Int, _ body: [UInt8], headers: [(name: String, value: String)] = []) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [(name: "content-type", value: "application/json")] + headers, body: body)
  }

  /// An answer to who asks too often.
  static func tooManyRequests(_ why: String) -> HTTPResponse {
    .text(429, why + " Come back later.\n", headers: [(name: "retry-after", value: "10")])
  }

  /// The words that go with a status; "Status" for one that has none here.
  static func reason(of status: Int) -> String {
    reasons[status] ?? "Status"
  }

  private static let reasons: [Int: String] = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
    303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 422: "Unprocessable Content",
    423: "Locked", 426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  ]
}
