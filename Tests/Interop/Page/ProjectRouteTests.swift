import TestSupport
import Testing
import Workflow
import YCRDT

/// `GET /api/projects`: what is in the list, and how it pages.
@Suite struct ProjectRouteTests {
  private let site: Site
  private static let other = "22222222-2222-4222-8222-22222222222f"

  init() throws {
    site = try Site()
    try site.database.run("insert into projects (id, name, description) values ('\(Self.other)', 'Alpha', 'the first')")
  }

  @Test func workflowsAreListedBelowTheirProjects() throws {
    try site.database.run(
      """
      insert into workflows (id, project_id, name, deleted_at)
      values (gen_random_uuid(), '\(Self.other)', 'Gone', now())
      """)
    let list = try #require(try site.get("/api/projects")["data"]?.array)
    #expect(
      list.first == ["id": .string(Self.other), "name": "Alpha", "description": "the first", "workflows": []])
    #expect(list.map { $0["name"] } == ["Alpha", "sample"])
    let rows = try site.rows()
    #expect(
      list.last?["workflows"] == [
        [
          "id": .string(SampleProject.workflow), "name": .string(rows.content.name),
          "lock_version": JSONValue(rows.lockVersion), "jobs": JSONValue(rows.content.jobs.count), "open_conflicts": 0,
          "is_new": false, "open": nil,
        ]
      ])
  }

  @Test func aPageBeginsBehindAProject() throws {
    let first = try #require(try site.get("/api/projects?limit=1")["data"]?.array)
    #expect(first.map { $0["name"] } == ["Alpha"])
    let second = try #require(try site.get("/api/projects?limit=1&after=\(Self.other)")["data"]?.array)
    #expect(second.map { $0["name"] } == ["sample"])
    #expect(try site.get("/api/projects?after=\(SampleProject.id)")["data"] == [])
    #expect(try site.get("/api/projects?after=nobody", expecting: 422)["errors"]?["after"] != nil)
  }

  /// Who has a workflow open is what the servers say of themselves, and what is old counts no more.
  @Test func whoIsThereIsListed() throws {
    let said = "insert into document_presence (workflow_id, node_id, members, names, updated_at) values"
    try site.database.run(
      """
      \(said) ('\(SampleProject.workflow)', gen_random_uuid(), 2, '["Ada", "Grace"]', clock_timestamp()),
        ('\(SampleProject.workflow)', gen_random_uuid(), 1, '["Old"]', clock_timestamp() - interval '1 day')
      """)
    let workflow = try site.get("/api/projects")["data"]?.array?.last?["workflows"]?.array?.first
    #expect(workflow?["open"] == ["members": 2, "names": ["Ada", "Grace"]])
  }

  @Test func openConflictsAreCounted() throws {
    let tab = try Tab(site)
    try tab.subscribe()
    let fetch = SampleProject.jobs[0]
    try tab.edit { doc in
      try doc.array("jobs").elements.first { $0.map?["id"]?.value?.string == fetch }?.map?.set("name", "Mine")
    }
    try tab.settle()
    try site.write(.provision) { $0.jobs[0].name = "Theirs" }
    _ = try tab.event("reconciled")
    let workflow = try site.get("/api/projects")["data"]?.array?.last?["workflows"]?.array?.first
    #expect(workflow?["open_conflicts"] == 1)
  }
}
