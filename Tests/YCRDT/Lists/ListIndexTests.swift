import TestSupport
import Testing

@testable import YCRDT

/// Long lists that are edited here are indexed: every place must be the one that a plain walk finds.
@Suite struct ListIndexTests {
  /// Many short items, by two authors in turn, so that nothing joins.
  private func longText(_ count: Int, formats: Bool = false, _ random: inout SeededGenerator) throws -> Doc {
    let doc = Doc(clientID: 1)
    doc.surrogatePairs = .snap
    for number in 0..<count {
      doc.clientID = ClientID(1 + number % 2)
      try doc.transact {
        try doc.text("t").insert(["a", "é", "🧵", "xy"].randomElement(using: &random) ?? "", at: 0)
        try doc.array("a").insert([.int(Int64(number))], at: 0)
        if number.isMultiple(of: 7) { try doc.text("t").remove(0..<1) }
        if number.isMultiple(of: 11) { try doc.array("a").insertMap(at: 0) }
      }
    }
    if formats { try format(doc, 20, &random) }
    return doc
  }

  private func format(_ doc: Doc, _ times: Int, _ random: inout SeededGenerator) throws {
    for _ in 0..<times {
      try doc.transact {
        let start = Int.random(in: 0..<max(1, doc.text("t").utf16Count - 4), using: &random)
        let key = ["bold", "italic", "link"].randomElement(using: &random) ?? ""
        let value = [YValue.bool(true), .null, ["href": "x"]].randomElement(using: &random) ?? .null
        try doc.text("t").format(start..<min(start + 4, doc.text("t").utf16Count), [key: value])
      }
    }
  }

  /// Where a plain walk finds the unit before an index.
  private func walk(_ doc: Doc, _ type: TypeIndex, _ index: Int) -> (item: ItemIndex, start: Int) {
    var item = doc.store.types[type].first
    var start = 0
    while true {
      let units = doc.store.liveUnits(item)
      if units > 0, start + units >= index { return (item, start) }
      start += units
      item = doc.store.items[item].right
    }
  }

  private func expectSamePlaces(_ doc: Doc, _ seed: UInt64, _ random: inout SeededGenerator) {
    for type in [doc.text("t").type, doc.array("a").type] {
      let length = Int(doc.store.types[type].length)
      for index in [1, length] + (0..<8).map({ _ in Int.random(in: 1...max(1, length), using: &random) })
      where index <= length && index > 0 {
        let expected = walk(doc, type, index)
        #expect(doc.store.locateByChunk(type, index) == expected, "seed \(seed)")
        #expect(doc.store.locate(type, index) == expected, "seed \(seed)")
      }
    }
    doc.checkIntegrity()
  }

