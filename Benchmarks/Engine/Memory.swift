import ChildProcesses
import Foundation
import YCRDT

/// How much a process grows when it loads a document: each in a fresh process.
enum Memory {
  private static let rows = [("wf500", "wf500-full-v1.bin", 18.3 / 8), ("B4", "b4-full-v1.bin", 2.2 / 1.5)]

  static func report(_ inputs: Inputs, _ options: Options, peer: Peer?) throws {
    let wanted = rows.filter { options.wants("\($0.0): memory") }
    if !wanted.isEmpty { Report.line("\nmemory", "ours, MB", "peer's, MB", "peer", "ratio", "", "goal") }
    for (row, _, goal) in wanted {
      let itself = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
      let text = try ChildProcess.run(itself, ["--data", inputs.folder, "--memory", row]).output
      let ours = (text.split(separator: "\n").last.flatMap { Double($0) } ?? .nan) / 1e6
      let theirs = peer?.memory(row).map { Double($0) / 1e6 }
      Report.comparison("\(row): memory of the loaded document", ours, theirs, peer: peer?.shortName, goal: goal)
    }
  }

  /// What the fresh process does.
  static func printGrowth(_ row: String, _ inputs: Inputs) throws {
    guard let (_, file, _) = rows.first(where: { $0.0 == row }) else { return print("nan") }
    let update = try inputs.bytes(file)
    let warm = try Workloads.loaded(inputs.bytes("wf5-full-v1.bin"))
    let before = try resident()
    let doc = try Workloads.loaded(update)
    print(try resident() - before)
    withExtendedLifetime((warm, doc)) {}
  }

  private static func resident() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}
