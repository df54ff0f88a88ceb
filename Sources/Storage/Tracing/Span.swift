import Glibc

/// How long a piece of work took, and what it belongs to.
public struct Span: Hashable, Sendable {
  /// Whether somebody else waits for it, by OpenTelemetry's numbers.
  public enum Kind: Int, Sendable {
    case `internal` = 1
    case server = 2
  }

  public let trace: TraceParent
  /// The piece that it is a part of; nil for the first one.
  public let parent: String?
  public let name: String
  public let kind: Kind
  /// In nanoseconds since 1970.
  public let start: Int64
  public let end: Int64
  public let attributes: [String: String]

  public init(
    trace: TraceParent, parent: String?, name: String, kind: Kind = .internal, start: Int64, end: Int64,
    attributes: [String: String] = [:]
  ) {
    (self.trace, self.parent, self.name, self.kind) = (trace, parent, name, kind)
    (self.start, self.end, self.attributes) = (start, end, attributes)
  }

  /// The time of day as spans have it.
  public static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// Who takes spans. Never blocks.
public protocol SpanRecorder: Sendable {
  func record(_ span: Span)

  /// Spans that were left out, because they came faster than they can be written or cannot be written.
  var dropped: Int { get }
}