  private func edit(_ doc: Doc, _ random: inout SeededGenerator) throws {
    let (text, array) = (doc.text("t"), doc.array("a"))
    try doc.transact {
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0...text.utf16Count, using: &random)
        let end = min(text.utf16Count, place + Int.random(in: 0...40, using: &random))
        if Bool.random(using: &random) { try text.remove(place..<end) }
        let string = ["", "b", "🧵cd"].randomElement(using: &random) ?? ""
        try text.insert(string, at: min(place, text.utf16Count))
        let slot = Int.random(in: 0...array.count, using: &random)
        if Bool.random(using: &random) {
          try array.insert([.int(7), "w"], at: slot)
        } else {
          try array.removeSubrange(slot..<min(array.count, slot + 3))
        }
      }
    }
  }

  /// Local edits at random places, remote ones at others, formats, and what was deleted coming back as new items.
  @Test(arguments: UInt64(1)...12) func placesAreThoseOfAPlainWalk(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let doc = try longText(150, formats: seed.isMultiple(of: 3), &random)
    let other = doc.fork(clientID: 900)
    var incoming: [[UInt8]] = []
    let subscription = other.observeUpdates { incoming.append($0.update) }
    expectSamePlaces(doc, seed, &random)
    for round in 0..<40 {
      try edit(doc, &random)
      try edit(other, &random)
      if seed.isMultiple(of: 3) { try format(round.isMultiple(of: 2) ? doc : other, 1, &random) }
      if round.isMultiple(of: 3) {
        for update in incoming.shuffled(using: &random) { try doc.apply(update) }
        incoming = []
      }
      if round == 20 { expectSamePlaces(doc.fork(clientID: 5), seed, &random) }
      expectSamePlaces(doc, seed, &random)
    }
    subscription.cancel()
    try doc.apply(other.encodeStateAsUpdate())
    try other.apply(doc.encodeStateAsUpdate())
    #expect(doc.text("t").delta == other.text("t").delta, "seed \(seed)")
    #expect(doc.array("a").jsonBytes() == other.array("a").jsonBytes(), "seed \(seed)")
    try doc.transact { try doc.text("t").remove(0..<doc.text("t").utf16Count) }
    try doc.transact { try doc.array("a").removeAll() }
    doc.checkIntegrity()
  }

  /// Formatted text: editing with an index writes the same bytes as editing without.
  @Test(arguments: UInt64(1)...12) func formatsInForceAreThoseOfAPlainWalk(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let indexed = try longText(200, formats: true, &random)
    let plain = indexed.fork(clientID: 1)
    indexed.clientID = 1
    for _ in 0..<60 {
      indexed.store.makeListIndex(indexed.text("t").type)
      plain.store.dropListIndex(plain.text("t").type)
      var copy = random
      try edit(indexed, &random)
      try format(indexed, 2, &random)
      try edit(plain, &copy)
      try format(plain, 2, &copy)
      try #require(indexed.encodeStateAsUpdate() == plain.encodeStateAsUpdate(), "seed \(seed)")
      indexed.checkIntegrity()
    }
  }

  @Test func whatIsInsideADeletedTypeIsIndexedNoMore() throws {
    let doc = Doc(clientID: 1)
    let inner = try doc.transact { try doc.map("m").setArray("list") }
    for number in 0..<50 { try doc.transact { try inner.insert([.int(Int64(number))], at: 0) } }
    _ = doc.store.locateByChunk(inner.type, 20)
    try doc.transact { try doc.map("m").removeValue(forKey: "list") }
    doc.checkIntegrity()
    #expect(doc.store.listIndexes.allSatisfy { $0.type == .none })
  }

  // MARK: - Steps, not time

  private func steps(_ doc: Doc, _ body: () throws -> Void) rethrows -> Int {
    let before = doc.store.visitedItems
    try body()
    return doc.store.visitedItems - before
  }

  /// A list of n items in random order: four times as many may cost twice as much for each edit.
  @Test func editsAtRandomPlacesVisitAboutTheRootOfTheItems() throws {
    func perEdit(_ count: Int) throws -> Int {
      var random = SeededGenerator(seed: 3)
      let doc = Doc(clientID: 1)
      let text = doc.text("t")
      for length in 0..<count {
        try doc.transact { try text.insert("x", at: Int.random(in: 0...length, using: &random)) }
      }
      let cost = try steps(doc) {
        for _ in 0..<200 {
          let place = Int.random(in: 0..<text.utf16Count, using: &random)
          try doc.transact { try text.insert("y", at: place) }
        }
      }
      return cost / 200
    }
    let (few, many) = (try perEdit(2_000), try perEdit(8_000))
    #expect(few < 400 && many < 800, "\(few) steps among 2,000 items, \(many) among 8,000")
  }

  @Test func typingVisitsNothingButTheNeighbours() throws {
    var random = SeededGenerator(seed: 4)
    let doc = try longText(1_500, &random)
    let text = doc.text("t")
    try doc.transact { try text.insert("x", at: 700) }
    let cost = try steps(doc) {
      for number in 1...300 { try doc.transact { try text.insert("y", at: 700 + number) } }
    }
    #expect(cost < 300 * 12, "\(cost) steps for 300 letters")
  }

  @Test func elementsAndSubstringsAreFoundWithoutWalkingTheList() throws {
    var random = SeededGenerator(seed: 5)
    let doc = try longText(2_000, &random)
    let (text, array) = (doc.text("t"), doc.array("a"))
    let elements = array.elements.map(\.json)
    let units = Array(text.string.utf16)
    let cost = try steps(doc) {
      for _ in 0..<200 {
        let place = Int.random(in: 0..<array.count, using: &random)
        #expect(array[place].json == elements[place])
        let start = Int.random(in: 0..<units.count - 10, using: &random)
        let part = try text.substring(start..<start + 10)
        #expect(part == String(decoding: units[start..<start + 10], as: UTF16.self))
      }
    }
    // Beside two indexes, which are made once.
    #expect(cost < 4 * 4_000 + 400 * 400, "\(cost) steps")
  }
}
