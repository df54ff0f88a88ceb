import Testing

@testable import YCRDT

/// Values under a key that are several units long and not deleted as a whole. No client writes them; Yjs takes them.
@Suite struct LongMapValueTests {
  /// "abc" under `k` of the root `m`, by client 65, of which one unit is deleted.
  private func update(deleting clock: UInt8) -> [UInt8] {
    let value: [UInt8] = [0x24, 1, 1, UInt8(ascii: "m"), 1, UInt8(ascii: "k"), 3] + "abc".utf8
    return [1, 1, 65, 0] + value + [1, 65, 1, clock, 1]
  }

  @Test(arguments: [0, 1, 2] as [UInt8])
  func onlyTheEndCounts(deleted: UInt8) throws {
    let doc = Doc(clientID: 1)
    let event = try #require(try doc.apply(update(deleting: deleted)))
    doc.checkIntegrity()
    #expect(doc.deleteSet.ranges(of: 65) == [0..<UInt64(deleted) + 1])
    #expect((doc.map("m")["k"] == nil) == (deleted == 2))
    for update in [event.update, doc.encodeStateAsUpdate()] {
      let other = Doc(clientID: 2)
      try other.apply(update)
      #expect(other.deleteSet == doc.deleteSet)
      #expect(other.map("m").json == doc.map("m").json)
    }
  }

  @Test func whatRefersToTheMiddleDeletesTheBeginning() throws {
    let doc = Doc(clientID: 1)
    try doc.apply([1, 1, 65, 0, 0x24, 1, 1, UInt8(ascii: "m"), 1, UInt8(ascii: "k"), 3] + "abc".utf8 + [0])
    try doc.apply([1, 1, 66, 0, 0x84, 65, 0, 1, UInt8(ascii: "x"), 0])
    doc.checkIntegrity()
    #expect(doc.deleteSet.ranges(of: 65).first?.lowerBound == 0)
    let other = Doc(clientID: 2)
    try other.apply(doc.encodeStateAsUpdate())
    #expect(other.deleteSet == doc.deleteSet)
    #expect(other.map("m").json == doc.map("m").json)
  }
}
