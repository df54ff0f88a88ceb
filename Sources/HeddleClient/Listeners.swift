/// Who watches a document.
struct Listeners {
  private var changeStreams: [AsyncStream<Void>.Continuation] = []
  private var statusStreams: [AsyncStream<SharedDocument.Status>.Continuation] = []

  mutating func changes(isClosed: Bool) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    if isClosed { continuation.finish() } else { changeStreams.append(continuation) }
    return stream
  }

  mutating func statuses(from status: SharedDocument.Status) -> AsyncStream<SharedDocument.Status> {
    let (stream, continuation) = AsyncStream.makeStream(of: SharedDocument.Status.self)
    continuation.yield(status)
    if status == .closed { continuation.finish() } else { statusStreams.append(continuation) }
    return stream
  }

  /// Tells all, and forgets those who have stopped watching.
  mutating func tellOfChange() {
    changeStreams.removeAll { if case .terminated = $0.yield() { true } else { false } }
  }

  mutating func tell(_ status: SharedDocument.Status) {
    statusStreams.removeAll { if case .terminated = $0.yield(status) { true } else { false } }
  }

  mutating func finish() {
    for stream in changeStreams { stream.finish() }
    for stream in statusStreams { stream.finish() }
    changeStreams = []
    statusStreams = []
  }
}
