import Storage
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Every request has a name, which is in its answer and in every line that is logged because of it, on whichever thread.
@Suite struct RequestNameTests {
  private final class Spans: SpanRecorder {
    let all = Mutex<[Span]>([])
    let dropped = 0

    func record(_ span: Span) { all.withLock { $0.append(span) } }
  }

  private let workflow = "/api/workflows/\(SampleProject.workflow)"
  private let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test func theAnswerHasTheNameThatTheClientGaveOrANewOne() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(
      try site.request("GET", "/healthz", headers: ["X-Request-Id: my.request-1"]).headers["x-request-id"]
        == "my.request-1")
    for bad in ["a b", "ü", String(repeating: "a", count: 129), "\"x\"", "<script>"] {
      let name = try site.request("GET", "/nothing", headers: ["X-Request-Id: \(bad)"]).headers["x-request-id"]
      #expect(name?.count == 16 && name != bad)
    }
    let names = try (0..<5).compactMap { _ in try site.request("GET", workflow).headers["x-request-id"] }
    #expect(Set(names).count == 5)
  }

  /// The store's thread finds that the document cannot be read, and says so where nobody holds the request any more.
  @Test func linesOfTheStoreAndOfRoomsHaveIt() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(try site.request("GET", workflow).status == 200)
    try site.psql.run("alter table workflow_edges rename to edges_elsewhere")
    let headers = ["X-Request-Id: the-save", "traceparent: \(traceparent)"]
    #expect(try site.request("POST", workflow + "/save", headers: headers + ["Content-Length: 0"]).status >= 500)
    try site.psql.run("alter table edges_elsewhere rename to workflow_edges")
    let lines = site.log.text.split(separator: "\n").filter { $0.contains("the-save") }
    #expect(
      lines.contains { $0.contains("the store could not") && $0.contains("0af7651916cd43dd8448eb211c80319c") },
      "\(lines)")
    #expect(lines.contains { $0.contains("answered a request") && $0.contains("/save") })
    #expect(
      !site.log.text.split(separator: "\n").contains { $0.contains("the store could not") && !$0.contains("the-save") })
  }

  @Test func spansBelongTogether() throws {
    let spans = Spans()
    let site = try AccessSite(network: { $0.tracing.recorder = spans }, wantsTokens: false)
    defer { site.stop() }
    _ = try site.request("GET", workflow, headers: ["traceparent: \(traceparent)"])
    let all = spans.all.withLock { $0 }
    let http = try #require(all.first { $0.name == "http" })
    #expect(http.parent == "b7ad6b7169203331" && http.attributes["http.response.status_code"] == "200")
    #expect(Set(all.map(\.trace.traceID)) == ["0af7651916cd43dd8448eb211c80319c"])
    #expect(all.contains { $0.name == "room" && $0.parent == http.trace.spanID })
    #expect(all.contains { $0.name == "database" && $0.parent == http.trace.spanID && $0.end >= $0.start })
    // What is not sampled above is not recorded here.
    _ = try site.request("GET", workflow, headers: ["traceparent: \(traceparent.dropLast())0"])
    #expect(spans.all.withLock { $0.count } == all.count)
  }

  @Test func theRatioDecidesWhereNobodyElseDoes() throws {
    let spans = Spans()
    let site = try AccessSite(
      network: {
        $0.tracing.recorder = spans
        $0.tracing.ratio = 0
      }, wantsTokens: false)
    defer { site.stop() }
    _ = try site.request("GET", workflow)
    #expect(spans.all.withLock { $0.isEmpty })
    _ = try site.request("GET", workflow, headers: ["traceparent: \(traceparent)"])
    #expect(spans.all.withLock { !$0.isEmpty })
  }

  /// Nobody asked for what follows when somebody writes into the database.
  @Test func anOutsideWriteIsATraceOfItsOwn() throws {
    let spans = Spans()
    let site = try AccessSite(network: { $0.tracing.recorder = spans }, wantsTokens: false)
    defer { site.stop() }
    // As long as somebody is there the document is open.
    let member = try TestWebSocket(port: site.port, target: "/collab/workflow:\(SampleProject.workflow)")
    _ = try member.readMessage()
    try site.psql.run("update workflows set name = 'Otherwise', lock_version = lock_version + 1")
    try until("a reconcile is recorded") { spans.all.withLock { $0.contains { $0.name == "reconcile" } } }
    let all = spans.all.withLock { $0 }
    let reconcile = try #require(all.last { $0.name == "reconcile" })
    #expect(reconcile.parent == nil && reconcile.attributes["document"]?.contains("\(SampleProject.workflow)") == true)
    #expect(all.contains { $0.name == "database" && $0.parent == reconcile.trace.spanID })
    withExtendedLifetime(member) {}
  }
}
