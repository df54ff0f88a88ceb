import TestSupport
import Testing
import Workflow
import YCRDT

/// Projects that are copied, changed and merged back, with editors open.
@Suite(.serialized) struct SandboxScenarioTests {
  private let path = "/api/workflows/\(SampleProject.workflow)"
  private let fetch = SampleProject.jobs[0]
  private let load = SampleProject.jobs[1]
  private static let other = "77777777-7777-4777-8777-777777777777"

  private static let otherWorkflow = """
    insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'Other');
    insert into jobs (id, workflow_id, name, body) values ('\(other)', '\(other)', 'Only', 'only()');
    insert into triggers (id, workflow_id, type, cron_expression, enabled)
      values ('\(other)', '\(other)', 'cron', '5 4 * * *', true);
    insert into workflow_edges (id, workflow_id, source_trigger_id, target_job_id)
      values ('\(other)', '\(other)', '\(other)', '\(other)');
    """

  private func text(_ statement: String, _ site: Site) throws -> [String?] {
    try site.database.run(statement).map { $0[0] }
  }

  @Test func aSandboxIsACopyOfItsOwn() throws {
    let site = try Site()
    try site.database.run(
      "update jobs set project_credential_id = '\(SampleProject.credential)' where id = '\(fetch)'")
    let sandbox = try SandboxSite(site)
    let (parent, copy) = (try site.rows(), try sandbox.rows())
    #expect(copy.content.id != parent.content.id && copy.projectID == sandbox.id)
    #expect(copy.content.jobs.map(\.body) == parent.content.jobs.map(\.body))
    #expect(copy.content.jobs.allSatisfy { job in !parent.content.jobs.contains { $0.id == job.id } })
    #expect(copy.content.triggers.map(\.enabled) == [false] && parent.content.triggers.map(\.enabled) == [true])
    #expect(copy.content.jobs[0].projectCredentialID != nil)
    #expect(copy.content.positions?.keys.map { $0 } == [copy.content.jobs[0].id])
    let histories = try text("select version_history::text from workflows order by project_id", site)
    #expect(histories.count == 2 && histories[0] == histories[1] && histories[0]?.hasPrefix("{app:") == true)
    let listed = try site.get("/api/projects/\(SampleProject.id)/sandboxes")["data"]?.array
    #expect(listed?.count == 1 && listed?.first?["id"]?.string == sandbox.id && listed?.first?["workflows"] == 1)
    let tab = try Tab(site, workflow: copy.content.id)
    #expect(try tab.content.jobs.map(\.name) == parent.content.jobs.map(\.name))
  }

