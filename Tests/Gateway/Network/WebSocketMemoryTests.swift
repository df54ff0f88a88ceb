import Foundation
import TestSupport
import Testing

@testable import Gateway

@Suite("Websockets: memory", .serialized, .timeLimit(.minutes(1)))
struct WebSocketMemoryTests {
  /// Most of it is the buffer for what is received, which libwebsockets takes as large as what it reads at once, 64 KiB, where it is
  /// not told.
  @Test("A websocket that is idle takes its buffer and little more")
  func idle() throws {
    let server = try TestServer()
    var clients = [try TestWebSocket(port: server.port)]
    let before = try Self.data()
    for _ in 0..<300 { clients.append(try TestWebSocket(port: server.port)) }
    #expect(try server.statistics().websockets == 301)
    let each = try (Self.data() - before) / 300
    #expect(each < 32_768, "\(each) bytes with what the client takes")
  }

  @Test("Messages are longer than the buffer", arguments: [512, 32_768])
  func long(buffer: Int) throws {
    let server = try TestServer { $0.receiveBufferBytes = buffer }
    let client = try TestWebSocket(port: server.port)
    for count in [buffer - 1, buffer, buffer + 1, 3 * buffer, 100_000] {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      try client.send(.binary, payload)
      #expect(try client.readMessage().payload == payload)
    }
  }

  /// Bytes of memory that this process may write to.
  private static func data() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmData:") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }
}
