import TestSupport
import Workflow

/// What scripts send, with their headers.
extension Site {
  static let workflowPath = "/api/workflows/\(SampleProject.workflow)"
  static let jsonPatch = "application/json-patch+json"
  static let mergePatch = "application/merge-patch+json"

  /// Sends a request without waiting for its answer.
  func begin(
    _ method: String, _ path: String = workflowPath, _ text: String = "", headers: [String] = []
  ) throws -> TestSocket {
    let socket = try TestSocket(port: port)
    let head = ["\(method) \(path) HTTP/1.1", "Host: test", "Content-Length: \(text.utf8.count)"] + headers
    try socket.send(head.joined(separator: "\r\n") + "\r\n\r\n" + text)
    return socket
  }

  func send(
    _ method: String, _ path: String = workflowPath, _ text: String = "", headers: [String] = []
  ) throws -> TestResponse {
    try begin(method, path, text, headers: headers).readResponse()
  }

  /// Patches the sample workflow, by the form of the patch.
  func patch(_ text: String, of tag: String? = nil) throws -> TestResponse {
    let type = text.hasPrefix("[") ? Self.jsonPatch : Self.mergePatch
    return try send(
      "PATCH", headers: ["Content-Type: \(type)"] + (tag.map { ["If-Match: \($0)"] } ?? []), text: text)
  }

  private func send(_ method: String, headers: [String], text: String) throws -> TestResponse {
    try send(method, Self.workflowPath, text, headers: headers)
  }

  /// The sample workflow's version now.
  func tag() throws -> String { try send("GET").headers["etag"] ?? "" }
}

extension TestResponse {
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}
