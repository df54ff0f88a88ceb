/// An answer as a test sees it.
public struct TestResponse {
  public let status: Int
  public let headers: [String: String]
  public let body: [UInt8]

  public var text: String {
    String(decoding: body, as: UTF8.self)
  }
}

extension TestSocket {
  /// Reads one answer; `hasBody` is false for the answer to HEAD.
  public func readResponse(hasBody: Bool = true) throws -> TestResponse {
    let head = try read(through: "\r\n\r\n")
    var lines = head.split(separator: "\r\n")
    guard let status = lines.removeFirst().split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure(description: "no status in \(head)")
    }
    var headers: [String: String] = [:]
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { throw Failure(description: "no header: \(line)") }
      headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    let count = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
    return TestResponse(status: status, headers: headers, body: try read(count))
  }

  /// Sends a request without a body and reads its answer.
  public func get(_ target: String, headers: [String] = []) throws -> TestResponse {
    try send("GET \(target) HTTP/1.1\r\nHost: test\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n")
    return try readResponse()
  }
}