  /// #3765/#3815: the parent was edited meanwhile. #4535, #5168: nobody is left with what was. #5182: edits of bystanders stay.
  @Test func s106_aMergeIntoAParentThatWasEditedMeanwhile() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    let tab = try Tab(site)
    try tab.subscribe()
    try tab.edit { _ in try tab.body(load)?.insert("unsaved();\n", at: 0) }
    try tab.settle()
    try sandbox.set("body", "get(\"/people\")", ofJob: "Fetch")
    try sandbox.set("adaptor", "sandbox@1", ofJob: "Load")
    try site.database.run("update jobs set adaptor = 'parent@1' where id = '\(load)'")
    try site.database.run("update workflows set concurrency = 4 where id = '\(SampleProject.workflow)'")
    let answer = try sandbox.merge()["data"]
    #expect(answer?["workflows"]?.array?.map { $0["action"] } == ["change"])
    let rows = try site.rows().content
    #expect(rows.jobs.map(\.id) == SampleProject.jobs && rows.concurrency == 4)
    #expect(rows.jobs[0].body == "get(\"/people\")" && rows.jobs[1].adaptor == "sandbox@1")
    #expect(rows.triggers[0].enabled, "it runs as it did")
    try tab.wait { _ in tab.body(fetch)?.string == "get(\"/people\")" }
    #expect(tab.body(load)?.string.hasPrefix("unsaved();\n") == true)
    #expect(try tab.content.jobs.first { $0.id == load }?.adaptor == "sandbox@1")
    let told = try tab.event("merged")
    #expect(told["source"] == "sandbox" && told["new_conflicts"]?.array?.count == 1)
    let conflict = try #require(try site.get("\(path)/conflicts")["data"]?.array?.first)
    #expect(conflict["unit"] == ["jobs", .string(load), "adaptor"] && conflict["recorded_by"] == "merge")
    #expect(conflict["live"] == "parent@1" && conflict["database"] == "sandbox@1" && conflict["standing"] == "database")
    let id = try #require(conflict["id"]?.string)
    #expect(try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "live"], expecting: 200)["data"] == [])
    try tab.wait { _ in try tab.content.jobs.first { $0.id == load }?.adaptor == "parent@1" }
    #expect(try site.isDirty() == true && site.rows().content.jobs[1].adaptor == "sandbox@1", "a choice is an edit")
  }

  /// #3744
  @Test func s107_aNewWorkflowArrivesWhole() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    try site.database.run(
      Self.otherWorkflow.replacing("'\(SampleProject.id)'", with: "'\(sandbox.id)'"))
    #expect(try sandbox.merge()["data"]?["workflows"]?.array?.map { $0["action"] } == ["create"])
    let found = try text(
      "select id from workflows where project_id = '\(SampleProject.id)' and name = 'Other'", site)
    let id = try #require(found.first ?? nil)
    let content = try site.rows(id).content
    #expect(id != Self.other && content.jobs.map(\.body) == ["only()"])
    #expect(content.triggers.map(\.cronExpression) == ["5 4 * * *"])
    #expect(content.edges.map(\.sourceTriggerID) == [content.triggers[0].id])
    #expect(content.edges.map(\.targetJobID) == [content.jobs[0].id])
    #expect(try Tab(site, workflow: id).content.jobs.map(\.name) == ["Only"])
    // From now on it is one that both have.
    try sandbox.set("body", "more()", ofJob: "Only")
    #expect(try sandbox.merge()["data"]?["workflows"]?.array?.map { $0["action"] } == ["change"])
    #expect(try site.rows(id).content.jobs.map(\.body) == ["more()"])
    #expect(try site.get("/api/workflows/\(id)/conflicts")["data"] == [])
  }

  /// #5182, #4940
  @Test func s108_whatIsNotSelectedStaysAsItIs() throws {
    let site = try Site()
    try site.database.run(Self.otherWorkflow)
    let sandbox = try SandboxSite(site)
    let (tab, bystander) = (try Tab(site), try Tab(site, workflow: Self.other))
    try bystander.edit { _ in try bystander.body(Self.other)?.append(";\nmine();") }
    try bystander.settle()
    try sandbox.set("body", "changed()", ofJob: "Fetch")
    try sandbox.set("body", "changed()", ofJob: "Only")
    let before = try site.rows(Self.other)
    let frames = bystander.frames
    try sandbox.merge(["workflow_ids": [.string(try sandbox.workflow())]])
    try tab.wait { _ in tab.body(fetch)?.string == "changed()" }
    #expect(try site.rows(Self.other) == before)
    try bystander.settle()
    #expect(bystander.frames == frames && bystander.body(Self.other)?.string == "only();\nmine();")
    #expect(try site.get("/api/workflows/\(Self.other)/reconciliations")["data"] == [])
    // The rest, later.
    try sandbox.merge()
    try bystander.wait { _ in bystander.body(Self.other)?.string.contains("changed()") == true }
    #expect(bystander.body(Self.other)?.string.contains("mine();") == true)
  }

  /// #4919/#4940, #5055
  @Test func whatOnlyTheParentHasStaysUnlessItIsNamed() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    try site.database.run(Self.otherWorkflow)
    try site.database.run(
      """
      insert into collections (project_id, name) values ('\(SampleProject.id)', 'patients');
      insert into collections (project_id, name) values ('\(sandbox.id)', 'visits');
      """)
    let before = try site.rows(Self.other)
    try sandbox.merge()
    #expect(try site.rows(Self.other) == before)
    #expect(
      try text("select name from collections where project_id = '\(SampleProject.id)' order by name", site)
        == ["patients", "visits"])
    let answer = try sandbox.merge(["deleted_workflow_ids": [.string(Self.other)]])
    #expect(answer["data"]?["workflows"]?.array?.map { $0["action"] } == ["delete"])
    let deleted = try site.rows(Self.other)
    #expect(deleted.deletedAt != nil && deleted.content.name == "Other_del")
    #expect(deleted.content.triggers.allSatisfy { !$0.enabled })
  }

  /// #4431, #3958: what was merged is what both have in common.
  @Test func mergingAgainChangesNothingAndWarnsOfNothing() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    #expect(try sandbox.merge()["data"]?["workflows"] == [], "nothing was changed")
    let untouched = try site.rows()
    #expect(untouched.lockVersion == 0)
    try sandbox.set("body", "first()", ofJob: "Fetch")
    try sandbox.merge()
    let rows = try site.rows()
    #expect(try sandbox.merge()["data"]?["workflows"] == [] && site.rows() == rows)
    // The parent goes on, the sandbox goes on: elsewhere.
    try site.database.run("update jobs set name = 'Get' where id = '\(fetch)'")
    try sandbox.set("body", "second()", ofJob: "Fetch")
    try sandbox.set("name", "Store", ofJob: "Load")
    try sandbox.merge()
    let content = try site.rows().content
    #expect(content.jobs.map(\.name) == ["Get", "Store"] && content.jobs.map(\.id) == SampleProject.jobs)
    #expect(content.jobs[0].body == "second()")
    #expect(try site.get("\(path)/conflicts")["data"] == [])
  }

  @Test func whatOneSideDeletedAndTheOtherEditedIsKeptAndWaitsForADecision() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    let tab = try Tab(site)
    try tab.subscribe()
    try site.database.run("delete from jobs where project_id = '\(sandbox.id)' and name = 'Load'")
    try site.database.run("update jobs set body = 'edited()' where id = '\(load)'")
    try tab.wait { _ in tab.body(load)?.string == "edited()" }
    try sandbox.merge()
    #expect(try site.rows().content.jobs.map(\.id).contains(load))
    #expect(try tab.event("merged")["new_conflicts"]?.array?.count == 1)
    let conflict = try #require(try site.get("\(path)/conflicts")["data"]?.array?.first)
    #expect(conflict["kind"] == "edit/delete" && conflict["winner"] == "kept" && conflict["standing"] == "live")
    // What the inbox shows is what is stored, and no tick closes it.
    try tab.edit { try $0.map("workflow").set("concurrency", 3) }
    try tab.settle()
    try site.save()
    #expect(try site.get("\(path)/conflicts")["data"]?.array?.count == 1)
    let id = try #require(conflict["id"]?.string)
    try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "database"], expecting: 200)
    try tab.wait { _ in tab.body(load) == nil }
  }

  @Test func aPlanSaysItAndWritesNothing() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    let tab = try Tab(site)
    try tab.subscribe()
    try tab.edit { _ in try tab.body(load)?.insert("unsaved();\n", at: 0) }
    try tab.settle()
    try sandbox.set("adaptor", "sandbox@1", ofJob: "Load")
    try site.database.run("update jobs set adaptor = 'parent@1' where id = '\(load)'")
    let before = try site.rows()
    let plan = try sandbox.merge(plan: true)["data"]
    #expect(plan?["workflows"]?.array?.map { $0["action"] } == ["change"])
    #expect(plan?["workflows"]?.array?.first?["unsaved"]?.array?.isEmpty == false)
    let conflicts = plan?["merge_conflicts"]?[SampleProject.workflow]?.array
    #expect(conflicts?.map { $0["unit"] } == [["jobs", .string(load), "adaptor"]])
    #expect(try site.rows() == before && site.get("\(path)/conflicts")["data"] == [])
    try sandbox.merge()
    #expect(try tab.event("merged")["new_conflicts"]?.array?.count == 1)
  }

  @Test func credentialsAreThoseOfTheParent() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    let copied = try text("select id from project_credentials where project_id = '\(sandbox.id)'", site)
    try site.database.run(
      """
      update jobs set project_credential_id = '\(copied[0] ?? "")' where project_id = '\(sandbox.id)' and name = 'Fetch';
      insert into keychain_credentials (id, project_id, name)
        values ('\(Self.other)', '\(sandbox.id)', 'chain');
      update jobs set keychain_credential_id = '\(Self.other)' where project_id = '\(sandbox.id)' and name = 'Load';
      """)
    try sandbox.merge()
    let jobs = try site.rows().content.jobs
    #expect(jobs[0].projectCredentialID == SampleProject.credential)
    let chains = try text("select id from keychain_credentials where project_id = '\(SampleProject.id)'", site)
    #expect(chains == [jobs[1].keychainCredentialID] && chains != [Self.other])
  }

  @Test func wrongRequestsAreRefusedAndWriteNothing() throws {
    let site = try Site()
    let sandbox = try SandboxSite(site)
    try sandbox.set("body", "changed()", ofJob: "Fetch")
    let project = "/api/projects/\(SampleProject.id)"
    let mine = try JSONValue.string(sandbox.workflow())
    let wrong: [(field: String, value: JSONValue)] = [
      ("workflow_ids", [.string(Self.other)]), ("workflow_ids", "all"), ("deleted_workflow_ids", [mine]),
      ("deleted_workflow_ids", [1]), ("deleted_workflow_ids", [.string(SampleProject.workflow)]),
      ("source", .string(SampleProject.id)), ("source", 7),
    ]
    for (field, value) in wrong {
      #expect(try sandbox.merge([field: value], expecting: 422)["errors"]?[field] != nil, "\(field): \(value)")
    }
    try sandbox.merge(["source": .string(Self.other)], expecting: 404)
    try site.post("\(project)/merge?plan=2", ["source": .string(sandbox.id)], expecting: 422)
    try site.post("/api/projects/\(Self.other)/sandboxes", ["name": "x"], expecting: 404)
    for name in ["", "Big", "a b", 7] as [JSONValue] {
      #expect(try site.post("\(project)/sandboxes", ["name": name], expecting: 422)["errors"]?["name"] != nil)
    }
    #expect(try site.rows().content.jobs[0].body == "get(\"/patients\")")
    // What would not be valid: both gave another job the same name.
    try site.database.run("update jobs set name = 'Same' where id = '\(load)'")
    try sandbox.set("name", "Same", ofJob: "Fetch")
    let errors = try sandbox.merge(expecting: 422)["errors"]
    #expect(errors?["workflows"]?["Intake"]?["jobs"] != nil)
    #expect(try site.rows().content.jobs[0].name == "Fetch")
  }
}
