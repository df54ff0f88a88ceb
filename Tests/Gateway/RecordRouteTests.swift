import Rooms
import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// What a room did can be taken out of a running server, and is replayed to the same bytes.
@Suite struct RecordRouteTests {
  private static let path = "/api/workflows/\(SampleProject.workflow)/record"

  /// Reads a record and replays it.
  @discardableResult
  private func replayed(_ answer: TestResponse) throws -> RoomRecord {
    #expect(answer.status == 200 && answer.headers["content-type"] == "application/jsonl", "\(answer.text)")
    let record = try RoomRecord(parsing: answer.body)
    var replay = try RecordReplay(record)
    replay.run()
    #expect(replay.difference == nil && record.header.difference == nil, "\(String(describing: replay.difference))")
    return record
  }

  @Test func aRecordIsTakenOutAndReplayed() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(try site.request("GET", Self.path).status == 404)
    let tab = try CollabAccessTests.Tab(site, token: nil)
    #expect(try tab.welcome() == nil)
    try tab.rename("Zebra crossing")
    try tab.acknowledge()
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/save").status == 200)
    try site.psql.run("update workflows set concurrency = 9 where id = '\(SampleProject.workflow)'")
    try tab.read { _ in tab.doc.map("workflow")["concurrency"]?.value == .int(9) ? true : nil }
    let redacted = try site.request("GET", Self.path)
    let record = try replayed(redacted)
    #expect(record.header.isRedacted && record.steps.count > 5)
    #expect(!redacted.text.contains("Zebra") && !redacted.text.contains("fn("))
    let whole = try site.request("GET", Self.path + "?content=1")
    #expect(try !replayed(whole).header.isRedacted)
    #expect(site.log.text.contains("with its content"))
  }

  /// It may take longer than other answers.
  @Test func aRecordThatTakesLongIsTakenOutAllTheSame() throws {
    let site = try AccessSite(
      network: {
        $0.tickInterval = .milliseconds(10)
        $0.responseTimeout = .milliseconds(300)
      }, wantsTokens: false,
      gateway: {
        $0.records.maximumBytes = 16 << 20
        $0.records.maximumTotalBytes = 64 << 20
      })
    defer { site.stop() }
    let tab = try CollabAccessTests.Tab(site, token: nil)
    #expect(try tab.welcome() == nil)
    // In all four megabytes, of which each step has a part.
    for number in 0..<400 { try tab.rename("\(number)" + String(repeating: "long ", count: 2000)) }
    try tab.acknowledge()
    let clock = ContinuousClock()
    var answer: TestResponse?
    let time = try clock.measure { answer = try site.request("GET", Self.path) }
    try replayed(try #require(answer))
    #expect(time > .milliseconds(300), "else this shows nothing")
  }

  /// Who runs the server need not be allowed to read every document.
  @Test func contentIsForWhoMayReadTheWorkflow() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let tab = try CollabAccessTests.Tab(site, token: try site.token(.editor))
    #expect(try tab.welcome() == nil)
    let operators: [Person] = [.superuser, .superEditor]
    for person in Person.allCases where !operators.contains(person) {
      #expect(try site.request("GET", Self.path, as: person).status == 403)
    }
    for person in operators {
      #expect(try site.request("GET", Self.path, as: person).status == 200)
      let expected = person == .superuser ? 403 : 200
      #expect(try site.request("GET", Self.path + "?content=1", as: person).status == expected)
    }
  }

  @Test func recordsCanBeTurnedOff() throws {
    let site = try AccessSite(wantsTokens: false) { $0.records.maximumBytes = 0 }
    defer { site.stop() }
    let tab = try CollabAccessTests.Tab(site, token: nil)
    #expect(try tab.welcome() == nil)
    #expect(try site.request("GET", Self.path).status == 404)
  }

  /// A room that ended because its document cannot be read is gone, and its record is not.
  @Test func theRecordOfAFaultIsKept() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    _ = try site.store.wait { site.store.open(DocumentName(workflowID: SampleProject.workflow), $0) }
    try site.psql.run("update document_updates set data = '\\x03010101'")
    #expect(try site.request("GET", "/api/workflows/\(SampleProject.workflow)").status != 200)
    let record = try RoomRecord(parsing: try site.request("GET", Self.path).body)
    #expect(record.header.fault?.contains("loaded") == true || record.header.fault?.contains("read") == true)
    #expect(try site.request("GET", "/metrics").text.contains("heddle_room_faults_total 1"))
  }
}
