import TestSupport
import Testing
import YCRDT

/// Large updates into empty documents, whose records become items in the memory where they were decoded.
@Suite struct BulkLoadTests {
  /// A document that two authors wrote, each often into what the other had written, after a third had begun it.
  private static func authored(_ random: inout SeededGenerator) throws -> Doc {
    let authors = [Doc(clientID: 9), Doc(clientID: 4)]
    for doc in authors {
      // So many values are independent of the third author that the update is one of many structs.
      try doc.transact { for key in 0..<300 { try doc.map("m").set("\(doc.clientID) \(key)", .int(Int64(key))) } }
    }
    let third = Doc(clientID: 7)
    try third.transact { try third.text("t").append("The beginning") }
    for doc in authors { try doc.apply(third.encodeStateAsUpdate()) }
    for round in 0..<60 {
      for doc in authors {
        let text = doc.text("t")
        try doc.transact {
          for _ in 0..<8 {
            let piece = ["ab", "ü", "xyz"].randomElement(using: &random) ?? ""
            try text.insert(piece, at: Int.random(in: 0...text.utf16Count, using: &random))
          }
          try doc.map("m").set("9 \(round)", .int(Int64(round)))
          if round % 3 == 0 { try text.remove(1..<4) }
        }
      }
      try authors[1].apply(authors[0].encodeStateAsUpdate(since: authors[1].stateVector))
      try authors[0].apply(authors[1].encodeStateAsUpdate(since: authors[0].stateVector))
    }
    return authors[0]
  }

  @Test(arguments: [1, 2, 3]) func aStateIsLoadedAsItWasWritten(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let doc = try Self.authored(&random)
    let state = doc.encodeStateAsUpdate()
    let loaded = Doc()
    let event = try #require(try loaded.apply(state))
    loaded.checkIntegrity()
    #expect(loaded.text("t").string == doc.text("t").string)
    #expect(event.update == state, "a state is its own event")
    let again = Doc()
    try again.apply(loaded.encodeStateAsUpdate())
    #expect(again.encodeStateAsUpdate() == loaded.encodeStateAsUpdate())
  }

  @Test(arguments: [4, 5]) func whatOfALargeUpdateComesTooEarlyWaits(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let doc = try Self.authored(&random)
    var known = StateVector()
    known[7] = doc.stateVector[7]
    let loaded = Doc()
    try loaded.apply(doc.encodeStateAsUpdate(since: known))
    loaded.checkIntegrity()
    #expect(loaded.hasPending && loaded.stateVector[7] == 0)
    #expect(loaded.stateVector[9] >= 300, "what does not depend on the third author is there")
    let third = Doc(clientID: 7)
    try third.transact { try third.text("t").append("The beginning") }
    try loaded.apply(third.encodeStateAsUpdate())
    loaded.checkIntegrity()
    #expect(!loaded.hasPending)
    #expect(loaded.text("t").string == doc.text("t").string)
    #expect(loaded.stateVector == doc.stateVector)
  }
}
