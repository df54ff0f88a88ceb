internal import CWebSockets

/// Counters (since the start) and gauges of one loop's network.
struct NetworkStatistics: Equatable, Sendable {
  /// Connections that were accepted; and those beyond the limit, which were turned away.
  let accepted, refused: UInt64
  /// Connections that speak HTTP now, and websockets.
  let httpConnections, websockets: Int
  /// Websockets for which nothing is queued because they are behind.
  let lagging: Int
  /// Bytes in all send queues; a frame counts once per connection.
  let queuedBytes: UInt64
  let receivedMessages, receivedBytes: UInt64
  let sentFrames, sentBytes: UInt64
  /// How often frames were handed to the kernel: all that one turn of the loop queues for a websocket goes in one.
  let writes: UInt64
  /// Frames that were not queued because a connection was lagging or closing.
  let droppedFrames: UInt64
  /// What was turned away, by the limit that was met.
  let refusals: [Refusal: Int]

  init(_ statistics: cws_statistics, _ counts: RefusalCounts = RefusalCounts()) {
    var refusals = Dictionary(uniqueKeysWithValues: Refusal.allCases.map { ($0, counts[$0]) })
    refusals[.connections] = Int(statistics.refused)
    refusals[.memberRate] = Int(statistics.throttled)
    refusals[.controlFrames] = Int(statistics.refused_control)
    refusals[.fragments] = Int(statistics.refused_fragments)
    refusals[.messageSize] = Int(statistics.refused_messages)
    self.refusals = refusals
    accepted = statistics.accepted
    refused = statistics.refused
    httpConnections = Int(statistics.tcp_connections)
    websockets = Int(statistics.websockets)
    lagging = Int(statistics.lagging)
    queuedBytes = statistics.queued_bytes
    receivedMessages = statistics.received_messages
    receivedBytes = statistics.received_bytes
    sentFrames = statistics.sent_frames
    sentBytes = statistics.sent_bytes
    writes = statistics.writes
    droppedFrames = statistics.dropped_frames
  }
}
