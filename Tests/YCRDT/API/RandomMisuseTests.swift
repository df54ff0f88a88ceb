import TestSupport
import Testing

@testable import YCRDT

/// Right and wrong calls in any order: the document stays sound, and other replicas see the same.
@Suite struct RandomMisuseTests {
  @Test(arguments: UInt64(1)...25, [SurrogatePairs.refuse, .snap, .tear])
  func nothingTrapsAndNothingIsHalfDone(seed: UInt64, pairs: SurrogatePairs) throws {
    var random = SeededGenerator(seed: seed)
    let doc = Doc(clientID: seed)
    doc.surrogatePairs = pairs
    let copy = Doc(clientID: 1000)
    let subscription = doc.observeUpdates { event in
      #expect(throws: Never.self, "seed \(seed)") { try copy.apply(event.update) }
    }
    var mutators = try doc.transact { try Mutators(nestedIn: doc) }
    for step in 0..<150 {
      if Int.random(in: 0..<40, using: &random) == 0 { mutators = try doc.transact { try Mutators(nestedIn: doc) } }
      let index = Int.random(in: -2...12, using: &random)
      let all = mutators.all + mutators.misplaced(at: index) + [emoji(into: mutators.text, at: index)]
      let (name, run) = all[Int.random(in: 0..<all.count, using: &random)]
      let isInTransaction = Int.random(in: 0..<10, using: &random) > 0
      let before = (doc.stateVector, doc.deleteSet)
      do {
        if isInTransaction { try doc.transact { try run() } } else { try run() }
      } catch is YError {
        #expect(doc.stateVector == before.0 && doc.deleteSet == before.1, "seed \(seed), step \(step), \(name)")
      }
    }
    subscription.cancel()
    doc.checkIntegrity()
    copy.checkIntegrity()
    #expect(copy.map("nest").json == doc.map("nest").json, "seed \(seed)")
    #expect(copy.stateVector == doc.stateVector && copy.deleteSet == doc.deleteSet, "seed \(seed)")
  }

  private func emoji(into text: YText, at index: Int) -> Mutators.Mutator {
    ("emoji", { try text.insert("🧵", at: index) })
  }
}
