import TestSupport
import Testing

@testable import YProtocol

/// Frames of the Hocuspocus protocol, byte by byte.
@Suite struct HocuspocusTests {
  static let all: [(HocuspocusMessage, [UInt8])] = [
    (.shared(.syncStep1([1, 2, 11])), [0, 0, 3, 1, 2, 11]),
    (.shared(.syncStep2([0, 0])), [0, 1, 2, 0, 0]),
    (.shared(.update([7])), [0, 2, 1, 7]),
    (.shared(.awareness([0])), [1, 1, 0]),
    (.token("me"), [2, 0, 2, 0x6D, 0x65]),
    (.permissionDenied(reason: "no"), [2, 1, 2, 0x6E, 0x6F]),
    (.authenticated(isReadOnly: false), [2, 2, 10] + Array("read-write".utf8)),
    (.authenticated(isReadOnly: true), [2, 2, 8] + Array("readonly".utf8)),
    (.shared(.queryAwareness), [3]),
    (.stateless("{}"), [5, 2, 0x7B, 0x7D]),
    (.close(reason: "bye"), [7, 3, 0x62, 0x79, 0x65]),
    (.syncStatus(isStored: true), [8, 1]),
    (.syncStatus(isStored: false), [8, 0]),
  ]

  private static let name = "workflow:x"
  private static let nameBytes = [UInt8(10)] + Array(name.utf8)

  @Test func everyMessageHasTheBytesOfTheProtocolAndComesBack() throws {
    for (message, bytes) in Self.all {
      let frame = HocuspocusFrame(name: Self.name, message)
      #expect(frame.encoded() == Self.nameBytes + bytes)
      #expect(try HocuspocusFrame(decoding: frame.encoded()) == frame)
      #expect(try HocuspocusFrame(decoding: frame.encoded() + [1, 2]) == frame)
    }
  }

  @Test func everyCutMessageIsRefused() {
    for (_, bytes) in Self.all {
      let frame = Self.nameBytes + bytes
      for length in 0..<frame.count {
        // Older clients close without a reason.
        if bytes[0] == 7, length == Self.nameBytes.count + 1 { continue }
        #expect(throws: ProtocolError.self) { try HocuspocusFrame(decoding: Array(frame[..<length])) }
      }
    }
  }

  @Test func whatClientsSpellOtherwise() throws {
    #expect(try HocuspocusFrame(decoding: Self.nameBytes + [7]).message == .close(reason: ""))
    // A sync message that wants no step 1 back, and a token with a version of the client behind it.
    #expect(try HocuspocusFrame(decoding: Self.nameBytes + [4, 2, 1, 7]).message == .shared(.update([7])))
    let versioned: [UInt8] = Self.nameBytes + [2, 0, 1, 0x6D, 3, 0x34, 0x2E, 0x30]
    #expect(try HocuspocusFrame(decoding: versioned).message == .token("m"))
    let session = HocuspocusFrame(name: "workflow:x\0tab-1", .shared(.queryAwareness))
    #expect(session.documentName == "workflow:x")
    #expect(try HocuspocusFrame(decoding: session.encoded()).name == "workflow:x\0tab-1")
  }

  @Test func unknownTypesAreReadAndUnknownSyncTypesAreNot() throws {
    #expect(try HocuspocusFrame(decoding: Self.nameBytes + [6, 1, 1]).message == .unknown(type: 6))
    #expect(try HocuspocusFrame(decoding: Self.nameBytes + [2, 9]).message == .unknown(type: 2))
    #expect(throws: ProtocolError.unknownSyncType(3)) { try HocuspocusFrame(decoding: Self.nameBytes + [0, 3, 0]) }
  }

  @Test func namesAreShort() throws {
    let longest = String(repeating: "n", count: HocuspocusFrame.maximumNameBytes)
    let frame = HocuspocusFrame(name: longest, .shared(.queryAwareness))
    #expect(try HocuspocusFrame(decoding: frame.encoded()) == frame)
    let longer = HocuspocusFrame(name: longest + "n", .shared(.queryAwareness))
    #expect(throws: ProtocolError.tooLarge(.documentName, bytes: longest.count + 1, limit: longest.count)) {
      try HocuspocusFrame(decoding: longer.encoded())
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func randomBytesNeverTrap(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &generator)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      // Mostly a short name, behind which a message may stand.
      if count > 0, Bool.random(using: &generator) { bytes[0] = UInt8.random(in: 0...3, using: &generator) }
      guard let frame = try? HocuspocusFrame(decoding: bytes) else { continue }
      if case .unknown = frame.message { continue }
      #expect((try? HocuspocusFrame(decoding: frame.encoded())) == frame, "seed \(seed), bytes \(bytes)")
    }
  }
}
