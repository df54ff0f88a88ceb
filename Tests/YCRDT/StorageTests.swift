import TestSupport
import Testing

@testable import YCRDT

@Suite struct GarbageTests {
  @Test func deletedContentIsDroppedAndItsPlaceKept() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.text("t").append("a secret that goes") }
    try doc.transact { try doc.text("t").remove(2..<9) }
    #expect(!doc.encodeStateAsUpdate().contains(subsequence: Array("secret".utf8)))
    let late = Doc(clientID: 2)
    try late.apply(doc.encodeStateAsUpdate())
    #expect(late.text("t").string == "a that goes")
    doc.checkIntegrity()
  }

  @Test func whatWasInsideADeletedTypeKeepsOnlyItsClocks() throws {
    let doc = Doc(clientID: 1)
    let inner = try doc.transact { try doc.map("m").setMap("inner") }
    try doc.transact { for key in 0..<50 { try inner.setText("\(key)", "text \(key)") } }
    let before = doc.encodeStateAsUpdate().count
    try doc.transact { try doc.map("m").removeValue(forKey: "inner") }
    doc.checkIntegrity()
    #expect(doc.encodeStateAsUpdate().count < 40 && before > 1000)
    #expect(inner.isDeleted && inner.count == 0)
    #expect(throws: YError.typeDeleted) { try doc.transact { try inner.set("k", 1) } }
  }

  @Test func whatArrivesLateForADeletedTypeIsCollectedToo() throws {
    let a = Doc(clientID: 1)
    let text = try a.transact { try a.map("m").setText("body", "abc") }
    let b = a.fork(clientID: 2)
    try b.transact { try b.map("m")["body"]?.text?.append(" late") }
    try a.transact { try a.map("m").removeValue(forKey: "body") }
    try a.apply(b.encodeStateAsUpdate(since: a.stateVector))
    try b.apply(a.encodeStateAsUpdate(since: b.stateVector))
    a.checkIntegrity()
    b.checkIntegrity()
    #expect(text.string.isEmpty && a.map("m").count == 0)
    #expect(try a.canonicalState() == b.canonicalState())
  }

  @Test func nothingIsDroppedWhereCollectionIsOff() throws {
    let doc = Doc(clientID: 1, collectsGarbage: false)
    try doc.transact { try doc.text("t").append("a secret") }
    try doc.transact { try doc.text("t").remove(0..<8) }
    #expect(doc.text("t").string.isEmpty)
    #expect(doc.encodeStateAsUpdate().contains(subsequence: Array("secret".utf8)))
    doc.checkIntegrity()
  }

  @Test func memoryFollowsTheContentNotTheHistory() throws {
    let doc = Doc(clientID: 1)
    let text = String(repeating: "0123456789", count: 100)
    for _ in 0..<2000 {
      try doc.transact { try doc.map("m").set("k", .string(text)) }
    }
    doc.checkIntegrity()
    #expect(doc.store.bytes.count < 300_000)
    #expect(doc.store.items.count < 100, "overwritten values are one run")
  }
}

@Suite struct ForkTests {
  @Test func forksAreIndependent() throws {
    var editor = RandomEditor(seed: 11)
    let doc = Doc(clientID: 1)
    for _ in 0..<40 { try editor.edit(doc) }
    let before = doc.encodeStateAsUpdate()
    let fork = doc.fork(clientID: 2)
    #expect(fork.encodeStateAsUpdate() == before)
    for _ in 0..<40 { try editor.edit(fork) }
    fork.checkIntegrity()
    doc.checkIntegrity()
    #expect(doc.encodeStateAsUpdate() == before)
    #expect(fork.encodeStateAsUpdate() != before)
    try doc.apply(fork.encodeStateAsUpdate(since: doc.stateVector))
    #expect(doc.shown == fork.shown)
    #expect(try doc.canonicalState() == fork.canonicalState())
  }
}

@Suite struct ClockIndexTests {
  @Test func entriesAreFoundWhereverTheyWereInserted() {
    var random = SeededGenerator(seed: 3)
    var index = ClockIndex()
    defer { index.free() }
    var clocks: [UInt64] = [0]
    index.append(0, clock: 0)
    for item in UInt32(1)..<3000 {
      // Splits an existing run, or appends behind the last.
      let at = Int.random(in: 0..<clocks.count, using: &random)
      let clock =
        at == clocks.count - 1
        ? clocks[at] + UInt64.random(in: 1...1000, using: &random)
        : clocks[at] + max(1, (clocks[at + 1] - clocks[at]) / 2)
      guard !clocks.contains(clock) else { continue }
      if at == clocks.count - 1 {
        index.append(item, clock: clock)
      } else {
        index.insert(item, clock: clock, after: index.locate(clocks[at]))
      }
      clocks.insert(clock, at: at + 1)
      let position = index.locate(clock)
      #expect(index.item(at: position) == item)
    }
    #expect(index.count == clocks.count)
    #expect(index.countToEnd(from: index.locate(0)) == clocks.count)
  }

  @Test func runsAreJoinedInWhateverOrderTheyCome() {
    var random = SeededGenerator(seed: 4)
    var runs = ClockRuns()
    defer { runs.free() }
    var expected = IdSet()
    for clock in (UInt64(0)..<3000).filter({ _ in Bool.random(using: &random) }).shuffled(using: &random) {
      runs.insert(clock, 1)
      expected.insert(1, clock..<(clock + 1))
    }
    let joined = runs.normalized()
    #expect((0..<joined.count).map { joined[$0].clock..<joined[$0].end } == expected.ranges(of: 1))
  }
}

extension [UInt8] {
  fileprivate func contains(subsequence: [UInt8]) -> Bool {
    guard count >= subsequence.count else { return false }
    return (0...(count - subsequence.count)).contains { self[$0...].starts(with: subsequence) }
  }
}

@Suite struct EncodedRunsTests {
  /// The encoding that is kept and mended equals the one made afresh, wherever runs were added in between.
  @Test(arguments: [11, 12, 13]) func theKeptEncodingIsThatOfAllRuns(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var runs = ClockRuns()
    defer { runs.free() }
    var set = IdSet()
    for _ in 0..<400 {
      let clock = UInt64.random(in: 0..<100_000, using: &random)
      let length = UInt64.random(in: 1...300, using: &random)
      runs.insert(clock, length)
      set.insert(7, clock..<clock + length)
      guard Bool.random(using: &random) else { continue }
      let (count, bytes) = runs.encoded()
      let expected = set.encoded()
      #expect(count == set.ranges(of: 7).count)
      // One client: the number of clients, its id, and the number of runs come first.
      let head = 2 + ByteWriter.length(UInt64(count))
      #expect(Array(bytes.buffer) == Array(expected[head...]))
    }
  }
}
