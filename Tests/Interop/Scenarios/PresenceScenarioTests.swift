import Gateway
import TestSupport
import Testing
import Workflow
import YCRDT

/// What an import finds out about people at work, through the whole server.
@Suite(.serialized) struct PresenceScenarioTests {
  @Test func aServerThatStopsTellsOfNobodyAnyMore() throws {
    let site = try Site()
    let tab = try Tab(site)
    let presences = "select count(*) from document_presence"
    try until("it tells of one") { try site.database.value(presences) == "1" }
    site.stop()
    #expect(try site.database.value(presences) == "0")
    tab.close()
  }

  @Test func anImportThatWaitsInVainImportsNothing() throws {
    let site = try Site(configure: { $0.responseTimeout = .seconds(4) })
    let tab = try Tab(site)
    try tab.edit { try $0.map("workflow").set("name", "Mine") }
    try tab.settle()
    let before = try site.rows()
    let document: JSONValue = [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [
        [
          "id": .string(SampleProject.workflow), "name": "Theirs", "jobs": before.content.json["jobs"] ?? [],
          "triggers": before.content.json["triggers"] ?? [], "edges": before.content.json["edges"] ?? [],
        ]
      ],
    ]
    let start = ContinuousClock.now
    let answer = try site.post("/api/provision?if_editing=wait", document, expecting: 409)
    #expect(ContinuousClock.now - start >= .seconds(2), "it did not wait")
    #expect(answer["type"] == "editing")
    #expect(answer["data"]?["workflows"]?.array?.first?["unsaved"]?.array?.count == 1)
    #expect(try site.rows() == before)
  }
}
