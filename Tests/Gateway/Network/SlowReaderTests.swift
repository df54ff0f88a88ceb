import TestSupport
import Testing

@testable import Gateway

@Suite("Websockets: slow readers", .serialized, .timeLimit(.minutes(1)))
struct SlowReaderTests {
  /// Numbered frames of 1000 bytes, until the only connection refuses one. Returns how many were queued.
  private func fill(_ server: TestServer, from first: Int = 0, to limit: Int = 100_000) throws -> Int {
    var next = first
    while next < limit {
      let from = next
      let queued = try server.onLoop { loop -> Int in
        var queued = 0
        loop.eachConnection { connection in
          for number in from..<(from + 50) where connection.send(Frame(Self.payload(number))) { queued += 1 }
        }
        return queued
      }
      next += queued
      if queued < 50 { return next }
    }
    throw TestSocket.Failure(description: "never lagging")
  }

  private static func payload(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) } + [UInt8](repeating: 0, count: 992)
  }

  private func number(_ payload: [UInt8]) -> Int {
    payload.prefix(8).reduce(0) { $0 << 8 | Int($1) }
  }

  @Test("A reader that falls behind gets all that was queued, then hears that it caught up, without a gap")
  func noSilentGap() throws {
    let server = try TestServer {
      $0.sendQueueSoftLimitBytes = 200_000
      $0.sendQueueLowWaterBytes = 20_000
      $0.socketSendBufferBytes = 20_000
    }
    let client = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
    var next = 0
    for round in 1...3 {
      let first = next
      next = try fill(server, from: first)
      #expect(server.log.count(of: .lagging) == round)
      let statistics = try server.statistics()
      #expect(statistics.lagging == 1)
      #expect(statistics.queuedBytes < 300_000)
      #expect(statistics.droppedFrames > 0)
      // Nothing that is sent while it lags is queued.
      try server.broadcast([1, 2, 3], times: 100)
      #expect(try server.statistics().queuedBytes <= statistics.queuedBytes)
      for expected in first..<next { #expect(number(try client.readMessage().payload) == expected) }
      #expect(try client.readMessage().payload == Array("caught up".utf8))
      #expect(server.log.count(of: .caughtUp) == round)
    }
    #expect(try server.statistics().lagging == 0)
  }

  @Test("Other connections do not notice a stuck one")
  func others() throws {
    let server = try TestServer {
      $0.sendQueueSoftLimitBytes = 100_000
      $0.socketSendBufferBytes = 20_000
    }
    let stuck = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
    _ = try fill(server)
    let reader = try TestWebSocket(port: server.port)
    for number in 0..<2000 {
      try server.broadcast([UInt8(truncatingIfNeeded: number)])
      #expect(try reader.readMessage().payload == [UInt8(truncatingIfNeeded: number)])
    }
    #expect(try server.statistics().queuedBytes < 200_000)
    stuck.socket.close()
  }

  @Test("A message that is longer than the queue may be is still delivered whole")
  func longMessage() throws {
    let server = try TestServer {
      $0.sendQueueSoftLimitBytes = 100_000
      $0.sendQueueHardLimitBytes = 200_000
    }
    let client = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
    let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 5) }
    try server.broadcast(payload)
    // A ping is answered in the middle of it.
    try client.send(.ping, [42])
    var received: [UInt8] = []
    var sawPong = false
    while received.count < payload.count {
      let frame = try client.readFrame()
      if frame.opcode == .pong { sawPong = true }
      if frame.opcode == .binary || frame.opcode == .continuation { received += frame.payload }
    }
    #expect(received == payload)
    if !sawPong { #expect(try client.readFrame().opcode == .pong) }
    #expect(try client.readMessage().payload == Array("caught up".utf8))
  }

  @Test("Who lags for too long is closed with 1013, or cut when it does not even read that")
  func lagTimeout() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.sendQueueSoftLimitBytes = 100_000
      $0.socketSendBufferBytes = 20_000
      $0.lagTimeout = .milliseconds(200)
      $0.closeTimeout = .milliseconds(300)
    }
    let stuck = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
    _ = try fill(server)
    try server.log.wait(for: .closed(1006))
    #expect(try server.statistics().queuedBytes == 0)
    stuck.socket.close()

    let slow = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
    _ = try fill(server)
    try until("the queue is dropped") { (try? server.statistics().queuedBytes) == 0 }
    var last = try slow.readMessage()
    while last.opcode != .close { last = try slow.readMessage() }
    #expect(last.closeCode == 1013)
    try slow.send(.close, Array(last.payload.prefix(2)))
    try server.log.wait(for: .closed(1013))
    #expect(server.log.count(of: .caughtUp) == 0)
  }

  @Test("A queue that one turn of the loop fills beyond all measure costs the connection, not the memory")
  func hardLimit() throws {
    let server = try TestServer {
      $0.sendQueueSoftLimitBytes = 100_000
      $0.sendQueueHardLimitBytes = 1_000_000
    }
    let client = try TestWebSocket(port: server.port, target: "/silent")
    try server.broadcast([UInt8](repeating: 0, count: 10_000), times: 1000)
    try server.log.wait(for: .closed(1006))
    #expect(try server.statistics().queuedBytes == 0)
    _ = try client.socket.readToEnd()
  }
}
