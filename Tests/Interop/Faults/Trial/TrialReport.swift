import Workflow

/// What became of three nodes of which two were killed in turn.
struct TrialReport {
  var length = Duration.zero
  var documents = 0
  var clients = 0
  var tokens = FaultReport()
  var acknowledgements = 0
  var writes = 0
  var conflicts = 0
  var closes = 0
  /// For each kill, until every client of the dead node was told anew that all it had typed is stored.
  var recoveries: [Duration] = []
  /// The same for the clients of the other nodes.
  var others: [Duration] = []
  /// Of that, how long they waited for the answer; the rest they were thinking.
  var waits: [Duration] = []
  var otherWaits: [Duration] = []
  /// The most memory that each node had.
  var peakMemory: [Int] = []
  /// What the node had that was never killed, at each kill.
  var residentMemory: [Int] = []
  /// What the audit of the doctor said in its last line.
  var audit = ""

  /// As a table in Markdown.
  var table: String {
    let rows: [(String, String)] = [
      ("how long", "\(Int(length / .seconds(1))) s"),
      ("documents, real clients", "\(documents), \(clients)"),
      ("nodes killed", "\(recoveries.count) times"),
      ("edits", "\(tokens.edits)"),
      ("times that a client was told that all of its edits are stored", "\(acknowledgements)"),
      ("saves, imports, changes with SQL", "\(tokens.saves), \(tokens.imports), \(writes)"),
      ("conflicts recorded", "\(conflicts)"),
      ("connections lost, and made anew", "\(closes)"),
      ("edits lost", "\(tokens.lost)"),
      ("edits doubled", "\(tokens.doubled)"),
      ("until all clients of the killed node were told anew", Self.summary(recoveries)),
      ("of that, the longest that one waited for the answer", Self.summary(waits)),
      ("the same at the other nodes meanwhile", "\(Self.summary(others)); waited \(Self.summary(otherWaits))"),
      ("most memory of each node", peakMemory.map(Self.mebibytes).joined(separator: ", ")),
      ("memory of the node that was never killed, from first to last", memoryOverTime),
    ]
    return "| | |\n|---|---|\n" + rows.map { "| \($0) | \($1) |" }.joined(separator: "\n")
  }

  /// At first, at last, and at up to six times between them, evenly.
  private var memoryOverTime: String {
    guard !residentMemory.isEmpty else { return "-" }
    let steps = min(7, residentMemory.count - 1)
    let values = (0...steps).map { residentMemory[$0 * (residentMemory.count - 1) / max(1, steps)] }
    return values.map(Self.mebibytes).joined(separator: ", ")
  }

  private static func summary(_ times: [Duration]) -> String {
    let sorted = times.sorted()
    guard let worst = sorted.last else { return "-" }
    return "median \(seconds(sorted[sorted.count / 2])), worst \(seconds(worst))"
  }

  private static func seconds(_ time: Duration) -> String { "\(Double(Int(time / .milliseconds(10))) / 100) s" }
  private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
