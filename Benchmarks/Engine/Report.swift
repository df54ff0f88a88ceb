/// The table.
enum Report {
  static func head() {
    line("workload", "ours, ms", "pycrdt, ms", "ratio", "goal, ms")
  }

  /// Measures one workload, in turn with the peer.
  static func row(_ workload: Workload, rounds: Int, peer: Peer?) throws {
    var (ours, theirs) = ([Double](), [Double]())
    for round in 0...rounds {
      let mine = try workload.measure()
      let other = peer?.measure(workload.name)
      // The first round warms up.
      guard round > 0 else { continue }
      ours.append(mine)
      if let other { theirs.append(other) }
    }
    let (mine, other) = (median(ours), theirs.isEmpty ? nil : median(theirs))
    line(
      workload.name, format(mine), other.map(format) ?? "-", other.map { "x \(format($0 / mine))" } ?? "-",
      format(workload.goal))
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
