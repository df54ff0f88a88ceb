import Foundation
import TestSupport
import Testing

@testable import Gateway

@Suite("Websockets: the protocol", .serialized, .timeLimit(.minutes(1)))
struct WebSocketTests {
  @Test("Text stays text and binary stays binary")
  func kinds() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.send(text: "grüße 👋")
    try client.send(.binary, Array("grüße".utf8))
    let text = try client.readMessage()
    #expect(text.opcode == .text && text.payload == Array("grüße 👋".utf8))
    #expect(try client.readMessage().opcode == .binary)
  }

  @Test("Fragments become one message, with control frames between them")
  func fragments() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.send(.binary, [UInt8](repeating: 1, count: 10_000), isFinal: false)
    try client.send(.ping, Array("are you there?".utf8))
    try client.send(.continuation, [], isFinal: false)
    try client.send(.continuation, [UInt8](repeating: 2, count: 70_000), isFinal: false)
    try client.send(.pong, [1])
    try client.send(.continuation, [3])
    let pong = try client.readFrame()
    #expect(pong.opcode == .pong && pong.payload == Array("are you there?".utf8))
    let message = try client.readMessage()
    #expect(message.payload == [UInt8](repeating: 1, count: 10_000) + [UInt8](repeating: 2, count: 70_000) + [3])
    try client.send(.text, [UInt8](), isFinal: false)
    try client.send(.continuation)
    #expect(try client.readMessage() == .init(opcode: .text, isFinal: true, payload: []))
  }

  @Test("A frame that comes byte by byte, and many frames in one piece")
  func pieces() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    for byte in TestWebSocket.bytes(.binary, Array(0..<200)) { try client.socket.send([byte]) }
    #expect(try client.readMessage().payload == Array(0..<200))
    try client.socket.send((0..<100).flatMap { TestWebSocket.bytes(.binary, [UInt8($0)]) })
    for number in 0..<100 { #expect(try client.readMessage().payload == [UInt8(number)]) }
  }

  /// The library reads little of a websocket at once; a write for each such piece makes a room with many readers several times as slow.
  @Test("What has come together is answered together", arguments: [1, 100, 250, 600])
  func together(size: Int) throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    let payload = [UInt8](repeating: 7, count: size)
    let frames = (0..<min(1_000, 20_000 / size)).map { _ in TestWebSocket.bytes(.binary, payload) }
    let before = try server.statistics()
    let (isHeld, isSent) = (Locked(false), Locked(false))
    server.loop.execute {
      isHeld.withLock { $0 = true }
      while !isSent.withLock({ $0 }) { usleep(1_000) }
    }
    try until("the loop is held") { isHeld.withLock { $0 } }
    try client.socket.send(frames.flatMap { $0 })
    isSent.withLock { $0 = true }
    for _ in frames { #expect(try client.readMessage().payload == payload) }
    let after = try server.statistics()
    #expect(after.sentFrames - before.sentFrames == frames.count)
    #expect(after.writes - before.writes <= 5, "of \(frames.count) frames")
  }

  @Test("Frames that come in one piece with the handshake are not lost", arguments: [1, 3, 200])
  func glued(count: Int) throws {
    let server = try TestServer()
    let frames = (0..<count).flatMap { TestWebSocket.bytes(.binary, [UInt8](repeating: UInt8($0), count: 300)) }
    let client = try TestWebSocket(port: server.port, glued: frames)
    for number in 0..<count {
      #expect(try client.readMessage().payload == [UInt8](repeating: UInt8(number), count: 300))
    }
  }

  @Test("A handshake may be decided later, or refused with any answer")
  func decisions() throws {
    let server = try TestServer()
    let later = try TestWebSocket(port: server.port, target: "/later", glued: TestWebSocket.bytes(.binary, [5]))
    #expect(try later.readMessage().payload == [5])
    let refused = try TestSocket(port: server.port)
    let response = try refused.get("/refused", headers: TestWebSocket.handshakeHeaders)
    #expect(response.status == 403)
    #expect(response.text == "no")
  }

  @Test(
    "The peer's close code is reported and answered",
    arguments: [
      ([0x03, 0xE8], 1000), ([0x0F, 0xA0], 4000), ([], 1005),
    ])
  func peerCloses(payload: [UInt8], code: Int) throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.send(.close, payload)
    #expect(try client.readFrame() == .init(opcode: .close, isFinal: true, payload: payload))
    #expect(try client.socket.readToEnd().isEmpty)
    try server.log.wait(for: .closed(code))
    #expect(try server.statistics().websockets == 0)
  }

  @Test("A connection that just ends is reported as lost")
  func peerVanishes() throws {
    let server = try TestServer()
    try TestWebSocket(port: server.port).socket.close()
    try server.log.wait(for: .closed(1006))
  }

  @Test("Our close comes behind everything queued before, with its reason")
  func serverCloses() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    let big = [UInt8](repeating: 9, count: 1_000_000)
    try client.send(.binary, big)
    try client.send(text: "close me")
    try client.send(text: "not answered any more")
    #expect(try client.readMessage().payload == big)
    let close = try client.readMessage()
    #expect(close.closeCode == 1008)
    #expect(close.closeReason == "as you wish")
    try client.send(.close, Array(close.payload.prefix(2)))
    #expect(try client.socket.readToEnd().isEmpty)
    try server.log.wait(for: .closed(1008))
  }

  @Test("A reason that is too long is cut between two characters")
  func longReason() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    _ = try server.onLoop { loop in
      loop.eachConnection { $0.close(.goingAway, reason: String(repeating: "ä", count: 100)) }
      return true
    }
    #expect(try client.readMessage().closeReason == String(repeating: "ä", count: 61))
  }

  @Test("A peer that does not answer our close is cut")
  func unansweredClose() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.closeTimeout = .milliseconds(100)
    }
    let client = try TestWebSocket(port: server.port)
    try client.send(text: "close me")
    try server.log.wait(for: .closed(1006))
    #expect(try client.readFrame().closeCode == 1008)
    #expect(try client.socket.readToEnd().isEmpty)
  }

  @Test("A message beyond the limit is closed with 1009 as soon as that is known")
  func oversized() throws {
    let server = try TestServer { $0.maximumMessageBytes = 100_000 }
    let announced = try TestWebSocket(port: server.port)
    try announced.socket.send(Array(TestWebSocket.bytes(.binary, [UInt8](repeating: 0, count: 100_001)).prefix(8000)))
    #expect(try announced.readMessage().closeCode == 1009)
    let huge = try TestWebSocket(port: server.port)
    try huge.socket.send(
      [0x82, 0xFF, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5] + [UInt8](repeating: 0, count: 5000))
    #expect(try huge.readMessage().closeCode == 1009)
    let fragmented = try TestWebSocket(port: server.port)
    try fragmented.send(.binary, [UInt8](repeating: 0, count: 60_000), isFinal: false)
    try fragmented.send(.continuation, [UInt8](repeating: 0, count: 60_000))
    #expect(try fragmented.readMessage().closeCode == 1009)
    let exact = try TestWebSocket(port: server.port)
    try exact.send(.binary, [UInt8](repeating: 0, count: 40_000), isFinal: false)
    try exact.send(.continuation, [UInt8](repeating: 0, count: 60_000))
    #expect(try exact.readMessage().payload.count == 100_000)
  }

  @Test("A flood of tiny fragments is closed with 1008", arguments: [0, 1])
  func tinyFragments(size: Int) throws {
    let server = try TestServer { $0.maximumFragments = 100 }
    let client = try TestWebSocket(port: server.port)
    let fragment = [UInt8](repeating: 1, count: size)
    try client.send(.binary, fragment, isFinal: false)
    for _ in 0..<98 { try client.send(.continuation, fragment, isFinal: false) }
    try client.send(.continuation, fragment)
    #expect(try client.readMessage().payload.count == 100 * size)
    try client.send(.binary, fragment, isFinal: false)
    for _ in 0..<100 { try client.send(.continuation, fragment, isFinal: false) }
    #expect(try client.readMessage().closeCode == 1008)
  }

  @Test(
    "What breaks the protocol is closed with 1002 or 1007",
    arguments: [
      ([0xC2, 0x80, 1, 2, 3, 4], 1002), ([0x83, 0x80, 1, 2, 3, 4], 1002), ([0x80, 0x80, 1, 2, 3, 4], 1002),
      ([0x09, 0x80, 1, 2, 3, 4], 1002), ([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007),
      ([0x81, 0x81, 0, 0, 0, 0, 0xC3], 1007),
    ] as [([UInt8], Int)])
  func protocolErrors(bytes: [UInt8], code: Int) throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.socket.send(bytes)
    #expect(try client.readMessage().closeCode == code)
    #expect(!server.log.all.contains(.closed(1000)))
  }

  @Test("Every connection is pinged; one that is silent is cut, one that answers stays")
  func pings() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.pingInterval = .milliseconds(100)
      $0.idleTimeout = .milliseconds(500)
    }
    let silent = try TestWebSocket(port: server.port)
    let lively = try TestWebSocket(port: server.port)
    var pings = 0
    while server.log.count(of: .closed(1006)) == 0 {
      let frame = try lively.readFrame()
      #expect(frame.opcode == .ping && !frame.payload.isEmpty)
      try lively.send(.pong, frame.payload)
      pings += 1
    }
    #expect(pings >= 3)
    #expect(try silent.readFrame().opcode == .ping)
    _ = try silent.socket.readToEnd()
    try lively.send(.binary, [1])
    #expect(try lively.readMessage().payload == [1])
  }

  @Test("A flood of pings and pongs is survived")
  func controlFlood() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.socket.send((0..<5000).flatMap { _ in TestWebSocket.bytes(.ping, [7]) + TestWebSocket.bytes(.pong, []) })
    try client.send(.binary, [1])
    #expect(try client.readMessage().payload == [1])
  }

  @Test("A handle that left the loop finds its connection again, and no other")
  func identifiers() throws {
    let server = try TestServer()
    let first = try TestWebSocket(port: server.port)
    let ids = try server.onLoop { loop in
      var ids: [ConnectionID] = []
      loop.eachConnection { ids.append($0.id) }
      return ids
    }
    let id = try #require(ids.first)
    #expect(try server.onLoop { $0.connection(id)?.send(Frame([7])) } == true)
    #expect(try first.readMessage().payload == [7])
    first.socket.close()
    try server.log.wait(for: .closed(1006))
    let second = try TestWebSocket(port: server.port)
    #expect(try server.onLoop { $0.connection(id) == nil })
    try second.send(.binary, [1])
    #expect(try second.readMessage().payload == [1])
  }

  @Test("An attached object lives as long as its connection")
  func attachedObjects() throws {
    final class Probe: Sendable {
      let onEnd: @Sendable () -> Void
      init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
      deinit { onEnd() }
    }
    let server = try TestServer()
    let log = server.log
    let client = try TestWebSocket(port: server.port)
    _ = try server.onLoop { loop in
      loop.eachConnection { $0.attach(Probe { log.append(.request("first", [])) }) }
      loop.eachConnection { $0.attach(Probe { log.append(.request("second", [])) }) }
      return true
    }
    #expect(log.count(of: .request("first", [])) == 1)
    #expect(log.count(of: .request("second", [])) == 0)
    client.socket.close()
    try log.wait(for: .request("second", []))
  }
}
