import TestSupport
import Testing

@testable import YProtocol

@Suite struct MessageTests {
  static let all: [(Message, [UInt8])] = [
    (.syncStep1([1, 2, 11]), [0, 0, 3, 1, 2, 11]),
    (.syncStep2([0, 0]), [0, 1, 2, 0, 0]),
    (.update([7]), [0, 2, 1, 7]),
    (.awareness([0]), [1, 1, 0]),
    (.permissionDenied(reason: "no"), [2, 0, 2, 0x6E, 0x6F]),
    (.queryAwareness, [3]),
    (.event("{}"), [103, 2, 0x7B, 0x7D]),
    (.syncStatus([5]), [102, 1, 5]),
  ]

  @Test func everyMessageHasTheBytesOfTheProtocolAndComesBack() throws {
    for (message, frame) in Self.all {
      #expect(message.encoded() == frame)
      #expect(try Message(decoding: frame) == message)
    }
  }

  @Test func bytesAfterAMessageAreTolerated() throws {
    for (message, frame) in Self.all {
      #expect(try Message(decoding: frame + [1, 2, 3]) == message)
    }
  }

  @Test func everyCutMessageIsRefused() {
    for (_, frame) in Self.all {
      for length in 0..<frame.count {
        #expect(throws: ProtocolError.self) { try Message(decoding: Array(frame[..<length])) }
      }
    }
  }

  @Test func payloadsLongerThanOneLengthByteSurvive() throws {
    let update = [UInt8](repeating: 0xAB, count: 70_000)
    #expect(try Message(decoding: Message.update(update).encoded()) == .update(update))
  }

  @Test func unknownTypesAreReadAndUnknownSyncTypesAreNot() throws {
    #expect(try Message(decoding: [4, 9, 9]) == .unknown(type: 4))
    #expect(try Message(decoding: [0x80, 0x08]) == .unknown(type: 1024))
    #expect(try Message(decoding: [2, 1]) == .unknown(type: 2))
    #expect(Message.unknown(type: 1024).encoded() == [0x80, 0x08])
    #expect(throws: ProtocolError.unknownSyncType(3)) { try Message(decoding: [0, 3, 0]) }
  }

  @Test func aSyncStatusIsShort() throws {
    let longest = [UInt8](repeating: 1, count: Message.maximumSyncStatusBytes)
    #expect(try Message(decoding: Message.syncStatus(longest).encoded()) == .syncStatus(longest))
    #expect(throws: ProtocolError.tooLarge(.syncStatus, bytes: longest.count + 1, limit: longest.count)) {
      try Message(decoding: Message.syncStatus(longest + [1]).encoded())
    }
  }

  @Test func errorsSayWhatAndWhere() {
    let error = #expect(throws: ProtocolError.self) { try Message(decoding: [0, 2, 5, 1]) }
    #expect(error?.description == "malformed update: the value at byte 2 reaches past the end of the input")
    #expect(
      ProtocolError.unknownSyncType(9).description
        == "unknown sync message type 9, expected 0 (step 1), 1 (step 2) or 2 (update)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func randomBytesNeverTrap(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...24, using: &generator)
      var frame = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if length > 0, Bool.random(using: &generator) { frame[0] = [0, 1, 2, 3, 102].randomElement(using: &generator)! }
      guard let message = try? Message(decoding: frame) else { continue }
      if case .unknown = message { continue }
      #expect((try? Message(decoding: message.encoded())) == message, "seed \(seed), frame \(frame)")
    }
  }
}
