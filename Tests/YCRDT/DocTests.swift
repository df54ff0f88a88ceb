import Testing

@testable import YCRDT

@Suite struct DocTests {
  @Test func editsTravel() throws {
    let a = Doc(clientID: 1)
    let b = Doc(clientID: 2)
    var updates: [[UInt8]] = []
    let subscription = a.observeUpdates { updates.append($0.update) }
    let map = a.map("m")
    try a.transact {
      try map.set("x", 5)
      let text = try map.setText("t", "hello")
      try text.insert(" wörld 🧵", at: 5)
      let list = try map.setArray("l")
      try list.append([1, "two", .null, [3]])
      try list.appendMap().set("k", true)
    }
    try a.transact { try map["t"]?.text?.remove(0..<2) }
    #expect(updates.count == 2)
    for update in updates { try b.apply(update) }
    #expect(b.map("m").json == a.map("m").json)
    #expect(b.map("m")["t"]?.text?.string == "llo wörld 🧵")
    #expect(a.encodeStateAsUpdate() == b.encodeStateAsUpdate())
    subscription.cancel()
    let c = a.fork(clientID: 9)
    try c.transact { try c.map("m").removeAll() }
    #expect(c.map("m").count == 0)
    #expect(a.map("m").count == 3)
  }

  /// What the transaction has deleted so far is collected in the copy as it will be in the document.
  @Test func aForkInsideATransactionHasWhatWasWrittenSoFar() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.text("t").insert("deleted and kept", at: 0) }
    var fork: Doc?
    try doc.transact {
      try doc.text("t").remove(0..<12)
      try doc.map("m").setMap("k").set("inner", 1)
      try doc.map("m").removeValue(forKey: "k")
      fork = doc.fork(clientID: 2)
    }
    let copy = try #require(fork)
    #expect(copy.text("t").string == "kept")
    #expect(copy.encodeStateAsUpdate() == doc.encodeStateAsUpdate())
    copy.checkIntegrity()
  }

  @Test func writingOutsideATransactionFails() {
    #expect(throws: YError.noTransaction) { try Doc().map("m").set("a", 1) }
  }
}
