import Foundation
import Rooms
import Testing

/// `HEDDLE_SIMULATION_RUNS=n` makes n runs; `HEDDLE_SIMULATION_SEED=n` replays one, and with `HEDDLE_SIMULATION_TRACE=1`
/// prints each of its steps.
@Suite struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  private static func seeds(_ runs: UInt64) -> Range<UInt64> {
    if let seed = environment["HEDDLE_SIMULATION_SEED"].flatMap(UInt64.init) { return seed..<(seed + 1) }
    return 1..<(1 + (environment["HEDDLE_SIMULATION_RUNS"].flatMap(UInt64.init) ?? runs))
  }

  /// Runs until something is wrong; returns what the rooms did.
  private func simulate(_ seeds: Range<UInt64>, hasResets: Bool = false) throws -> RoomStatistics {
    var total = RoomStatistics()
    for seed in seeds {
      let trace = Self.environment["HEDDLE_SIMULATION_TRACE"].map { _ in { (step: String) in print(step) } }
      let simulation = Simulation(seed: seed, options: .init(hasResets: hasResets, trace: trace))
      try simulation.run()
      #expect(simulation.violations.isEmpty, "HEDDLE_SIMULATION_SEED=\(seed): \(simulation.violations)")
      if !simulation.violations.isEmpty { break }
      total += simulation.statistics
    }
    return total
  }

  @Test func g01_g12_g13_g15_nothingIsLostDoubledOrStale() throws {
    let done = try simulate(Self.seeds(20))
    // The simulation does what it says.
    for count in [done.reconciles, done.conflicts, done.saves, done.staleCommits, done.checkpoints, done.resyncs] {
      #expect(count > 0, "\(done)")
    }
  }

  @Test func aResetTakesNothingFromTheDatabase() throws {
    #expect(try simulate(Self.seeds(10), hasResets: true).updates > 0)
  }

  /// The simulation is worth something only if it finds what it is made for.
  @Test(arguments: PlantedFault.allCases)
  func aPlantedFaultIsFound(_ fault: PlantedFault) throws {
    for seed in 1...UInt64(60) {
      let simulation = Simulation(seed: seed, options: .init(fault: fault))
      try simulation.run()
      if let violation = simulation.violations.first {
        print("\(fault) is found with seed \(seed): \(violation)")
        return
      }
    }
    Issue.record("60 runs did not notice \(fault)")
  }

  @Test func aRunIsReplayedFromItsSeed() throws {
    let runs = try (0..<2).map { _ in
      var steps: [String] = []
      let options = Simulation.Options(steps: 800, fault: .forgetsAppends, trace: { steps.append($0) })
      let simulation = Simulation(seed: 7, options: options)
      try simulation.run()
      return steps + simulation.violations
    }
    #expect(runs[0] == runs[1])
  }
}
