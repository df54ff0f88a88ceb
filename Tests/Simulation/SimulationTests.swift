import Foundation
import Testing

/// `HEDDLE_SIMULATION_SEED=n` replays one run, `HEDDLE_SIMULATION_RUNS=n` makes more of them.
@Suite struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  private static var seeds: Range<UInt64> {
    if let seed = environment["HEDDLE_SIMULATION_SEED"].flatMap(UInt64.init) { return seed..<(seed + 1) }
    let runs = environment["HEDDLE_SIMULATION_RUNS"].flatMap(UInt64.init) ?? 40
    return 1..<(1 + runs)
  }

  @Test func nothingIsLostDoubledOrStale() throws {
    var saves = 0
    for seed in Self.seeds {
      let simulation = Simulation(seed: seed)
      try simulation.run(steps: 1_500)
      #expect(simulation.violations.isEmpty, "HEDDLE_SIMULATION_SEED=\(seed): \(simulation.violations)")
      if !simulation.violations.isEmpty { break }
      saves += simulation.saves
    }
    #expect(saves > 0, "no run saved anything: the simulation does not do what it says")
  }

  /// The simulation is worth something only if it finds what it is made for.
  @Test(arguments: [SimulatedStore.Fault.noCompareAndSet, .blindSave, .forgetsAppends])
  func aPlantedFaultIsFound(_ fault: SimulatedStore.Fault) throws {
    for seed in 1...UInt64(40) {
      let simulation = Simulation(seed: seed, fault: fault)
      try simulation.run(steps: 1_500)
      if let violation = simulation.violations.first {
        print("\(fault) is found with seed \(seed): \(violation)")
        return
      }
    }
    Issue.record("40 runs did not notice \(fault)")
  }

  @Test func aRunIsReplayedFromItsSeed() throws {
    let runs = try (0..<2).map { _ in
      let simulation = Simulation(seed: 7, fault: .forgetsAppends)
      try simulation.run(steps: 800)
      return simulation.violations
    }
    #expect(runs[0] == runs[1])
  }
}
