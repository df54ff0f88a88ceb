import Foundation
import TestSupport
import Testing

@testable import Gateway

@Suite("Websockets: memory", .serialized, .timeLimit(.minutes(1)))
struct WebSocketMemoryTests {
  /// Where libwebsockets is not told how much to receive at once, that is 64 KiB for each websocket.
  @Test("A websocket has the buffer that it is given", .disabled(if: Sanitizer.isOn, "they bring a heap of their own"))
  func buffer() throws {
    let (small, large) = try (perWebSocket(buffer: 512), perWebSocket(buffer: 65_536))
    #expect((60_000..<70_000).contains(large - small), "\(small) and \(large) bytes, with what the client takes")
  }

  /// What an idle websocket takes, in bytes, on both sides.
  private func perWebSocket(buffer: Int) throws -> Int {
    let server = try TestServer { $0.receiveBufferBytes = buffer }
    var clients = [try TestWebSocket(port: server.port)]
    let before = try Self.heap()
    for _ in 0..<300 { clients.append(try TestWebSocket(port: server.port)) }
    #expect(try server.statistics().websockets == 301)
    return try (Self.heap() - before) / 300
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

  private typealias MallocInfo = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32

  /// Bytes that `malloc` has given out and not got back, in the whole process.
  private static func heap() throws -> Int {
    let symbol = try #require(dlsym(nil, "malloc_info"))
    let file = try #require(tmpfile())
    defer { fclose(file) }
    #expect(unsafeBitCast(symbol, to: MallocInfo.self)(0, file) == 0)
    rewind(file)
    var text = ""
    while let byte = UInt8(exactly: fgetc(file)) { text.unicodeScalars.append(Unicode.Scalar(byte)) }
    // What is said last is of everything.
    func last(_ words: String) throws -> Int {
      let rest = try #require(text.components(separatedBy: words).last)
      let size = try #require(rest.components(separatedBy: "size=\"").dropFirst().first)
      return try #require(Int(size.prefix { $0.isNumber }))
    }
    return try last("<system type=\"current\"") - last("<total type=\"fast\"") - last("<total type=\"rest\"")
  }
}
