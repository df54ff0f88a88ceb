import Foundation
import Testing

/// More than two nodes: documents, and who is in them. `HEDDLE_SIMULATION_RUNS` and `HEDDLE_SIMULATION_SEED` as elsewhere.
@Suite struct NodeSimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  private static func seeds(_ runs: UInt64) -> ClosedRange<UInt64> {
    if let seed = environment["HEDDLE_SIMULATION_SEED"].flatMap(UInt64.init) { return seed...seed }
    return 1...(environment["HEDDLE_SIMULATION_RUNS"].flatMap(UInt64.init) ?? runs)
  }

  @Test(arguments: [3, 5])
  func nothingIsLostOnManyNodes(nodes: Int) throws {
    for seed in Self.seeds(8) {
      let simulation = Simulation(seed: seed, options: .init(nodes: nodes))
      try simulation.run()
      #expect(simulation.violations.isEmpty, "HEDDLE_SIMULATION_SEED=\(seed): \(simulation.violations)")
    }
  }

  @Test(arguments: [2, 3, 5])
  func everybodySeesWhoIsThereAndNobodyElse(nodes: Int) throws {
    var shown = 0
    for seed in Self.seeds(150) {
      let simulation = PresenceSimulation(seed: seed, nodes: nodes, clients: 5)
      let faults = try simulation.run(steps: 300)
      #expect(faults.isEmpty, "HEDDLE_SIMULATION_SEED=\(seed) with \(nodes) nodes: \(faults)")
      shown += simulation.shown
      if !faults.isEmpty { return }
    }
    #expect(shown > 0)
  }

  /// The simulation is worth something only if it finds what it is made for.
  @Test func nodesThatHearNothingAreFound() throws {
    #expect(try !PresenceSimulation(seed: 1, nodes: 3, clients: 5, isDeaf: true).run(steps: 300).isEmpty)
  }
}
