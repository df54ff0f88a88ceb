/// Builds a page in the Prometheus text exposition format (version 0.0.4).
struct PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  mutating func counter(_ name: String, _ help: String, _ value: Int) {
    single(name, "counter", help, String(value))
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    single(name, "gauge", help, String(value))
  }

  mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
    header(name, "histogram", help)
    var cumulative = 0
    for (bound, count) in zip(histogram.bounds, histogram.counts) {
      cumulative += count
      text += "\(name)_bucket{le=\"\(bound)\"} \(cumulative)\n"
    }
    text += "\(name)_bucket{le=\"+Inf\"} \(histogram.total)\n"
    text += "\(name)_sum \(histogram.sum)\n\(name)_count \(histogram.total)\n"
  }

  private mutating func single(_ name: String, _ type: String, _ help: String, _ value: String) {
    header(name, type, help)
    text += "\(name) \(value)\n"
  }

  private mutating func header(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }
}
