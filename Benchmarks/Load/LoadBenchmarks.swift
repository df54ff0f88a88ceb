import Foundation

/// Measures our server beside its peers and beside what the machine can do, with one generator, on the same machine, in one run:
/// `LoadBenchmarks [--servers heddle,y-websocket] [--only part-of-a-name] [--hours 0.25]`. Prints a table in Markdown.
@main
struct LoadBenchmarks {
  static func main() {
    let arguments = CommandLine.arguments
    let value = { (flag: String) in
      arguments.firstIndex(of: flag).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
    }
    let wanted = value("--servers").map { $0.split(separator: ",").map(String.init) }
    let servers = LoadServer.Kind.allCases.filter { wanted?.contains($0.rawValue) ?? true }
    let only = value("--only") ?? ""
    let hours = value("--hours").flatMap { Double($0) } ?? 0.25
    let root = FileManager.default.currentDirectoryPath
    print("| scenario | \(servers.map(\.rawValue).joined(separator: " | ")) |")
    print("|---|\(servers.map { _ in "--:" }.joined(separator: "|"))|")
    for scenario in LoadScenario.all(hours: hours) where only.isEmpty || scenario.name.contains(only) {
      let figures = servers.map { measure(scenario, $0, root) }
      print("| \(scenario.name) | \(figures.joined(separator: " | ")) |")
      fflush(nil)
    }
    print("\nFloor, in the same run:")
    for line in LoadFloor.measure() { print("* \(line)") }
  }

  /// Each figure is of a server of its own, that has nothing else behind it.
  private static func measure(_ scenario: LoadScenario, _ kind: LoadServer.Kind, _ root: String) -> String {
    do {
      let server = try LoadServer(kind, root: root, arguments: scenario.arguments)
      defer { server.stop() }
      return try scenario.run(server)
    } catch {
      return "\(error)"
    }
  }
}
