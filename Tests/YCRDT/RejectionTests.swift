import TestSupport
import Testing

@testable import YCRDT

/// Bytes that are no update, or half of one, or one that was tampered with.
@Suite struct RejectionTests {
  private func state(_ doc: Doc) -> [[UInt8]] {
    [doc.encodeStateAsUpdate(includingPending: true), doc.stateVector.encoded(), doc.deleteSet.encoded()]
  }

  @Test(arguments: UInt64(1)...30) func tamperedUpdatesAreAppliedWholeOrNotAtAll(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 7)
    let source = Doc(clientID: 3)
    for _ in 0..<20 { try editor.edit(source, formats: true) }
    let known = source.stateVector
    source.clientID = 4
    for _ in 0..<5 { try editor.edit(source, formats: true) }
    let full = source.encodeStateAsUpdate()
    let diff = source.encodeStateAsUpdate(since: known)

    let target = Doc(clientID: 8)
    try editor.edit(target)
    for _ in 0..<60 {
      var bytes = editor.pick([full, diff])
      for _ in 0..<Int.random(in: 1...3, using: &editor.random) {
        let place = Int.random(in: 0..<bytes.count, using: &editor.random)
        switch Int.random(in: 0..<4, using: &editor.random) {
        case 0: bytes.removeSubrange(place...)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &editor.random), at: place)
        default: bytes[place] = UInt8.random(in: 0...255, using: &editor.random)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let before = state(target)
      do {
        try target.apply(bytes)
      } catch {
        #expect(state(target) == before, "seed \(seed)")
      }
      target.checkIntegrity()
      _ = target.shown
    }
  }

  @Test func soupIsHarmless() throws {
    var random = SeededGenerator(seed: 5)
    let doc = Doc(clientID: 1)
    for _ in 0..<6000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        UInt8.random(in: 0...(Bool.random(using: &random) ? 9 : 255), using: &random)
      }
      _ = try? doc.apply(bytes)
      _ = try? StateVector(decoding: bytes)
      _ = try? IdSet(decoding: bytes)
    }
    doc.checkIntegrity()
  }

  @Test func everyPrefixOfAnUpdateIsRefused() throws {
    let source = Doc(clientID: 3)
    try source.transact {
      try source.map("m").set("k", ["a": [1, 0.5, true, .null]])
      try source.text("t").append("text")
    }
    let update = source.encodeStateAsUpdate()
    for length in 0..<update.count {
      let doc = Doc(clientID: 1)
      #expect(throws: UpdateError.self, "\(length) bytes") { try doc.apply(Array(update[..<length])) }
      #expect(doc.stateVector.isEmpty && !doc.hasPending)
    }
  }

  @Test func valuesNestedTooDeepAreRefused() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [1, 1, 7, 0, 8, 1, 1, 0x61, 1] + [UInt8](repeating: [117, 1], count: depth) + [126, 0]
    }
    let doc = Doc(clientID: 1)
    #expect(throws: UpdateError.self) { try doc.apply(nested(513)) }
    #expect(throws: UpdateError.self) { try doc.apply(nested(100_000)) }
    try doc.apply(nested(512))
    var value = YValue.null
    for _ in 0..<513 { value = .array([value]) }
    #expect(throws: YError.nestedTooDeep) { try doc.transact { try doc.map("m").set("k", value) } }
  }

  @Test func sharedTypesMayBeNestedToAnyDepth() throws {
    // Each map holds the next one under the key "k".
    var writer = ByteWriter()
    let depth = 20_000
    writer.varUInt(1)
    writer.varUInt(depth)
    writer.raw([7, 0, 0x27, 1, 1, 0x6D, 1, 0x6B, 1])
    for clock in 0..<(depth - 1) {
      writer.raw([0x27, 0, 7])
      writer.varUInt(clock)
      writer.raw([1, 0x6B, 1])
    }
    writer.raw([0])
    let doc = Doc(clientID: 1)
    try doc.apply(writer.bytes)
    _ = doc.map("m").json
    let again = Doc(clientID: 2)
    try again.apply(doc.encodeStateAsUpdate())
    try again.transact { try again.map("m").removeAll() }
    again.checkIntegrity()
    #expect(again.deleteSet.count == UInt64(depth))
  }

  @Test func lengthsBeyondTheBytesCostNothing() {
    // Counts of groups, structs, values and ranges that the bytes cannot hold.
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
    for bytes in [
      huge, [1] + huge + [7, 0], [1, 1, 7, 0, 8, 1, 1, 0x61] + huge, [0, 1, 7] + huge,
      [1, 1, 7, 0, 8, 1, 1, 0x61, 1, 117] + huge, [1, 1, 7, 0, 4, 1, 1, 0x61] + huge,
    ] {
      #expect(throws: UpdateError.self) { try Doc(clientID: 1).apply(bytes) }
    }
  }

  @Test func clocksUpToTheGreatestAreKept() throws {
    let greatest: UInt64 = (1 << 53) - 1
    var writer = ByteWriter()
    writer.raw([1, 1, 7, 0, 0])
    writer.varUInt(greatest)
    writer.raw([0])
    let doc = Doc(clientID: 1)
    try doc.apply(writer.bytes)
    #expect(doc.stateVector[7] == greatest)
    #expect(doc.deleteSet.contains(ID(client: 7, clock: greatest - 1)))
    doc.checkIntegrity()
  }
}

extension [UInt8] {
  fileprivate init(repeating pattern: [UInt8], count: Int) {
    self = Array((0..<count).map { _ in pattern }.joined())
  }
}
