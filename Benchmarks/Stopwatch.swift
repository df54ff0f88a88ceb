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

  /// A number with some decimals, without Foundation.
  static func format(_ value: Double, digits: Int = 3) -> String {
    let unit = (0..<digits).reduce(1) { unit, _ in unit * 10 }
    let parts = Int((value * Double(unit)).rounded())
    let fraction = String(parts % unit)
    return "\(parts / unit).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}

extension Duration {
  /// This duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
