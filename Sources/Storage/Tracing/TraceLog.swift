import Glibc
import Logging

/// Writes spans to a file, in lines that collectors read (`TraceExport`). What comes faster than it can be written is left out and counted.
public final class TraceLog: SpanRecorder {
  /// How many spans may wait.
  public static let capacity = 8192

  private let state: Monitor<State>
  private let file: Int32
  private let thread: ServiceThread

  private struct State {
    var waiting: [Span] = []
    var dropped = 0
    var isStopping = false
  }

  /// Appends to a file; nil where that cannot be.
  public init?(path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return nil }
    let state = Monitor(State())
    (self.file, self.state) = (file, state)
    thread = ServiceThread { Self.run(state, file) }
  }

  public var dropped: Int { state.read { $0.dropped } }

  public func record(_ span: Span) {
    state.change { state in
      guard state.waiting.count < Self.capacity, !state.isStopping else { return state.dropped += 1 }
      state.waiting.append(span)
    }
  }

  /// Writes what waits and ends.
  public func stop() {
    state.change { $0.isStopping = true }
    thread.join()
    close(file)
  }

  private static func run(_ state: Monitor<State>, _ file: Int32) {
    // What was left of a line when the disk was full.
    var isTorn = false
    while true {
      let spans = state.wait { state -> [Span]? in
        guard !state.waiting.isEmpty else { return state.isStopping ? [] : nil }
        defer { state.waiting.removeAll(keepingCapacity: true) }
        return state.waiting
      }
      guard let spans, !spans.isEmpty else { return }
      let line = (isTorn ? "\n" : "") + TraceExport.request(spans).text + "\n"
      isTorn = !write(line, to: file)
      if isTorn { state.change { $0.dropped += spans.count } }
    }
  }

  /// Whether all of it was written.
  private static func write(_ text: String, to file: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: start), bytes.count - start) }
      guard count > 0 || errno == EINTR else { return false }
      start += max(0, count)
    }
    return true
  }
}
