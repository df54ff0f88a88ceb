public import Logging

/// On whose behalf a thread works. It goes along from the loop to the store's threads and back, and every line that is logged
/// meanwhile names it.
public struct RequestContext: Sendable {
  /// What the client calls its request, or a name of ours.
  public let id: String
  public let trace: TraceParent
  /// Who writes down how long things take; nil where nobody does.
  public let recorder: (any SpanRecorder)?

  public init(id: String, trace: TraceParent, recorder: (any SpanRecorder)? = nil) {
    (self.id, self.trace, self.recorder) = (id, trace, recorder)
  }

  /// What this thread does, it does for this request.
  @TaskLocal public static var current: RequestContext?

  /// What log lines say of it.
  public static let metadataProvider = Logger.MetadataProvider {
    guard let current else { return [:] }
    return ["request_id": "\(current.id)", "trace_id": "\(current.trace.traceID)"]
  }

  /// Does something on behalf of the current request, and has it recorded as a part of that.
  static func measure<Result>(_ name: String, _ attributes: [String: String] = [:], _ body: () -> Result) -> Result {
    guard let current, let recorder = current.recorder, current.trace.isSampled else { return body() }
    let (trace, start) = (current.trace.child, Span.now)
    let inner = RequestContext(id: current.id, trace: trace, recorder: recorder)
    let result = $current.withValue(inner, operation: body)
    recorder.record(
      Span(trace: trace, parent: current.trace.spanID, name: name, start: start, end: Span.now, attributes: attributes))
    return result
  }
}
