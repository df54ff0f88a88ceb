import TestSupport
import Testing
import Workflow
import YCRDT

/// A workflow that is not saved yet, from its making to its first save.
@Suite struct NewWorkflowScenarioTests {
  private static let make = "/api/projects/\(SampleProject.id)/workflows"

  private func made(on site: Site, name: String = "Visits") throws -> String {
    let answer = try site.post(Self.make, ["name": .string(name)], expecting: 201)
    return try #require(answer["data"]?["id"]?.string)
  }

  private func addJob(_ tab: Tab, _ name: String = "Fetch") throws {
    try tab.edit { try WorkflowDocument.append(Job(id: SampleWorkflow.id(), name: name, body: "get()"), to: $0) }
    try tab.settle()
  }

  @Test func editsAreKeptBeforeItIsSaved() throws {
    let site = try Site()
    let id = try made(on: site)
    let first = try Tab(site, workflow: id)
    try addJob(first)
    first.close()
    try site.restart()
    let live = try site.get("/api/workflows/\(id)")
    #expect(live["dirty"] == true && live["data"]?["jobs"]?.array?.count == 1)
    #expect(live["data"]?["lock_version"] == 0)
    #expect(try site.get("/api/workflows/\(id)/versions")["data"] == [])
    try site.post("/api/workflows/\(id)/reset", expecting: 422)
    let tab = try Tab(site, clientID: 900_000_002, workflow: id)
    #expect(try tab.content.jobs.map(\.name) == ["Fetch"])
    #expect(try site.save(id)["lock_version"] == 1)
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == 1 }
    #expect(try site.rows(id).content.isSame(as: tab.content))
    #expect(try site.isDirty(id) == false)
    // Whoever comes again for the new workflow finds the saved one.
    try site.post(Self.make, ["id": .string(id)], expecting: 409)
    try addJob(tab, "Load")
    #expect(try site.save(id)["lock_version"] == 2)
    #expect(try site.rows(id).content.jobs.count == 2)
    try site.database.run("delete from workflows where id = '\(id)'")
    try tab.wait { WorkflowDocument.deletedAt(of: $0) != nil }
    #expect(try site.post("/api/workflows/\(id)/save", expecting: 422)["type"] == "workflow_deleted")
  }

  @Test func namesAndIDs() throws {
    let site = try Site()
    let id = SampleWorkflow.id()
    let made = try site.post(Self.make, ["id": .string(id), "name": "Intake"], expecting: 201)
    #expect(made["data"] == ["id": .string(id), "name": "Intake 1", "document": .string("workflow:\(id)")])
    #expect(try site.post(Self.make, ["id": .string(id)], expecting: 200)["data"]?["name"] == "Intake 1")
    #expect(try site.post(Self.make, expecting: 201)["data"]?["name"] == "Untitled workflow")
    let name = "/api/projects/\(SampleProject.id)/workflow-name"
    #expect(try site.post(name, ["name": " Intake "], expecting: 200) == ["name": "Intake 2"])
    #expect(
      try site.post(name, ["name": "Intake", "id": .string(SampleProject.workflow)], expecting: 200)
        == ["name": "Intake"])
    #expect(try site.post(name, expecting: 200) == ["name": "Untitled workflow 1"])
    #expect(try site.post(Self.make, ["id": "x"], expecting: 422)["errors"]?["id"] != nil)
    try site.post(Self.make, ["name": 1], expecting: 422)
    try site.post(Self.make, [1], expecting: 400)
    try site.post("/api/projects/\(id)/workflows", expecting: 404)
  }

  @Test func anImportOfTheSameWorkflowIsMerged() throws {
    let site = try Site()
    let id = try made(on: site)
    let tab = try Tab(site, workflow: id)
    try addJob(tab)
    let imported: JSONValue = [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [
        [
          "id": .string(id), "name": "Imported",
          "jobs": [["id": .string(SampleWorkflow.id()), "name": "Theirs", "body": "put()"]],
        ]
      ],
    ]
    try site.post("/api/provision", imported, expecting: 201)
    try tab.wait { doc in try WorkflowDocument.extract(doc).jobs.count == 2 }
    #expect(try tab.content.name == "Imported")
    #expect(try site.save(id)["lock_version"] == 2)
    #expect(try site.rows(id).content.jobs.map(\.name).sorted() == ["Fetch", "Theirs"])
  }

  /// Two editors make the same new workflow at once.
  @Test func whoeverMakesItThereIsOneDocument() throws {
    let site = try Site()
    let id = SampleWorkflow.id()
    let sockets = try (0..<4).map { _ in try site.beginPost(Self.make, ["id": .string(id), "name": "Twice"]) }
    let statuses = try sockets.map { try $0.readResponse().status }.sorted()
    #expect(statuses == [200, 200, 200, 201])
    let tabs = try [Tab(site, workflow: id), Tab(site, clientID: 900_000_002, workflow: id)]
    try addJob(tabs[0])
    try tabs[1].wait { try WorkflowDocument.extract($0).jobs.count == 1 }
    #expect(try site.database.run("select count(*) from documents where workflow_id = '\(id)'") == [["1"]])
  }
}
