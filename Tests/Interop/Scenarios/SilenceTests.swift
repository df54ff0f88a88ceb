import TestSupport
import Testing
import Workflow
import YCRDT

/// What must not reach anybody, and how little must reach everybody.
///
/// That nothing comes is seen without waiting: a rename follows, and it is the next thing that arrives.
extension ImportScenarioTests {
  /// Renames the workflow and expects that this, one version later, is the first that the tabs hear.
  private func expectSilenceBeforeRename(_ site: Site, _ tabs: [Tab], version: Int) throws {
    let heard = tabs.map(\.frames)
    try site.write(.sql) { $0.name = "The next thing" }
    for (tab, heard) in zip(tabs, heard) {
      try tab.wait { WorkflowDocument.lockVersion(of: $0) != version }
      #expect(tab.lockVersion == version + 1)
      #expect(tab.frames == heard + 1)
      #expect(try tab.content.name == "The next thing")
    }
  }

  @Test(arguments: Writer.allCases)
  func anImportOfWhatIsThereReachesNobody(writer: Writer) throws {
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { try WorkflowDocument.append(Self.added, to: $0) }
    try tab.settle()
    let rows = try site.rows()
    try site.write(writer) { _ in }
    #expect(try site.rows() == rows)
    try expectSilenceBeforeRename(site, [tab], version: rows.lockVersion)
  }

  @Test(arguments: Writer.allCases)
  func everythingThatAnImportChangesComesInOneFrame(writer: Writer) throws {
    let site = try Site()
    let tabs = [try Tab(site), try Tab(site, clientID: 900_000_002)]
    try site.write(writer) { content in
      content.name = "Everything"
      content.jobs.removeAll { $0.id == Self.fetch }
      content.jobs[0].body = "changed()"
      content.jobs.append(Self.imported)
      content.edges = [
        Edge(id: SampleProject.edges[0], sourceTriggerID: SampleProject.trigger, targetJobID: Self.load)
      ]
      content.triggers[0].webhookReply = "after_completion"
    }
    let rows = try site.rows()
    for tab in tabs {
      try tab.wait { WorkflowDocument.lockVersion(of: $0) == rows.lockVersion }
      #expect(tab.frames == 1)
      let content = try tab.content
      #expect(content.name == "Everything")
      #expect(Set(content.jobs) == Set(rows.content.jobs))
      #expect(content.edges == rows.content.edges)
      #expect(content.triggers == rows.content.triggers)
      #expect(tab.body(Self.imported.id)?.string == "theirs()")
    }
    try expectSilenceBeforeRename(site, tabs, version: rows.lockVersion)
  }

  @Test func toldTwiceOfAnImportTheDocumentIsMergedOnce() throws {
    let site = try Site()
    let tab = try Tab(site)
    try site.write(.hook) { $0.name = "Once" }
    let version = try site.rows().lockVersion
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
    for _ in 0..<3 {
      try site.post("/hooks/imported", ["workflow_ids": [.string(SampleProject.workflow)]], expecting: 202)
    }
    try expectSilenceBeforeRename(site, [tab], version: version)
  }

  @Test func aSaveIsNotMergedAgain() throws {
    let site = try Site()
    let tabs = [try Tab(site), try Tab(site, clientID: 900_000_002)]
    try tabs[0].edit { try WorkflowDocument.append(Self.added, to: $0) }
    try tabs[1].wait { $0.array("jobs").count == 3 }
    let heard = tabs.map(\.frames)
    try site.save()
    let version = try site.rows().lockVersion
    for (tab, heard) in zip(tabs, heard) {
      try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
      #expect(tab.frames == heard + 1)
    }
    try expectSilenceBeforeRename(site, tabs, version: version)
  }

  @Test func whatIsRolledBackNeverHappened() throws {
    let site = try Site()
    let tab = try Tab(site)
    let rows = try site.rows()
    try site.database.run("begin; update workflows set name = 'No', lock_version = 9; delete from jobs; rollback")
    // A job without a name: the other changes of the document are not made either.
    let refused = try site.post(
      "/api/provision",
      [
        "id": .string(SampleProject.id),
        "workflows": [
          [
            "id": .string(SampleProject.workflow), "name": "No",
            "jobs": [["id": .string(Self.imported.id), "name": "", "body": "x()"]],
          ]
        ],
      ], expecting: 422)
    #expect(refused["errors"]?["workflows"]?["No"]?["jobs"] != nil)
    #expect(try site.rows() == rows)
    try expectSilenceBeforeRename(site, [tab], version: rows.lockVersion)
  }

  @Test func whatIsNotCommittedYetIsNotSeen() throws {
    let site = try Site()
    let tab = try Tab(site)
    let version = try site.rows().lockVersion
    try site.database.run("begin; update workflows set name = 'Later', lock_version = lock_version + 1")
    try site.post("/hooks/imported", ["workflow_ids": [.string(SampleProject.workflow)]], expecting: 202)
    #expect(try site.get("/api/workflows/\(SampleProject.workflow)")["data"]?["name"] == "Intake")
    #expect(tab.frames == 0)
    try site.database.run("commit")
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == version + 1 }
    #expect(try tab.content.name == "Later")
    #expect(tab.frames == 1)
  }

  @Test(arguments: Writer.allCases)
  func onlyTheWorkflowThatChangedIsTouched(writer: Writer) throws {
    let site = try Site()
    let others = ["22222222-2222-4222-8222-22222222222a", "22222222-2222-4222-8222-22222222222b"]
    for (number, other) in others.enumerated() {
      try site.database.run(
        """
        insert into workflows (id, project_id, name) values ('\(other)', '\(SampleProject.id)', 'Other \(number)');
        insert into jobs (id, workflow_id, name, body)
          values (gen_random_uuid(), '\(other)', 'Only', 'only()');
        """)
    }
    let tab = try Tab(site)
    let otherTabs = try others.map { try Tab(site, workflow: $0) }
    for tab in otherTabs {
      try tab.edit { try $0.array("jobs")[0].map?["body"]?.text?.append(" // mine") }
      try tab.settle()
    }
    let before = try others.map(site.rows)
    for other in others { try site.write(writer, workflow: other) { _ in } }
    try site.write(writer) { $0.jobs[0].body = "changed()" }
    let version = try site.rows().lockVersion
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
    #expect(try others.map(site.rows) == before)
    for tab in otherTabs {
      try tab.settle()
      #expect(tab.frames == 0)
      #expect(try tab.content.jobs[0].body == "only() // mine")
    }
  }
}
