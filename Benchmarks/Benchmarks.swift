import Glibc

/// Measures Heddle (the engine has benchmarks of its own): `Benchmarks [suite …]`, all suites by default.
///
/// Figures are for comparing with a peer or a floor measured in the same run, never for asserting.
@main
struct Benchmarks {
  static let suites: [(name: String, run: @Sendable () throws -> Void)] = [
    ("reconcile", ReconcileBenchmarks.run), ("fanout", FanoutBenchmarks.run),
    ("storage", StorageBenchmarks.run),
  ]

  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    if let unknown = wanted.first(where: { name in !suites.contains { $0.name == name } }) {
      print("no suite is called '\(unknown)'; there are: \(suites.map(\.name).joined(separator: ", "))")
      exit(64)
    }
    for suite in suites where wanted.isEmpty || wanted.contains(suite.name) {
      print("\n## \(suite.name)")
      try suite.run()
    }
  }
}
