import TestSupport
import Testing
import Workflow
import YCRDT

/// `GET /api/workflows/<id>/blame`: its form, and what is wrong with a request.
@Suite struct BlameRouteTests {
  private let site: Site
  private let path = "/api/workflows/\(SampleProject.workflow)/blame"
  private let fetch = SampleProject.jobs[0]

  init() throws { site = try Site() }

  private func units(_ query: String = "") throws -> [[String]] {
    (try site.get(path + query)["data"]?["units"]?.array ?? []).map { unit in
      (unit["unit"]?.array ?? []).compactMap(\.string)
    }
  }

  @Test func aTextIsToldByRangesInUTF16() throws {
    let tab = try Tab(site, name: "Ada")
    let length = try #require(tab.body(fetch)?.utf16Count)
    try tab.edit { _ in try tab.body(fetch)?.insert("🙂", at: 3) }
    try tab.settle()
    let answer = try #require(try site.get("\(path)?path=jobs/\(fetch)/body")["data"])
    let units = try #require(answer["units"]?.array)
    #expect(units.count == 1)
    #expect(units[0]["length"] == JSONValue(length + 2))
    let ranges = try #require(units[0]["ranges"]?.array)
    #expect(ranges.map { [$0["start"]?.integer, $0["end"]?.integer] } == [[0, 3], [3, 5], [5, length + 2]])
    let writes = try #require(answer["writes"]?.array)
    #expect(writes.count == 2)
    let typed = try #require(ranges[1]["write"]?.integer.map { writes[$0] })
    #expect(typed["source"] == "member")
    #expect(typed["actor"] == ["type": "member", "id": nil, "name": "Ada"])
    #expect(typed["client"] == 900_000_001)
    #expect(typed["version"] == nil || typed["version"] == .null)
    #expect(typed["at"]?.string?.hasSuffix("Z") == true)
    #expect(typed["before"] == .null)
  }

  @Test func aPathNarrowsIt() throws {
    let all = try units()
    #expect(all.contains(["workflow", "name"]))
    #expect(all.contains(["jobs", fetch]))
    #expect(all.contains(["positions", fetch]))
    #expect(Set(all).count == all.count)
    for narrow in [
      "workflow", "jobs", "jobs/\(fetch)", "jobs/\(fetch)/body", "workflow/name", "triggers", "edges", "positions",
    ] {
      let wanted = narrow.split(separator: "/").map(String.init)
      #expect(try units("?path=\(narrow)") == all.filter { $0.starts(with: wanted) }, "\(narrow)")
    }
  }

  @Test func wrongRequestsAreRefusedInPlainWords() throws {
    func errors(_ target: String, _ status: Int) throws -> JSONValue {
      try site.get(target, expecting: status)["errors"] ?? .null
    }
    #expect(try errors("\(path)?path=job", 422)["path"] != nil)
    #expect(try errors("\(path)?path=jobs/none", 404)["base"] != nil)
    #expect(try errors("\(path)?path=workflow/none", 404)["base"] != nil)
    #expect(try errors("/api/workflows/none/blame", 404)["base"] != nil)
    #expect(try errors("/api/workflows/\(SampleProject.id)/blame", 404)["base"] != nil)
    site.stop()
    try site.database.run("delete from jobs; delete from triggers")
    try site.start()
    #expect(try units("?path=edges") == [])
  }

  /// An import that comes while nobody has the document open is in the answer.
  @Test func aColdDocumentIsMergedFirst() throws {
    _ = try units()
    try site.restart()
    try site.write(.provision) { $0.jobs[0].name = "Imported" }
    let answer = try #require(try site.get("\(path)?path=jobs/\(fetch)/name")["data"])
    let write = try #require(answer["writes"]?.array?.first)
    #expect(write["source"] == "import")
    #expect(write["reconciliation"] == 1)
    #expect(write["version"] == JSONValue(try site.rows().lockVersion))
  }
}

extension Interop {
  /// Real Yjs clients type, and are found in the answer.
  @Suite struct BlameClientTests {
    @Test(arguments: ScriptedClient.Kind.allCases)
    func g18_whatARealClientTypesIsItsOwnAlsoAfterAKill(kind: ScriptedClient.Kind) async throws {
      var server = try await HeddleServer(arguments: ["--checkpoint-updates", "5", "--retained-checkpoints", "1"])
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(kind, sample, on: server)
      _ = try await client.perform("awareness", ["state": ["user": ["name": "Ada"]]])
      for number in 0..<12 { try await client.edit(.type("\(number % 10)", into: sample.body, at: 3 + number)) }
      let vector = try await client.stateVector()
      try await sample.importProject(sample.project(firstBody: SampleWorkflow.firstBody + "more();\n"), into: server)
      try await client.wait(.text(at: sample.body, contains: "more();"))
      try await client.drop()
      for _ in 0..<2 {
        let (status, answer) = try await server.request(
          "GET", "/api/workflows/\(sample.id)/blame?path=jobs/\(sample.firstJobID)/body")
        #expect(status == 200)
        let writes = answer["data"]?["writes"]?.array ?? []
        let ranges = answer["data"]?["units"]?.array?.first?["ranges"]?.array ?? []
        let told = ranges.map { range in
          let write = range["write"]?.integer.map { writes[$0] }
          return
            "\(range["start"]?.integer ?? -1)-\(range["end"]?.integer ?? -1) \(write?["source"]?.string ?? "-") \(write?["actor"]?["name"]?.string ?? "-")"
        }
        let length = SampleWorkflow.firstBody.utf16.count + 12
        #expect(
          told == ["0-3 import -", "3-15 member Ada", "15-\(length) import -", "\(length)-\(length + 8) import -"])
        let clients = Set(writes.compactMap { $0["client"]?.integer })
        #expect(clients.count == 1)
        #expect(clients.allSatisfy { vector["\($0)"] != nil })
        server = try await server.killAndRestart()
      }
      try await client.stop()
      try await server.stop()
    }
  }
}
