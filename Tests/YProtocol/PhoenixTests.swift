import TestSupport
import Testing

@testable import YProtocol

/// Binary frames of Phoenix channels, byte by byte.
@Suite struct PhoenixTests {
  private static let topic = "workflow:collaborate:x"
  private static let topicBytes = Array(topic.utf8)

  /// A push of the channels' own client: join "12", ref "345", event "yjs".
  private static let push = [0, 2, 3, 22, 3] + Array("12345".utf8) + topicBytes + Array("yjs".utf8) + [0, 2, 1, 7]

  @Test func aPushIsReadAsClientsWriteIt() throws {
    let push = try PhoenixPush(decoding: Self.push)
    #expect(push == PhoenixPush(joinRef: "12", ref: "345", topic: Self.topic, event: "yjs", payload: [0, 2, 1, 7]))
    let empty = try PhoenixPush(decoding: [0, 0, 0, 0, 0])
    #expect(empty == PhoenixPush(joinRef: "", ref: "", topic: "", event: "", payload: []))
  }

  @Test func aCutHeadIsRefusedAndACutPayloadIsShorter() throws {
    let head = Self.push.count - 4
    for length in 0..<head {
      #expect(throws: ProtocolError.self, "\(length)") { try PhoenixPush(decoding: Array(Self.push.prefix(length))) }
    }
    for length in head...Self.push.count {
      #expect(try PhoenixPush(decoding: Array(Self.push.prefix(length))).payload.count == length - head)
    }
  }

  @Test func whatNoClientSendsIsRefused() {
    for kind in UInt8(1)...255 {
      #expect(throws: ProtocolError.unknownPhoenixKind(kind)) {
        try PhoenixPush(decoding: [kind] + Self.push.dropFirst())
      }
    }
    #expect(throws: ProtocolError.malformed(.phoenixHead, ByteDecodingError(.invalidUTF8, at: 6))) {
      try PhoenixPush(decoding: [0, 1, 1, 0, 0, 0x61, 0xFF])
    }
  }

  @Test func framesOfAServerHaveTheBytesThatClientsRead() {
    #expect(
      PhoenixFrame.push(joinRef: "12", topic: Self.topic, event: "yjs", payload: [7]).encoded()
        == [0, 2, 22, 3] + Array("12".utf8) + Self.topicBytes + Array("yjs".utf8) + [7])
    #expect(
      PhoenixFrame.reply(joinRef: "1", ref: "2", topic: "t", status: "ok", payload: [7]).encoded()
        == [1, 1, 1, 1, 2] + Array("12tok".utf8) + [7])
    #expect(
      PhoenixFrame.broadcast(topic: Self.topic, event: "yjs", payload: [7]).encoded()
        == [2, 22, 3] + Self.topicBytes + Array("yjs".utf8) + [7])
  }

  @Test func aTextThatDoesNotFitIsCutAndTheFrameStaysWhole() {
    let long = String(repeating: "e", count: 300)
    let bytes = PhoenixFrame.broadcast(topic: long, event: "yjs", payload: [7]).encoded()
    #expect(bytes == [2, 255, 3] + Array(long.utf8.prefix(255)) + Array("yjs".utf8) + [7])
  }

  @Test func anyBytesAreReadOrRefused() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...40, using: &generator)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if !bytes.isEmpty, Bool.random(using: &generator) { bytes[0] = 0 }
      _ = try? PhoenixPush(decoding: bytes)
    }
  }
}
