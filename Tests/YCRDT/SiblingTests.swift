import TestSupport
import Testing

@testable import YCRDT

/// Many items put at one place: the index must give the order that walking gives, and save the walk.
@Suite struct SiblingTests {
  /// Two replicas: one that indexes early, one that always walks.
  private func replicas(of base: Doc? = nil) -> (indexed: Doc, walking: Doc) {
    let docs = (base?.fork(clientID: 1) ?? Doc(clientID: 1), base?.fork(clientID: 1) ?? Doc(clientID: 1))
    docs.0.store.siblingThreshold = 2
    docs.1.store.siblingThreshold = .max
    return docs
  }

  private func expectEqual(_ docs: (indexed: Doc, walking: Doc), _ seed: UInt64) throws {
    docs.indexed.checkIntegrity()
    #expect(docs.indexed.text("t").string == docs.walking.text("t").string, "seed \(seed)")
    #expect(docs.indexed.encodeStateAsUpdate() == docs.walking.encodeStateAsUpdate(), "seed \(seed)")
  }

  @Test(arguments: UInt64(1)...60) func peopleWhoWriteAtOnePlaceStandInTheSameOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let base = Doc(clientID: 500)
    try base.transact { try base.text("t").append(["", "x", "ab"].randomElement(using: &random) ?? "") }
    let docs = replicas(of: base)
    var authors: [Doc] = []
    for _ in 0..<40 {
      // Most know the base alone; some know what another one knows.
      let known = Int.random(in: 0..<4, using: &random) == 0 ? authors.randomElement(using: &random) : nil
      authors.append((known ?? base).fork(clientID: ClientID.random(in: 2...1_000, using: &random) * 2))
    }
    var updates: [[UInt8]] = []
    for author in authors {
      let subscription = author.observeUpdates { updates.append($0.update) }
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let text = author.text("t")
        let middle = text.utf16Count / 2
        try author.transact {
          if text.utf16Count > 2, Int.random(in: 0..<5, using: &random) == 0 { try text.remove(middle..<middle + 1) }
          let place = Bool.random(using: &random) ? middle : 0
          try text.insert(["p", "qr", "stu"].randomElement(using: &random) ?? "", at: place)
        }
      }
      subscription.cancel()
    }
    updates.shuffle(using: &random)
    for update in updates {
      try docs.indexed.apply(update)
      try docs.walking.apply(update)
    }
    try expectEqual(docs, seed)
  }

  /// Anchors that no honest client would choose: right of anything, left of anything known.
  @Test(arguments: UInt64(1)...60) func forgedAnchorsLeadToTheSameOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let docs = replicas()
    var known: [ID] = []
    // Few distinct anchors, so that many items share them.
    let favourites = Int.random(in: 1...4, using: &random)
    for number in 0..<80 {
      let author = ClientID(number * 7919 % 997 + 10)
      let anchors = (0..<2).map { _ -> ID? in
        switch Int.random(in: 0..<6, using: &random) {
        case 0: nil
        case 1: known.randomElement(using: &random)
        default: known.prefix(favourites).randomElement(using: &random)
        }
      }
      let update = Self.update(by: author, behind: anchors[0], inFrontOf: anchors[1])
      try docs.indexed.apply(update)
      try docs.walking.apply(update)
      known.append(ID(client: author, clock: 0))
      docs.indexed.checkIntegrity()
      #expect(docs.indexed.text("t").string == docs.walking.text("t").string, "seed \(seed), item \(number)")
    }
    try expectEqual(docs, seed)
  }

  /// The same of a few clients with many items each, most in front of their last one.
  @Test(arguments: UInt64(1)...60) func forgedItemsInFrontOfOthersLeadToTheSameOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let docs = replicas()
    let authors = (0..<Int.random(in: 2...5, using: &random)).map { ClientID($0 * 10 + 10) }
    var known: [ID] = []
    var fronts: [ClientID: ID] = [:]
    var clocks: [ClientID: UInt64] = [:]
    let oddness = Int.random(in: 0...16, using: &random)
    for number in 0..<120 {
      let author = authors.randomElement(using: &random) ?? 10
      let isOdd = Int.random(in: 0..<40, using: &random) < oddness
      let origin =
        isOdd || Int.random(in: 0..<12, using: &random) == 0 ? known.randomElement(using: &random) : known.first
      let right = isOdd ? known.randomElement(using: &random) : fronts[author]
      let id = ID(client: author, clock: clocks[author, default: 0])
      let update = Self.update(by: author, id.clock, behind: origin, inFrontOf: right)
      for doc in [docs.indexed, docs.walking] {
        try doc.apply(update)
        if isOdd, Int.random(in: 0..<3, using: &random) == 0, doc === docs.indexed {
          let length = doc.text("t").utf16Count
          try doc.transact { try doc.text("t").remove(length / 2..<length / 2 + 1) }
          try docs.walking.apply(doc.encodeStateAsUpdate(since: docs.walking.stateVector))
        }
      }
      clocks[author, default: 0] += 1
      known.append(id)
      if origin == known.first, !isOdd { fronts[author] = id }
      docs.indexed.checkIntegrity()
      #expect(docs.indexed.text("t").string == docs.walking.text("t").string, "seed \(seed), item \(number)")
    }
    try expectEqual(docs, seed)
  }

  /// One character with these anchors.
  private static func update(
    by client: ClientID, _ clock: UInt64 = 0, behind origin: ID?, inFrontOf right: ID?
  ) -> [UInt8] {
    var writer = ByteWriter()
    for number in [1, 1, client, clock] { writer.varUInt(number) }
    writer.byte(4 | (origin == nil ? 0 : 0x80) | (right == nil ? 0 : 0x40))
    for id in [origin, right].compactMap(\.self) {
      writer.varUInt(id.client)
      writer.varUInt(id.clock)
    }
    if origin == nil, right == nil {
      writer.byte(1)
      writer.string("t")
    }
    // One of its own for each that a test inserts.
    writer.string(String(UnicodeScalar(UInt16(0x4E00 + client % 127 * 128 + clock % 128)) ?? "?"))
    writer.varUInt(0)
    return writer.bytes
  }

  /// Steps, not time: four times as many people at one place may cost little more than four times as much.
  @Test func manyPeopleAtOnePlaceCostLittleMoreThanTheirNumber() throws {
    func steps(_ count: Int) throws -> Int {
      var random = SeededGenerator(seed: 7)
      let doc = Doc(clientID: 1)
      for client in (0..<count).map({ ClientID($0 + 10) }).shuffled(using: &random) {
        try doc.apply(Self.update(by: client, behind: nil, inFrontOf: nil))
      }
      #expect(doc.text("t").utf16Count == count)
      return doc.store.scannedItems
    }
    let few = try steps(500)
    let many = try steps(2_000)
    #expect(many - few < 1_500 * 4, "\(few) steps for 500, \(many) for 2,000")
  }

  /// People who type backwards at one place, unaware of each other, as they do who insert at the top of a list.
  @Test(arguments: [2, 3, 5]) func typingInFrontOfOthersCostsLittleMoreThanItsLength(people: Int) throws {
    func steps(_ count: Int) throws -> Int {
      let doc = Doc(clientID: 1)
      try doc.transact { try doc.text("t").append("ab") }
      let authors = (0..<people).map { doc.fork(clientID: ClientID($0 + 10)) }
      for index in 0..<count {
        let author = authors[index % people]
        let before = author.stateVector
        try author.transact { try author.text("t").insert(index % 2 == 0 ? "x" : "y", at: 1) }
        try doc.apply(author.encodeStateAsUpdate(since: before))
      }
      #expect(doc.text("t").utf16Count == count + 2)
      return doc.store.scannedItems
    }
    let few = try steps(500)
    let many = try steps(2_000)
    #expect(many - few < 1_500 * 4, "\(few) steps for 500, \(many) for 2,000")
  }

  /// People who see each other's lines, but not what somebody else has written there.
  @Test(arguments: [[20, 30], [30, 20]])
  func takingTurnsInFrontOfOneAnotherCostsLittleMoreThanItsLength(authors: [ClientID]) throws {
    func steps(_ count: Int) throws -> Int {
      let doc = Doc(clientID: 1)
      try doc.transact { try doc.text("t").append("ab") }
      let (absent, together) = (doc.fork(clientID: 10), doc.fork(clientID: 2))
      for _ in 0..<count { try absent.transact { try absent.text("t").insert("x", at: 1) } }
      try doc.apply(absent.encodeStateAsUpdate())
      for index in 0..<count {
        let before = together.stateVector
        together.clientID = authors[index % 2]
        try together.transact {
          try together.text("t").insert("y", at: 1)
          // What is written elsewhere does not matter.
          try together.text("t").append("z")
          try together.map("m").set("\(index)", .null)
        }
        try doc.apply(together.encodeStateAsUpdate(since: before))
      }
      #expect(doc.text("t").utf16Count == count * 3 + 2)
      return doc.store.scannedItems
    }
    let few = try steps(500)
    let many = try steps(2_000)
    #expect(many - few < 1_500 * 4, "\(few) steps for 500, \(many) for 2,000")
  }
}
