public import Storage

/// What is recorded of how long requests, and the work for them, take.
public struct TracingConfiguration: Sendable {
  /// Who writes it down; nil where nobody does.
  public var recorder: (any SpanRecorder)?
  /// Of how many of the traces that begin here, from 0 to 1.
  public var ratio: Double = 1

  /// Nothing is recorded.
  public init() {}

  /// The beginning of a trace, recorded or not.
  func begin() -> TraceParent {
    TraceParent(isSampled: recorder != nil && Double.random(in: 0..<1) < ratio)
  }
}
