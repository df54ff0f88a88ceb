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
    let deadline = ContinuousClock.now + limit
    var last: Int?
    while ContinuousClock.now < deadline {
      last = try await metric(name)
      if let last, values.contains(last) { return }
    }
    throw StartFailure(message: "\(name) is \(last ?? -1) and not in \(values)")
  }
}
