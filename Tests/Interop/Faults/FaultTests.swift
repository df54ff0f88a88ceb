import Foundation
import TestSupport
import Testing

/// Each fault is played under load, again and again: nothing that was acknowledged is lost, nothing is there twice, everybody has the
/// same in the end, and nobody has to be told to come back.
///
/// `make faults` plays each for longer and prints the table; `HEDDLE_TEST_SEED` makes other runs.
extension Interop {
  @Suite struct FaultTests {
    private static let rounds = ProcessInfo.processInfo.environment["HEDDLE_FAULT_ROUNDS"].flatMap { Int($0) } ?? 1
    private static let seed =
      ProcessInfo.processInfo.environment["HEDDLE_TEST_SEED"].flatMap { UInt64($0) } ?? 20_261_122

    @Test(arguments: Fault.allCases)
    func nothingIsLostOrDoubled(fault: Fault) async throws {
      var random = SeededGenerator(seed: Self.seed)
      try FaultyClock.jump(by: 0)
      let disk = try fault.makeDisk()
      defer { disk?.remove() }
      let site = try await FaultSite.start(seed: Self.seed, shell: fault.shell, disk: disk)
      var end = ContinuousClock.now
      do {
        try await site.underLoad {
          try await fault.play(on: site, rounds: Self.rounds, &random)
          end = .now
        }
        let report = try await site.settle(since: end)
        print(report.row(fault.rawValue))
        #expect(report.edits > 0)
      } catch {
        Issue.record("seed \(Self.seed): \(error)\n\((try? site.server.log())?.suffix(2000) ?? "")")
      }
      try await site.stop()
    }
  }
}
