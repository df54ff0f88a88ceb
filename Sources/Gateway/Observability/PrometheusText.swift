/// Builds a page in the Prometheus text exposition format (version 0.0.4).
struct PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  mutating func counter(_ name: String, _ help: String, _ value: Int) {
    single(name, "counter", help, String(value))
  }

  /// One line for each set of labels, in the order of these.
  mutating func counter(_ name: String, _ help: String, _ values: [(labels: [String: String], value: Int)]) {
    several(name, "counter", help, values)
  }

  private mutating func several(
    _ name: String, _ type: String, _ help: String, _ values: [(labels: [String: String], value: Int)]
  ) {
    header(name, type, help)
    let lines = values.map { labels, value in
      let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
      return "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }
    text += lines.sorted().joined()
  }

  mutating func counter(_ name: String, _ help: String, _ value: Double) {
    single(name, "counter", help, String(value))
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    single(name, "gauge", help, String(value))
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    single(name, "gauge", help, String(value))
  }

  /// One line for each set of labels, in the order of these.
  mutating func gauge(_ name: String, _ help: String, _ values: [(labels: [String: String], value: Int)]) {
    several(name, "gauge", help, values)
  }

  /// `counts` are those of each bucket and, last, of what lies above every bound.
  mutating func histogram(_ name: String, _ help: String, bounds: [Double], counts: [Int], sum: Double) {
    header(name, "histogram", help)
    var cumulative = 0
    for (bound, count) in zip(bounds, counts) {
      cumulative += count
      text += "\(name)_bucket{le=\"\(bound)\"} \(cumulative)\n"
    }
    let total = counts.reduce(0, +)
    text += "\(name)_bucket{le=\"+Inf\"} \(total)\n\(name)_sum \(sum)\n\(name)_count \(total)\n"
  }

  private mutating func single(_ name: String, _ type: String, _ help: String, _ value: String) {
    header(name, type, help)
    text += "\(name) \(value)\n"
  }

  private mutating func header(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }
}
