import TestSupport
import Testing
import Workflow
import YCRDT

/// Why a save is refused is in the document: for everybody who has it open, and for who opens it later.
@Suite struct SaveErrorTests {
  private static let job = SampleProject.jobs[0]
  private static let save = "/api/workflows/\(SampleProject.workflow)/save"

  private func errors(_ tab: Tab) -> JSONValue { JSONValue(tab.doc.map("errors").json) }

  private func rename(_ tab: Tab, _ name: String) throws {
    try tab.edit { doc in
      let jobs = doc.array("jobs").elements.compactMap(\.map)
      try jobs.first { $0["id"]?.value == .string(Self.job) }?.set("name", .string(name))
    }
    try tab.settle()
  }

  @Test func everybodySeesThemUntilTheyAreFixed() throws {
    let site = try Site()
    let tabs = try [Tab(site), Tab(site, clientID: 900_000_002)]
    try rename(tabs[0], "")
    let answer = try site.post(Self.save, expecting: 422)
    let expected: JSONValue = ["jobs": [Self.job: ["name": ["job name can't be blank"]]]]
    #expect(answer["errors"] == expected && answer["type"] == "validation_error")
    for tab in tabs {
      try tab.wait { _ in errors(tab) == expected }
      tab.close()
    }
    try site.restart()
    let late = try Tab(site, clientID: 900_000_003)
    #expect(errors(late) == expected)
    #expect(try site.isDirty() == true)
    #expect(
      try site.database.run("select count(*) from reconciliations")[0][0] == "0", "a refusal is no record")
    try rename(late, "Fixed")
    #expect(try site.save()["lock_version"] == 1)
    try late.wait { _ in errors(late) == [:] }
    #expect(try site.isDirty() == false)
  }

  /// A name that is taken shows only when the rows are written.
  @Test func whatOnlyTheDatabaseKnowsIsSeenToo() throws {
    let site = try Site()
    try site.database.run(
      "insert into workflows (id, project_id, name) values (gen_random_uuid(), '\(SampleProject.id)', 'Taken')")
    let tab = try Tab(site)
    try tab.edit { try $0.map("workflow").set("name", "Taken") }
    try tab.settle()
    for _ in 0..<2 {
      let answer = try site.post(Self.save, expecting: 422)
      #expect(answer["errors"]?["name"] == ["a workflow with this name already exists in this project."])
      try tab.wait { _ in
        errors(tab) == ["workflow": ["name": ["a workflow with this name already exists in this project."]]]
      }
    }
    try tab.edit { try $0.map("workflow").set("name", "Free") }
    try tab.settle()
    #expect(try site.save()["workflow"]?["name"] == "Free")
    try tab.wait { _ in errors(tab) == [:] }
  }

  @Test func aResetClearsThem() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "")
    try site.post(Self.save, expecting: 422)
    try tab.wait { _ in errors(tab) != [:] }
    try site.post("/api/workflows/\(SampleProject.workflow)/reset", expecting: 200)
    try tab.wait { _ in errors(tab) == [:] }
    #expect(try tab.content.isSame(as: site.rows().content))
  }

  @Test func anImportTakesAwayWhatItFixes() throws {
    let site = try Site()
    let tab = try Tab(site)
    try rename(tab, "")
    try site.post(Self.save, expecting: 422)
    try tab.wait { _ in errors(tab) != [:] }
    try site.write(.provision) { $0.jobs[0].name = "Imported" }
    try tab.wait { _ in errors(tab) == [:] }
  }
}
