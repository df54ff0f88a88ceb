import Foundation
import TestSupport
import Testing

/// Three servers on one Postgres under load, of which two are killed in turn and come back: nothing that was acknowledged is lost, nothing
/// is there twice, and all replicas on all servers are equal in the end.
///
/// `make trial MINUTES=30` goes on for so long and prints the table; `HEDDLE_TEST_SEED` makes another run.
extension Interop {
  @Suite struct TrialTests {
    private static let minutes = ProcessInfo.processInfo.environment["HEDDLE_TRIAL_MINUTES"].flatMap { Double($0) }
    private static let seed =
      ProcessInfo.processInfo.environment["HEDDLE_TEST_SEED"].flatMap { UInt64($0) } ?? 20_261_123

    /// How long a node is up and away, in milliseconds.
    private static let (up, away) = minutes == nil ? (2000...3000, 1000...2000) : (6000...15_000, 2000...10_000)

    @Test func nothingIsLostWhenNodesAreKilledInTurn() async throws {
      var random = SeededGenerator(seed: Self.seed)
      let site = try await TrialSite.start(seed: Self.seed, documents: Self.minutes == nil ? 2 : 3)
      let begin = ContinuousClock.now
      do {
        try await site.underLoad {
          var round = 0
          while round < 2 || .now - begin < .seconds((Self.minutes ?? 0) * 60) {
            try await site.pause(Int.random(in: Self.up, using: &random))
            try await site.kill(round % 2, &random)
            try await site.pause(Int.random(in: Self.away, using: &random))
            try await site.comeBack(round % 2, &random)
            round += 1
          }
          try await site.pause(Int.random(in: Self.up, using: &random))
        }
        let report = try await site.settle(after: .now - begin)
        print(
          "after the audit and from the log alone: \(report.tokens.lost) lost, \(report.tokens.doubled) doubled; \(report.audit)"
        )
        #expect(report.tokens.edits > 0 && report.acknowledgements > 0 && report.tokens.saves > 0)
        #expect(report.recoveries.count >= 2 && !report.recoveries.contains(.zero))
      } catch {
        Issue.record("seed \(Self.seed): \(error)\n\(site.logs)")
      }
      try await site.stop()
    }
  }
}
