import Logging
import Storage

/// What a request is called, and when it came.
struct RequestMark {
  let context: RequestContext
  private let parent: String?
  private let start = Span.now
  private let method: String
  private let path: String

  /// Longer names, and those with other characters than these, are not taken over into logs and answers.
  private static let maximumBytes = 128

  /// Named by the client with `x-request-id`, or by us; a part of the trace that its `traceparent` tells of, or the beginning
  /// of one.
  init(_ request: HTTPRequest, _ tracing: TracingConfiguration) {
    let above = request.header("traceparent").flatMap(TraceParent.init)
    let trace = above?.child ?? tracing.begin()
    let id = request.header("x-request-id").flatMap { Self.isSane($0) ? $0 : nil } ?? trace.spanID
    context = RequestContext(id: id, trace: trace, recorder: tracing.recorder)
    (parent, method, path) = (above?.spanID, request.method, request.rawPath)
  }

  private static func isSane(_ id: String) -> Bool {
    (1...maximumBytes).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || [45, 46, 58, 95].contains(byte)
      }
  }

  /// It has its answer.
  func answered(_ status: Int, _ logger: Logger) {
    let end = Span.now
    RequestContext.$current.withValue(context) {
      logger.debug(
        "answered a request",
        metadata: [
          "method": "\(method)", "path": "\(path)", "status": "\(status)", "ms": "\((end - start) / 1_000_000)",
        ])
    }
    guard context.trace.isSampled, let recorder = context.recorder else { return }
    recorder.record(
      Span(
        trace: context.trace, parent: parent, name: "http", kind: .server, start: start, end: end,
        attributes: ["http.request.method": method, "url.path": path, "http.response.status_code": "\(status)"]))
  }
}
