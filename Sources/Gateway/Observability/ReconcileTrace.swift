import Storage
import Workflow

/// How long it takes until a document has what somebody wrote into the database: a trace of its own, since no request of ours
/// asks for it.
struct ReconcileTrace {
  let context: RequestContext
  private let start = Span.now

  init(_ tracing: TracingConfiguration) {
    let trace = tracing.begin()
    context = RequestContext(id: trace.spanID, trace: trace, recorder: tracing.recorder)
  }

  /// The document has it, or the room has given up.
  func ended(_ document: DocumentName) {
    guard context.trace.isSampled, let recorder = context.recorder else { return }
    recorder.record(
      Span(
        trace: context.trace, parent: nil, name: "reconcile", start: start, end: Span.now,
        attributes: ["document": "\(document)"]))
  }
}
