import TestSupport
import Testing

@testable import Gateway

@Suite("Floods", .serialized, .timeLimit(.minutes(1)))
struct FloodTests {
  /// Nothing is lost of who sends too fast: it waits. Somebody else does not.
  @Test func whoSendsTooFastIsReadMoreSlowlyAndLosesNothing() throws {
    let server = try TestServer {
      $0.memberMessagesPerSecond = 200
      $0.tickInterval = .milliseconds(20)
    }
    let fast = try TestWebSocket(port: server.port)
    let other = try TestWebSocket(port: server.port)
    let start = ContinuousClock.now
    let count = 2000 + 400
    let bytes = (0..<count).flatMap { TestWebSocket.bytes(.binary, [UInt8($0 >> 8), UInt8($0 & 0xFF)]) }
    try fast.socket.send(bytes)
    try until("it is held up") { (try? server.statistics())?.refusals[.memberRate] ?? 0 > 0 }
    try other.send(.binary, [1])
    #expect(try other.readMessage().payload == [1])
    for number in 0..<count {
      #expect(try fast.readMessage().payload == [UInt8(number >> 8), UInt8(number & 0xFF)])
    }
    let seconds = ContinuousClock.now - start
    #expect(seconds > .milliseconds(1500), "400 messages more than may come at once take 2 s: \(seconds)")
    try fast.send(.close, [0x03, 0xE8])
    #expect(try fast.readMessage().closeCode == 1000)
  }

  @Test func bytesHaveARateAsWell() throws {
    let server = try TestServer {
      $0.memberBytesPerSecond = 100_000
      $0.maximumMessageBytes = 400_000
      $0.tickInterval = .milliseconds(20)
    }
    let client = try TestWebSocket(port: server.port)
    let start = ContinuousClock.now
    let payload = [UInt8](repeating: 7, count: 300_000)
    for _ in 0..<4 { try client.send(.binary, payload) }
    for _ in 0..<4 { #expect(try client.readMessage().payload == payload) }
    #expect(ContinuousClock.now - start > .milliseconds(1500), "200,000 bytes more than may come at once take 2 s")
  }

  /// Whoever types, drags or pastes 1 MB never meets the limits that are there by default.
  @Test func nobodyWhoWorksIsHeldUp() throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    let paste = [UInt8](repeating: 7, count: 1 << 20)
    for _ in 0..<20 {
      try client.send(.binary, paste)
      #expect(try client.readMessage().payload.count == paste.count)
      for _ in 0..<200 { try client.send(.binary, [1]) }
      for _ in 0..<200 { #expect(try client.readMessage().payload == [1]) }
    }
    #expect(try server.statistics().refusals[.memberRate] == 0)
  }

  /// Control frames are answered where nobody else looks, and are no messages; many small messages are.
  @Test(arguments: [TestWebSocket.Opcode.ping.rawValue, TestWebSocket.Opcode.pong.rawValue])
  func aFloodOfControlFramesIsClosed(code: UInt8) throws {
    let opcode = try #require(TestWebSocket.Opcode(rawValue: code))
    let server = try TestServer {
      $0.memberControlBytesPerSecond = 4096
      $0.memberMessagesPerSecond = 0
      $0.tickInterval = .milliseconds(20)
    }
    let good = try TestWebSocket(port: server.port)
    let bad = try TestWebSocket(port: server.port)
    let flood = (0..<1000).flatMap { _ in TestWebSocket.bytes(opcode, [7]) }
    let small = (0..<1000).flatMap { _ in TestWebSocket.bytes(.binary, [7]) }
    try until("the flood is noticed") {
      try? bad.socket.send(flood)
      try? good.socket.send(small)
      for _ in 0..<1000 { _ = try? good.readMessage() }
      return (try? server.statistics())?.refusals[.controlFrames] == 1
    }
    var frame = try bad.readFrame()
    while frame.opcode == .pong || frame.opcode == .ping { frame = try bad.readFrame() }
    #expect(frame.closeCode == 1008 && frame.closeReason == "too many control frames")
    try good.send(.ping, [1, 2])
    while try good.readFrame() != .init(opcode: .pong, isFinal: true, payload: [1, 2]) {}
  }

  /// The sort of client that sends a body byte by byte, and the sort that reads its answer so.
  @Test func whatMakesProgressIsCutAllTheSameWhenItTakesTooLong() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.transferTimeout = .milliseconds(400)
    }
    let slow = try TestSocket(port: server.port)
    try slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    try until("there is an answer") {
      try? slow.send("x")
      return slow.hasInput(within: 5)
    }
    #expect(try slow.readResponse().status == 408)
    let reader = try TestSocket(port: server.port, receiveBuffer: 4096)
    try reader.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    try until("the connection is gone") {
      _ = try? reader.read(1000)
      return (try? server.statistics())?.httpConnections == 0
    }
  }

  @Test func largeBodiesHaveALimitTogether() throws {
    let server = try TestServer {
      $0.maximumBodyBytesAtOnce = 150_000
      $0.maximumUnauthenticatedBodyBytes = 1000
    }
    let head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    let first = try TestSocket(port: server.port)
    try first.send(head)
    try until("the first is counted") { (try? server.onLoop { $0.bodyBytes }) == 100_000 }
    let second = try TestSocket(port: server.port)
    try second.send(head)
    #expect(try second.readResponse().status == 503)
    try first.send([UInt8](repeating: 0, count: 100_000))
    #expect(try first.readResponse().text == "POST|a||100000")
    #expect(try server.onLoop { $0.bodyBytes } == 0)
    let third = try TestSocket(port: server.port)
    try third.send(head)
    try until("the third is counted") { (try? server.onLoop { $0.bodyBytes }) == 100_000 }
    third.close()
    try until("it is forgotten") { (try? server.onLoop { $0.bodyBytes }) == 0 }
  }

  @Test func aLargeBodyComesAfterTheClientWasToldToGoOn() throws {
    let server = try TestServer { $0.maximumUnauthenticatedBodyBytes = 10 }
    let client = try TestSocket(port: server.port)
    try client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n")
    #expect(try client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
    try client.send([UInt8](repeating: 0, count: 20))
    #expect(try client.readResponse().text == "POST|a||20")
    // In one piece, and another request behind it.
    try client.send(
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n123456789012GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try client.readResponse().text == "POST|b||12")
    #expect(try client.readResponse().text == "GET|c||0")
  }
}
