import TestSupport
import Testing
import Workflow
import YCRDT

/// The model system's scenarios 47 to 59, as far as no other test has them: saving and going back. See
/// Tests/Guarantees.md.
@Suite struct SaveScenarioTests {
  private static let path = "/api/workflows/\(SampleProject.workflow)"

  private func rename(_ tab: Tab, _ name: String) throws {
    try tab.edit { try $0.map("workflow").set("name", .string(name)) }
    try tab.settle()
  }

  @Test func s47_nothingToSaveMakesNoVersion() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "Once")
    for _ in 0..<3 { #expect(try site.save()["lock_version"] == 1) }
    #expect(try site.database.value("select count(*) from workflow_snapshots where lock_version > 0") == "1")
    #expect(try site.database.value("select count(*) from project_audit") == "1")
  }

  @Test func s48_aRenameMakesOneVersionAndIsToldOnce() throws {
    let site = try Site()
    let tabs = try [Tab(site), Tab(site, clientID: 900_000_002)]
    try tabs[1].subscribe()
    try rename(tabs[0], "Renamed")
    #expect(try site.save()["lock_version"] == 1)
    for tab in tabs { try tab.wait { WorkflowDocument.lockVersion(of: $0) == 1 } }
    #expect(try tabs[1].event("saved")["lock_version"] == 1)
    try tabs[1].settle()
    #expect(tabs[1].events.filter { $0["type"] == "saved" }.count == 1)
    #expect(try site.database.value("select count(*) from workflow_snapshots where lock_version = 1") == "1")
  }

  @Test func s54_aDeletedWorkflowIsNeitherSavedNorReset() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "Mine")
    try site.database.run("update workflows set deleted_at = now()")
    for verb in ["save", "reset"] {
      let refusal = try site.post("\(Self.path)/\(verb)", expecting: 422)
      #expect(refusal["type"] == "workflow_deleted")
      #expect(refusal["errors"]?["base"] == ["This workflow has been deleted"])
    }
    #expect(try tab.content.name == "Mine", "nobody's writing is lost")
  }

  @Test func s57_aSaveOverwritesNothingThatItHasNotSeen() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "Mine")
    // Somebody writes the rows and tells nobody: the save finds out by itself.
    try site.database.run(
      """
      begin; set local session_replication_role = replica;
      update jobs set body = 'theirs()' where id = '\(SampleProject.jobs[1])';
      update workflows set lock_version = 8, revision = nextval('workflow_revisions'); commit
      """)
    let saved = try site.save()
    #expect(saved["lock_version"] == 9)
    let rows = try site.rows().content
    #expect(rows.name == "Mine" && rows.jobs.contains { $0.body == "theirs()" })
  }

  @Test func s58_aResetShowsTheRowsToEverybody() throws {
    let site = try Site()
    let tabs = try [Tab(site), Tab(site, clientID: 900_000_002)]
    try tabs[0].edit { doc in
      try doc.map("workflow").set("name", "Mine")
      try doc.map("positions").removeAll()
      try doc.map("positions").set(SampleProject.jobs[1], ["x": 9, "y": 9])
      try doc.map("errors").set("workflow", ["name": ["odd"]])
      try WorkflowDocument.append(Job(id: SampleWorkflow.id(), name: "Mine", body: "mine()"), to: doc)
      try doc.array("edges").remove(at: 0)
    }
    try tabs[0].settle()
    let before = tabs[1].doc.array("jobs")[0].map
    #expect(try site.post("\(Self.path)/reset", expecting: 200)["lock_version"] == 0)
    let rows = try site.rows()
    for tab in tabs {
      try tab.wait { try WorkflowDocument.extract($0).changes(to: rows.content).isEmpty }
      #expect(tab.doc.map("errors").isEmpty && tab.lockVersion == rows.lockVersion)
    }
    #expect(before?["name"]?.value == "Fetch", "what was right is the same item")
  }

  @Test func s59_whileASaveTakesLongEverythingElseGoesOn() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "Mine")
    let writer = try PlainConnection(site.conninfo)
    try writer.run("begin; select from workflows for update")
    let save = try site.beginPost("\(Self.path)/save", [:])
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    try until("the save waits") { try site.database.value(waits) != "0" }
    #expect(try site.get(Self.path)["data"]?["name"] == "Mine")
    try tab.edit { try $0.map("workflow").set("concurrency", 3) }
    try tab.settle()
    #expect(try Tab(site, clientID: 900_000_002).content.concurrency == 3)
    try writer.run("rollback")
    let answer = try save.readResponse()
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try site.rows().content.name == "Mine")
  }
}
