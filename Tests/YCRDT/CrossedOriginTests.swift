import TestSupport
import Testing

@testable import YCRDT

/// Items that are forged to stand behind something and before the same, or before what is in front of it.
@Suite struct CrossedOriginTests {
  /// A document that refuses them.
  private func strict(_ id: ClientID) -> Doc {
    let doc = Doc(clientID: id)
    doc.limits.acceptsCrossedOrigins = false
    return doc
  }

  /// An update of client 9 with an "X" between two units of client 1.
  private func forged(_ clock: UInt8 = 0, behind origin: UInt8, before right: UInt8) -> [UInt8] {
    [1, 1, 9, clock, 0xC4, 1, origin, 1, right, 1, UInt8(ascii: "X"), 0]
  }

  private func written(_ words: [(String, at: Int)], by client: ClientID = 1) throws -> Doc {
    let doc = Doc(clientID: client)
    for (word, place) in words {
      try doc.transact { try doc.text("t").insert(word, at: place) }
    }
    return doc
  }

  @Test(arguments: [(3, 3), (3, 2), (5, 0)] as [(UInt8, UInt8)])
  func whatCrossesIsRefusedAndLeavesNothing(origin: UInt8, right: UInt8) throws {
    let doc = strict(2)
    try doc.apply(written([("abcdef", at: 0)]).encodeStateAsUpdate())
    let before = doc.encodeStateAsUpdate(includingPending: true)
    #expect { try doc.apply(forged(behind: origin, before: right)) } throws: {
      ($0 as? UpdateError)?.reason == .crossedOrigins
    }
    #expect(doc.encodeStateAsUpdate(includingPending: true) == before)
    // Also in the same update as what it stands in.
    let both = try Update.merging([
      written([("abcdef", at: 0)]).encodeStateAsUpdate(), forged(behind: origin, before: right),
    ])
    #expect(throws: UpdateError.self) { try strict(2).apply(both) }
  }

  /// Two elements of a list, one written behind the other, which are joined when both are there.
  @Test func whatIsToStandBehindTheSecondAndBeforeTheFirstIsRefused() throws {
    let first: [UInt8] = [0x08, 1, 1, UInt8(ascii: "a"), 1, 125, 1]
    let second: [UInt8] = [0x88, 1, 0, 1, 125, 2]
    let third: [UInt8] = [0xC8, 1, 1, 1, 0, 1, 125, 3]
    #expect(throws: UpdateError(.crossedOrigins, at: 29)) {
      try strict(2).apply([2, 1, 9, 0] + third + [2, 1, 0] + first + second + [0])
    }
    let doc = strict(2)
    try doc.apply([1, 2, 1, 0] + first + second + [0])
    #expect(throws: UpdateError.self) { try doc.apply([1, 1, 9, 0] + third + [0]) }
    #expect(doc.array("a").count == 2)
  }

  @Test func aUnitOnBothSidesIsRefusedBeforeItIsKnown() {
    #expect(throws: UpdateError.self) { try strict(2).apply(forged(behind: 3, before: 3)) }
  }

  @Test func whatIsStoredAlreadyIsRead() throws {
    let doc = try written([("abcdef", at: 0)])
    try doc.apply(forged(behind: 3, before: 3))
    #expect(doc.text("t").string == "abcXdef", "as Yjs shows it")
    doc.limits.acceptsCrossedOrigins = false
    #expect(try doc.apply(forged(behind: 3, before: 3)) == nil, "what is known is no news")
    #expect(throws: UpdateError.self) { try doc.apply(forged(1, behind: 2, before: 2)) }
  }

  /// What was written in front of one's own earlier words has greater clocks on the left.
  @Test func whatWasWrittenFromTheBackIsNoForgery() throws {
    let doc = strict(2)
    let author = try written([("world", at: 0), ("hello ", at: 0)])
    try doc.apply(author.encodeStateAsUpdate())
    try doc.apply(forged(behind: 10, before: 0))
    #expect(doc.text("t").string == "hello Xworld")
  }

  @Test(arguments: UInt64(1)...30) func whatReplicasWriteIsTaken(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 11)
    let docs = (1...3).map { strict(ClientID($0)) }
    for _ in 0..<40 {
      try editor.edit(editor.pick(docs), formats: true)
      let (from, to) = (editor.pick(docs), editor.pick(docs))
      if Bool.random(using: &editor.random) {
        _ = try to.apply(from.encodeStateAsUpdate(since: to.stateVector))
      }
    }
    let whole = strict(4)
    for doc in docs { try whole.apply(doc.encodeStateAsUpdate()) }
    #expect(!whole.hasPending, "seed \(seed)")
  }

  /// Anything between two units of a text that was edited a good deal: it is refused, or shown the same after a reload.
  @Test(arguments: UInt64(1)...40) func whatIsTakenIsShownTheSameAfterAReload(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 13)
    let author = Doc(clientID: 1)
    for _ in 0..<6 {
      try author.transact { try editor.edit(author.text("t")) }
    }
    let length = author.stateVector[1]
    guard length > 1, length < 120 else { return }
    let base = author.encodeStateAsUpdate()
    var refused = 0
    for origin in 0..<UInt8(length) {
      let right = UInt8.random(in: 0...origin, using: &editor.random)
      let doc = strict(2)
      try doc.apply(base)
      do {
        try doc.apply(forged(behind: origin, before: right))
      } catch {
        refused += 1
        continue
      }
      let copy = Doc(clientID: 3)
      try copy.apply(doc.encodeStateAsUpdate())
      #expect(copy.text("t").string == doc.text("t").string, "seed \(seed): behind \(origin), before \(right)")
    }
    #expect(refused > 0, "seed \(seed)")
  }
}
