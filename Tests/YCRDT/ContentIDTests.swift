import TestSupport
import Testing
import YCRDT

/// Who wrote what: the ids of what updates bring and of what documents show.
@Suite struct ContentIDTests {
  @Test(arguments: UInt64(1)...20)
  func runsNameEveryCharacterOfATextOnce(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let docs = [Doc(clientID: 1), Doc(clientID: 2)]
    var written = IdSet()
    for _ in 0..<60 {
      let doc = docs[Int.random(in: 0...1, using: &generator)]
      let text = doc.text("t")
      let index = Int.random(in: 0...text.utf16Count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0:
        let update = docs[0].encodeStateAsUpdate(since: docs[1].stateVector)
        try docs[1].apply(update)
        written.formUnion(try Update.insertions(of: update))
        try docs[0].apply(docs[1].encodeStateAsUpdate(since: docs[0].stateVector))
      case 1: try doc.transact { try text.remove(index..<min(text.utf16Count, index + 3)) }
      default:
        let string = ["ab", "ü", "日本"].randomElement(using: &generator) ?? ""
        try doc.transact { try text.insert(string, at: index) }
      }
    }
    for doc in docs {
      let (text, runs) = (doc.text("t"), doc.text("t").idRuns())
      var (end, ids) = (0, IdSet())
      for (number, run) in runs.enumerated() {
        #expect(run.range.lowerBound == end, "seed \(seed)")
        end = run.range.upperBound
        let clocks = run.id.clock..<run.id.clock + UInt64(run.range.count)
        #expect(text.liveIDs(in: run.range).ranges(of: run.id.client) == [clocks], "seed \(seed)")
        let next = ID(client: run.id.client, clock: clocks.upperBound)
        #expect(number + 1 == runs.count || runs[number + 1].id != next, "seed \(seed): one run")
        ids.insert(run.id.client, clocks)
      }
      #expect(end == text.string.utf16.count, "seed \(seed)")
      #expect(ids == text.liveIDs(), "seed \(seed)")
    }
  }

  @Test func anUpdateSaysWhatItBringsAndWhatItDeletes() throws {
    let doc = Doc(clientID: 5)
    try doc.transact {
      try doc.text("t").insert("hello", at: 0)
      try doc.map("m").set("k", .int(1))
    }
    let before = doc.stateVector
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    try doc.transact {
      try doc.text("t").remove(1..<3)
      try doc.map("m").set("k", .int(2))
    }
    #expect(try Update.insertions(of: update).ranges(of: 5) == [6..<7])
    #expect(try Update.deletions(of: update).ranges(of: 5) == [1..<3, 5..<6])
    // The same in the other format, and where clocks between are missing.
    let converted = try Update.converted(update, from: .v1, to: .v2)
    #expect(try Update.insertions(of: converted, format: .v2).ranges(of: 5) == [6..<7])
    let first = try Update.difference(doc.encodeStateAsUpdate(), since: StateVector())
    #expect(try Update.insertions(of: first).ranges(of: 5) == [0..<7])
    #expect(before[5] == 6)
    try doc.transact { try doc.text("t").insert("x", at: 0) }
    let last = update
    try doc.transact { try doc.text("t").insert("y", at: 0) }
    let merged = try Update.merging([update, last])
    #expect(try Update.insertions(of: merged).ranges(of: 5) == [7..<9])
    let gap = try Update.merging([update, Update.difference(first, since: StateVector())])
    #expect(try Update.insertions(of: gap).ranges(of: 5) == [0..<7, 8..<9])
    #expect(throws: UpdateError.self) { try Update.insertions(of: [7]) }
  }

  @Test func aMapKnowsTheUnitThatHoldsIt() throws {
    let doc = Doc(clientID: 5)
    #expect(doc.map("m").itemID == nil)
    let inner = try doc.transact { try doc.map("m").setMap("inner") }
    #expect(inner.itemID == ID(client: 5, clock: 0))
    #expect(try doc.transact { try doc.array("a").appendMap() }.itemID == ID(client: 5, clock: 1))
    try doc.transact { try doc.map("m").set("inner", .null) }
    #expect(inner.itemID == nil)
  }
}
