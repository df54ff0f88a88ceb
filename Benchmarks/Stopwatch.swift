/// Times a body several times and prints the median, the fastest and the slowest run.
enum Stopwatch {
  /// Runs `body` once to warm up and then `runs` times; prints one line and returns the median in milliseconds.
  @discardableResult
  static func measure(_ name: String, runs: Int = 7, _ body: () throws -> Void) rethrows -> Double {
    try body()
    var times: [Double] = []
    for _ in 0..<runs {
      times.append(try ContinuousClock().measure(body).milliseconds)
    }
    times.sort()
    let median = times[times.count / 2]
    row(name, "median \(format(median)) ms   fastest \(format(times[0]))   slowest \(format(times[times.count - 1]))")
    return median
  }

  /// Prints one aligned line of the report.
  static func row(_ name: String, _ text: String) {
    print(name + String(repeating: " ", count: max(1, 56 - name.count)) + text)
  }

  /// A number with three decimals, without Foundation.
  static func format(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let fraction = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }
}

extension Duration {
  /// This duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
