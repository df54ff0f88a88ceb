import TestSupport
import Testing
import YCRDT

/// Values as peers write them: read from an update, and written into one.
@Suite struct PrimitiveVectorTests {
  /// A map entry `k` of the root `m`, written by client 1.
  private static func update(settingKeyTo value: [UInt8]) -> [UInt8] {
    [1, 1, 1, 0, 0x28, 1, 1, 0x6D, 1, 0x6B, 1] + value + [0]
  }

  @Test func valuesAreReadAndWrittenAsPeersDo() throws {
    for vector in try Vectors.cases("primitives.jsonl") where vector["t"]?.string == "any" {
      let shown = try #require(vector["v"]?.shown)
      var check = VectorCheck("value \(shown.prefix(80))", vector)
      let update = Self.update(settingKeyTo: try #require(vector["hex"]?.hexBytes))
      let doc = Doc()
      try doc.apply(update)
      let read = try #require(doc.map("m")["k"]?.value)
      check.equal(read.shown, shown, "read")
      check.equalBytes(doc.encodeStateAsUpdate(), update, "encoded again")
      if !Self.isStoredInItsOwnWay(read) {
        let author = Doc(clientID: 1)
        try author.transact { try author.map("m").set("k", read) }
        check.equalBytes(author.encodeStateAsUpdate(), update, "written")
      }
      check.report()
    }
  }

  /// Bytes have a content kind of their own outside of arrays and objects.
  private static func isStoredInItsOwnWay(_ value: YValue) -> Bool {
    if case .binary = value { true } else { false }
  }
}
