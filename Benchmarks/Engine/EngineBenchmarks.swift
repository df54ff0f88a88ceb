import Foundation

/// Measures the engine beside pycrdt (Yrs), and beside Yjs where pycrdt cannot do the work: both do each workload in turn,
/// on the same bytes, for several rounds.
///
///     EngineBenchmarks [--data FOLDER] [--rounds N] [--only TEXT] [--python PATH]
///
/// Figures are for comparing with the peer or a floor measured in the same run, never for asserting.
@main
struct EngineBenchmarks {
  static func main() throws {
    let options = Options(CommandLine.arguments.dropFirst())
    let inputs = try Inputs(options.folder)
    if let row = options.memory { return try Memory.printGrowth(row, inputs) }
    let workloads = options.wanted(try Workloads.all(inputs))
    if let repeats = options.repeats { return try workloads.forEach { try $0.repeated(repeats) } }

    let peers = Peer.all(python: options.python, folder: options.folder)
    let names = peers.isEmpty ? "nobody" : peers.map(\.name).joined(separator: ", ")
    print("inputs: \(options.folder)\nmedians of \(options.rounds) rounds; beside us: \(names)\n")
    Report.head()
    for workload in workloads { try Report.row(workload, rounds: options.rounds, peers: peers) }
    try Memory.report(inputs, options, peer: peers.first { $0.shortName == "pycrdt" })
    try Growth.report(options)
  }
}

/// What the command line asks for.
struct Options {
  var folder = ".build/bench-inputs"
  var rounds = 7
  var only: String?
  var python = "python3"
  /// Print how much memory this document takes, and nothing else: what a fresh process is started for.
  var memory: String?
  /// Do the workload so many times without measuring: what instructions are counted of.
  var repeats: Int?

  init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { Self.fail("\(name) lacks its value") }
      switch name {
      case "--data": folder = value
      case "--rounds": rounds = Self.number(value)
      case "--only": only = value
      case "--python": python = value
      case "--memory": memory = value
      case "--repeat": repeats = Self.number(value)
      default: Self.fail("unknown option \(name); there are --data, --rounds, --only, --python, --repeat")
      }
    }
  }

  func wants(_ name: String) -> Bool { only.map { name.contains($0) } ?? true }

  /// The workload with the name asked for, or else all whose names contain it.
  func wanted(_ workloads: [Workload]) -> [Workload] {
    workloads.first { $0.name == only }.map { [$0] } ?? workloads.filter { wants($0.name) }
  }

  private static func number(_ text: String) -> Int {
    guard let number = Int(text), number >= 0 else { fail("'\(text)' is not a number") }
    return number
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(64)
  }
}
