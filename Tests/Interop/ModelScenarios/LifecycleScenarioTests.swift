import TestSupport
import Testing
import Workflow
import YCRDT

/// The model system's scenarios 10 to 31, as far as no other test has them: who comes and goes, and what is kept. See
/// Tests/Guarantees.md.
@Suite struct LifecycleScenarioTests {
  @Test func s10_whoComesLaterSeesWhatIsNotSaved() throws {
    let site = try Site()
    let first = try Tab(site)
    try first.edit { try $0.map("workflow").set("name", "Not saved") }
    try first.settle()
    #expect(try Tab(site, clientID: 900_000_002).content.name == "Not saved")
    #expect(try site.rows().content.name == "Intake")
  }

  @Test func s19_presenceWorksAgainAfterALookAtAVersion() throws {
    let site = try Site()
    let ada = try Tab(site, name: "Ada")
    try ada.edit { try $0.map("workflow").set("name", "Saved") }
    try ada.settle()
    try site.save()
    func seesGrace() -> Bool { ada.shown[900_000_002]?.contains("Grace") == true }
    for _ in 0..<2 {
      let live = try Tab(site, clientID: 900_000_002, name: "Grace")
      try ada.wait { _ in seesGrace() }
      try live.wait { _ in live.shown.values.contains { $0.contains("Ada") } }
      live.close()
      try ada.wait { _ in !seesGrace() }
      let pinned = try Tab(site, clientID: 900_000_002, version: 1, name: "Grace")
      #expect(pinned.shown.isEmpty, "a version has a room of its own")
      try ada.settle()
      #expect(!seesGrace())
      pinned.close()
    }
  }

  @Test func s20_whoImportsIsNotPresent() throws {
    let site = try Site()
    let tabs = try [Tab(site, name: "Ada"), Tab(site, clientID: 900_000_002, name: "Grace")]
    try tabs[0].wait { _ in tabs[0].shown.count == 1 }
    for _ in 0..<2 {
      try site.write(.provision) { $0.jobs[0].body += "more()" }
      let version = try site.rows().lockVersion
      for tab in tabs {
        try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
        try tab.settle()
        #expect(tab.shown.count == 1)
      }
    }
  }

  @Test func s26_manyEditsMakeACheckpoint() throws {
    let site = try Site()
    let tab = try Tab(site)
    for number in 0..<600 {
      try tab.edit { try $0.map("positions").set(SampleProject.jobs[1], ["x": .int(Int64(number))]) }
    }
    try tab.settle()
    try until("a checkpoint is taken") {
      try site.database.value("select count(*) from document_checkpoints") != "0"
    }
    let content = try tab.content
    tab.close()
    try site.restart()
    #expect(try Tab(site, clientID: 900_000_002).content == content)
    #expect(content.positions?[SampleProject.jobs[1]] == ["x": 599])
  }
}
