import TestSupport
import Testing

@Suite struct ConcurrentEditingTests {
  /// Several editors, imports and saves in any order: every merge is what the oracle says, all replicas end equal, and no
  /// character is lost that nobody removed.
  @Test func g01_g04_editorsAndImportsConvergeAndNothingIsLost() throws {
    for round in 0..<TestSeed.rounds(40, share: 0.02) {
      let seed = TestSeed.value &+ UInt64(round)
      var session = try EditingSession(seed: seed, members: 3)
      for _ in 0..<60 where !session.isAmbiguous { try session.step() }
      if !session.isAmbiguous { try session.settle() }
    }
  }
}
