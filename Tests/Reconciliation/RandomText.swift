import TestSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The seed of this run's random cases: HEDDLE_TEST_SEED replays one, HEDDLE_TEST_FACTOR multiplies the number of cases.
/// HEDDLE_TEST_CASES asks for so many in all properties together: each gets a twentieth of them, or less where a
/// case is a whole session.
enum TestSeed {
  static let value: UInt64 = environment("HEDDLE_TEST_SEED") ?? 20_261_121

  /// Whether there is time for the large cases.
  static var isLong: Bool { ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] != nil }

  /// How many cases a property looks at; `share` is how many it gets where others get one.
  static func rounds(_ count: Int, share: Double = 1) -> Int {
    guard let cases = environment("HEDDLE_TEST_CASES") else {
      return count * Int(environment("HEDDLE_TEST_FACTOR") ?? 1)
    }
    let rounds = max(count, Int(Double(cases) / 20 * share))
    print("\(rounds) cases, the first with HEDDLE_TEST_SEED=\(value)")
    return rounds
  }

  private static func environment(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }
}

/// Texts in which every character occurs once in a whole case, so that who wrote what, and what was kept, shows in the
/// result alone.
struct UniqueText {
  private var next: UInt32 = 0x4E00

  mutating func make(length: Int) -> String {
    var text = ""
    for _ in 0..<length {
      text.unicodeScalars.append(Unicode.Scalar(next)!)
      next += next == 0x9FFF ? 0x2_0000 - 0x9FFF : 1
    }
    return text
  }

  /// `text` after some insertions of new characters and deletions of old ones.
  mutating func edited<R: RandomNumberGenerator>(_ text: String, edits: Int, using random: inout R) -> String {
    var characters = Array(text)
    for _ in 0..<edits {
      let start = Int.random(in: 0...characters.count, using: &random)
      let length = Int.random(in: 0...min(4, characters.count - start), using: &random)
      let inserted = Bool.random(using: &random) ? make(length: Int.random(in: 0...4, using: &random)) : ""
      characters.replaceSubrange(start..<start + length, with: inserted)
    }
    return String(characters)
  }
}
