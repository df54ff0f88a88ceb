import TestSupport
import Testing
import Workflow
import YCRDT

/// Imports that meet other imports, saves, typing and ends of the server.
extension ImportScenarioTests {
  @Test func ofTwoImportsAtOnceTheDocumentShowsWhatTheRowsHold() throws {
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { _ in try tab.body(Self.load)?.append(" // mine") }
    try tab.settle()
    let version = try site.rows().lockVersion
    let requests = try (0..<4).map { number in
      try site.beginPost("/api/provision", Self.renaming("Import \(number)"))
    }
    try site.database.run(
      "update workflows set name = 'By hand', lock_version = lock_version + 1 where id = '\(SampleProject.workflow)'")
    for request in requests { #expect(try request.readResponse().status == 201) }
    let rows = try site.rows()
    #expect(rows.lockVersion == version + 5)
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == rows.lockVersion }
    #expect(try tab.content.name == rows.content.name)
    #expect(tab.body(Self.load)?.string == #"upsert("p") // mine"#)
  }

  private static func renaming(_ name: String) -> JSONValue {
    [
      "id": .string(SampleProject.id),
      "workflows": [["id": .string(SampleProject.workflow), "name": .string(name)]],
    ]
  }

  @Test(arguments: Writer.allCases)
  func typingWhileItIsMergedLosesNothing(writer: Writer) throws {
    let site = try Site()
    let tabs = [try Tab(site), try Tab(site, clientID: 900_000_002)]
    func type(_ text: String) throws {
      for (tab, job) in zip(tabs, SampleProject.jobs) {
        for character in text { try tab.edit { _ in try tab.body(job)?.append(String(character)) } }
      }
    }
    try type("// before ")
    try site.write(writer) { content in
      content.jobs[0].body = "// theirs\n" + content.jobs[0].body
      content.jobs.append(Self.imported)
    }
    try type("after")
    let version = try site.rows().lockVersion
    for tab in tabs {
      try tab.wait { doc in
        WorkflowDocument.lockVersion(of: doc) == version
          && SampleProject.jobs.allSatisfy { tab.body($0)?.string.hasSuffix("// before after") == true }
      }
      #expect(tab.body(Self.fetch)?.string == "// theirs\n" + #"get("/patients")// before after"#)
      #expect(tab.body(Self.load)?.string == #"upsert("p")// before after"#)
      #expect(tab.body(Self.imported.id)?.string == "theirs()")
    }
    #expect(tabs[0].doc.stateVector == tabs[1].doc.stateVector)
    #expect(try tabs[0].content == tabs[1].content)
  }

  @Test func anEditOfAJobThatTheTabHasDeletedLeavesTheRestToArrive() throws {
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { try $0.array("jobs").remove(at: 1) }
    let seen = try site.write(.provision, .live, past: tab) { content in
      content.jobs[1].body = "changed()"
      content.jobs[0].body = "changed as well()"
      content.name = "The rest"
    }
    #expect(try seen.content.name == "The rest")
    #expect(seen.body(Self.fetch)?.string == "changed as well()")
  }

  /// The server was gone between the commit of somebody's write and the merge.
  @Test(arguments: [false, true])
  func rowsThatChangedWhileNoServerRanAreMergedOnOpening(wasOpenedBefore: Bool) throws {
    let site = try Site()
    if wasOpenedBefore {
      let tab = try Tab(site)
      try tab.edit { doc in
        try WorkflowDocument.append(Self.added, to: doc)
        try tab.body(Self.load)?.append(" // mine")
      }
      try tab.settle()
      tab.close()
    }
    site.stop()
    try site.database.run(
      """
      update workflows set name = 'Meanwhile', lock_version = lock_version + 1;
      update jobs set body = 'meanwhile()' where id = '\(Self.fetch)';
      insert into jobs (id, workflow_id, name, body)
        values ('\(Self.imported.id)', '\(SampleProject.workflow)', 'Imported', 'theirs()');
      """)
    try site.start()
    let tab = try Tab(site, clientID: 900_000_002)
    let rows = try site.rows()
    #expect(tab.lockVersion == rows.lockVersion)
    #expect(try tab.content.name == "Meanwhile")
    #expect(tab.body(Self.fetch)?.string == "meanwhile()")
    #expect(tab.body(Self.imported.id)?.string == "theirs()")
    #expect(tab.body(Self.load)?.string == #"upsert("p")"# + (wasOpenedBefore ? " // mine" : ""))
    #expect(tab.body(Self.added.id)?.string == (wasOpenedBefore ? "mine()" : nil))
    #expect(try site.isDirty() == wasOpenedBefore)
    guard wasOpenedBefore else { return }
    try site.save()
    #expect(try site.rows().lockVersion == rows.lockVersion + 1)
  }

  @Test(arguments: [Writer.provision, .sql], Presence.allCases)
  func aWorkflowThatIsDeletedWhileItIsOpenSaysSoAndCannotBeSaved(writer: Writer, presence: Presence) throws {
    let site = try Site()
    var tab = try Tab(site)
    try tab.edit { try WorkflowDocument.append(Self.added, to: $0) }
    try tab.settle()
    if presence == .cold {
      tab.close()
      try site.restart()
    }
    if writer == .provision {
      try site.post(
        "/api/provision",
        [
          "id": .string(SampleProject.id),
          "workflows": [["id": .string(SampleProject.workflow), "delete": true]],
        ], expecting: 201)
    } else {
      try site.database.run("update workflows set deleted_at = now(), lock_version = lock_version + 1")
    }
    if presence == .cold { tab = try Tab(site, clientID: 900_000_002) }
    try tab.wait { WorkflowDocument.deletedAt(of: $0) != nil }
    #expect(tab.body(Self.added.id)?.string == "mine()")
    let refusal = try site.post("/api/workflows/\(SampleProject.workflow)/save", expecting: 422)
    #expect(refusal["type"] == "workflow_deleted")
  }

  @Test(arguments: Writer.allCases)
  func aSavedVersionStaysAsItWas(writer: Writer) throws {
    let site = try Site()
    let live = try Tab(site)
    try live.edit { _ in try live.body(Self.load)?.append(" // saved") }
    try live.settle()
    try site.save()
    let version = try site.rows().lockVersion
    let pinned = try Tab(site, clientID: 900_000_002, version: version)
    let content = try pinned.content
    #expect(pinned.body(Self.load)?.string == #"upsert("p") // saved"#)
    try site.write(writer) { content in
      content.name = "Moved on"
      content.jobs[1].body = "moved()"
    }
    try live.wait { WorkflowDocument.lockVersion(of: $0) == version + 1 }
    #expect(live.body(Self.load)?.string == "moved()")
    let opened = try Tab(site, clientID: 900_000_003, version: version)
    #expect(try opened.content == content)
    #expect(pinned.frames == 0)
    #expect(try pinned.content == content)
  }
}
