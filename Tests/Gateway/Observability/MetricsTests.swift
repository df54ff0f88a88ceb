import Foundation
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// What Prometheus gets, and those who look at it.
@Suite struct MetricsTests {
  /// The page of a server that has done something.
  private func page() throws -> PrometheusPage {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    _ = try site.request("GET", "/api/workflows/\(SampleProject.workflow)")
    _ = try site.request("GET", "/nothing")
    return try PrometheusPage(site.request("GET", "/metrics").text)
  }

  private func operations(_ name: String) throws -> String {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Operations/\(name)").standardized
    return try String(contentsOf: file, encoding: .utf8)
  }

  @Test func thePageIsStrictlyInTheFormat() throws {
    let page = try page()
    let values = Dictionary(
      page.families.flatMap { $0.samples.map { ("\($0.name)\($0.labels["status"] ?? "")", $0.value) } }
    ) { first, _ in first }
    #expect(values["heddle_http_requests_total2xx"] == 1 && values["heddle_http_requests_total4xx"] == 1)
    #expect(values["heddle_http_request_seconds_count"] == 2)
    #expect((values["process_resident_memory_bytes"] ?? 0) > 1e6 && (values["process_open_fds"] ?? 0) > 3)
    #expect((values["process_open_fds"] ?? 0) < (values["process_max_fds"] ?? 0))
    #expect(values["heddle_listener_connected"] == 1 && (values["heddle_poll_age_seconds"] ?? 99) < 60)
    #expect(values["heddle_store_pending_limit_bytes"] == Double(256 << 20))
  }

  @Test(arguments: [
    "a 1\n", "# HELP a A.\n# TYPE a gauge\na 1", "# HELP a A.\n# TYPE a counter\na 1\n",
    "# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n", "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
    "# HELP a A.\n# TYPE a gauge\nb 1\n", "# HELP a A.\n# TYPE a gauge\na one\n", "# HELP a A.\n# TYPE a gauge\n",
    "# HELP a_ms A.\n# TYPE a_ms gauge\na_ms 1\n", "# HELP a A.\n# TYPE a gauge\na{b=c} 1\n",
    "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
  ])
  func theReaderIsStrict(text: String) {
    #expect(throws: PrometheusPage.Failure.self) { try PrometheusPage(text) }
  }

  /// Alarms that ask for what is not there never ring.
  @Test(arguments: ["alerts.yml", "dashboard.json", "runbook.md"])
  func everyNameThatIsAskedForIsThere(file: String) throws {
    let names = try page().names
    let text = try operations(file)
    let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }.map(String.init)
    let asked = Set(words.filter { Self.isMetric($0) })
    #expect(asked.count > 5)
    // Those of repositories and of other servers are only where there are some.
    let others = ["heddle_repository_", "heddle_bus_", "heddle_nodes"]
    let missing = asked.subtracting(names).filter { name in !others.contains { name.hasPrefix($0) } }
    #expect(missing == [], "\(file)")
  }

  private static func isMetric(_ word: String) -> Bool {
    (word.hasPrefix("heddle_") || word.hasPrefix("process_"))
      && !["heddle_migrations", "heddle_rows", "heddle_doctor"].contains(word)
  }

  @Test func everyAlarmHasItsChapterAndEveryChapterItsAlarm() throws {
    let alarms = try operations("alerts.yml").split(separator: "\n").compactMap { line in
      line.contains("- alert: ") ? line.split(separator: " ").last.map(String.init) : nil
    }
    let chapters = try operations("runbook.md").split(separator: "\n").filter { $0.hasPrefix("### Heddle") }
    #expect(Set(alarms).count == alarms.count && alarms.count >= 14)
    #expect(chapters.map { String($0.dropFirst(4)) } == alarms)
    let links = try operations("alerts.yml").split(separator: "\n").filter { $0.contains("runbook: ") }
    #expect(links.map { $0.split(separator: "#").last.map(String.init) } == alarms.map { $0.lowercased() })
  }
}
