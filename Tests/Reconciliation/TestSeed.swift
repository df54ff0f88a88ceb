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
