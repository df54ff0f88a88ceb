import TestSupport
import Testing

@testable import Gateway

@Suite("Websockets: messages", .serialized, .timeLimit(.minutes(1)))
struct EchoTests {
  @Test(
    "What is sent comes back, whatever its size",
    arguments: [
      0, 1, 125, 126, 4095, 4096, 4097, 61_439, 61_440, 61_441, 65_535, 65_536, 300_000, 5_000_000,
    ])
  func echo(size: Int) throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try client.send(.binary, payload)
    let answer = try client.readMessage()
    #expect(answer.opcode == .binary)
    #expect(answer.payload == payload)
  }
}
