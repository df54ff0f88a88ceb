import TestSupport
import Workflow

extension HeddleServer {
  /// A value of the page of metrics, without labels; nil where there is none.
  func metric(_ name: String) async throws -> Int? {
    let page = try await request("GET", "/metrics").body.string ?? ""
    return page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }

  /// Waits until a value of the page of metrics is one of these.
  func wait(for name: String, _ values: ClosedRange<Int>, limit: Duration = .seconds(20)) async throws {
    var last: Int?
    try await until("\(name) is in \(values)", limit: limit, state: "\(last ?? -1)") {
      last = try await metric(name)
      return last.map { values.contains($0) } ?? false
    }
  }
}
