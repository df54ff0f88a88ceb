import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// What those who run the server see of its rooms.
@Suite struct RoomReportTests {
  private func rooms(_ site: AccessSite, _ query: String = "") throws -> JSONValue {
    let answer = try site.request("GET", "/api/rooms\(query)")
    #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store", "\(answer.text)")
    return answer.json
  }

  /// An awareness update with one short state.
  private static func awareness(of client: ClientID, _ state: String) -> [UInt8] {
    func bytes(_ number: UInt64) -> [UInt8] {
      number < 128 ? [UInt8(number)] : [UInt8(number & 127) | 128] + bytes(number >> 7)
    }
    return [1] + bytes(client) + [1] + bytes(UInt64(state.utf8.count)) + Array(state.utf8)
  }

  @Test func aRoomIsShownWithItsMembersAndWhatIsNotSaved() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(try rooms(site)["data"] == [])
    let (tab, reader) = (try CollabAccessTests.Tab(site, token: nil), try CollabAccessTests.Tab(site, token: nil))
    for each in [tab, reader] { #expect(try each.welcome() == nil) }
    try tab.send(.awareness(Self.awareness(of: tab.doc.clientID, "{\"user\":{\"name\":\"Ada\"}}")))
    try tab.acknowledge()
    let fresh = try #require(try rooms(site)["data"]?.array?.first)
    #expect(fresh["document"] == .string("workflow:\(SampleProject.workflow)") && fresh["phase"] == "serving")
    #expect(fresh["workflow"]?["name"] == .string(tab.name ?? ""))
    #expect(fresh["dirty"] == false && fresh["member_count"] == 2 && fresh["behind"] == 0)
    #expect(fresh["members"]?.array?.map { $0["name"] ?? .null } == ["Ada", .null])
    let size = try #require(fresh["bytes"]?["document"]?.integer)
    #expect(size == tab.doc.encodeStateAsUpdate().count)

    try tab.rename(String(repeating: "long ", count: 40))
    try tab.acknowledge()
    let edited = try rooms(site)
    let room = try #require(edited["data"]?.array?.first)
    #expect(room["dirty"] == true && room["counts"]?["updates"] == 1 && room["pending_updates"] == 0)
    #expect((room["bytes"]?["document"]?.integer ?? 0) > size + 150)
    #expect((room["sequence"]?.integer ?? 0) > (fresh["sequence"]?.integer ?? 0))
    #expect(edited["server"]?["rooms"] == 1 && edited["server"]?["members"] == 2)
    #expect(edited["server"]?["database_reachable"] == true)
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/save").status == 200)
    #expect(try rooms(site)["data"]?.array?.first?["dirty"] == false)
  }

  @Test func theFullestRoomsComeFirstAndOnlySoManyAreShown() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/save").status == 200)
    let body: JSONValue = [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [["id": .string(SampleProject.workflow), "name": "First"]],
    ]
    #expect(try site.request("POST", "/api/provision", body).status == 201)
    let version = try CollabAccessTests.Tab(site, token: nil, version: 1)
    #expect(try version.welcome() == nil)
    let tabs = try (0..<2).map { _ in try CollabAccessTests.Tab(site, token: nil) }
    for tab in tabs { #expect(try tab.welcome() == nil) }
    #expect(try rooms(site)["data"]?.array?.map { $0["member_count"] ?? .null } == [2, 1])
    let first = try rooms(site, "?limit=1")
    #expect(first["data"]?.array?.count == 1 && first["server"]?["rooms"] == 2)
    #expect(first["data"]?.array?.first?["version"] == .null)
    #expect(try site.request("GET", "/api/rooms?limit=x").status == 422)
  }

  @Test func mergesOfAllWorkflowsAreListedNewestFirst() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    let tab = try CollabAccessTests.Tab(site, token: nil)
    #expect(try tab.welcome() == nil)
    for name in ["First", "Second"] {
      let body: JSONValue = [
        "id": .string(SampleProject.id), "name": "sample",
        "workflows": [["id": .string(SampleProject.workflow), "name": .string(name)]],
      ]
      #expect(try site.request("POST", "/api/provision", body).status == 201)
      try tab.see(name)
    }
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/save").status == 200)
    let answer = try site.request("GET", "/api/reconciliations")
    let records = try #require(answer.json["data"]?.array)
    #expect(records.map { $0["source"] ?? .null } == ["import", "import"], "\(answer.text)")
    #expect(records[0]["workflow"] == ["id": .string(SampleProject.workflow), "name": "Second"])
    #expect((records[0]["number"]?.integer ?? 0) > (records[1]["number"]?.integer ?? 0))
    #expect(try site.request("GET", "/api/reconciliations?limit=1").json["data"]?.array?.count == 1)
  }
}
