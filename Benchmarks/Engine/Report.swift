/// The table.
enum Report {
  static func head() {
    line("workload", "ours, ms", "peer's, ms", "peer", "ratio", "of fastest", "goal")
  }

  /// Measures one workload, in turn with the first peer that knows it.
  static func row(_ workload: Workload, rounds: Int, peers: [Peer]) throws {
    let iterations = try workload.iterations()
    let peer = peers.first { $0.measure(workload.name) != nil }
    var (ours, theirs) = ([Double](), [Double]())
    for _ in 0..<max(rounds, 1) {
      ours.append(try workload.measure(iterations))
      if let other = peer?.measure(workload.name) { theirs.append(other) }
    }
    comparison(
      workload.name, median(ours), theirs.isEmpty ? nil : median(theirs), peer: peer?.shortName, goal: workload.goal,
      fastest: theirs.min().flatMap { theirs in ours.min().map { theirs / $0 } })
  }

  /// What we measured beside what the peer did, the ratio of the two, the ratio of the fastest rounds, and the goal.
  ///
  /// Where other machines share the processor, rounds differ by a factor of two in phases of seconds: then the medians
  /// of two engines stem from different phases, and only the fastest rounds can be held against each other.
  static func comparison(
    _ name: String, _ ours: Double, _ theirs: Double?, peer: String?, goal: Double, fastest: Double? = nil
  ) {
    line(
      name, format(ours), theirs.map(format) ?? "-", peer ?? "-", theirs.map { "x \(format($0 / ours))" } ?? "-",
      fastest.map { "x \(format($0))" } ?? "-", "x \(format(goal))")
  }

  static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  static func line(_ name: String, _ columns: String...) {
    let padded = columns.map { String(repeating: " ", count: max(1, 13 - $0.count)) + $0 }
    print(name + String(repeating: " ", count: max(1, 58 - name.count)) + padded.joined())
  }

  /// A number with three digits at least.
  static func format(_ value: Double) -> String {
    let digits = value < 1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
