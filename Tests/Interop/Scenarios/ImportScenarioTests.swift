import TestSupport
import Testing
import Workflow
import YCRDT

/// What people see when somebody changes the rows of a workflow that they edit, or had edited.
@Suite(.serialized) struct ImportScenarioTests {
  static let fetch = SampleProject.jobs[0]
  static let load = SampleProject.jobs[1]
  static let added = Job(id: "33333333-3333-4333-8333-33333333333a", name: "Unsaved", body: "mine()")
  static let imported = Job(id: "33333333-3333-4333-8333-33333333333b", name: "Imported", body: "theirs()")

  @Test(arguments: Writer.allCases, Presence.allCases)
  func aRenameArrivesWithItsVersion(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let tab = try site.write(writer, presence, past: Tab(site)) { $0.name = "Renamed" }
    #expect(try tab.content.name == "Renamed")
    #expect(try tab.content.jobs.count == 2)
    #expect(try tab.lockVersion == site.rows().lockVersion)
    #expect(try site.isDirty() == false)
  }

  @Test(arguments: Writer.allCases, Presence.allCases)
  func anImportedJobStandsBesideAnUnsavedOneAndASaveKeepsBoth(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let first = try Tab(site)
    try first.edit { try WorkflowDocument.append(Self.added, to: $0) }
    let tab = try site.write(writer, presence, past: first) { $0.jobs.append(Self.imported) }
    let new = try Tab(site, clientID: 900_000_002)
    for tab in [tab, new] {
      #expect(try Set(tab.content.jobs.map(\.name)) == ["Fetch", "Load", "Unsaved", "Imported"])
      #expect(try tab.lockVersion == site.rows().lockVersion)
    }
    #expect(try site.isDirty() == true)
    let before = try site.rows().lockVersion
    try site.save()
    let rows = try site.rows()
    #expect(Set(rows.content.jobs.map(\.name)) == ["Fetch", "Load", "Unsaved", "Imported"])
    #expect(rows.lockVersion == before + 1)
    try tab.wait { WorkflowDocument.lockVersion(of: $0) == rows.lockVersion }
    #expect(try site.isDirty() == false)
  }

  @Test(arguments: Writer.allCases, Presence.allCases)
  func aChangedBodyKeepsWhatWasTypedElsewhereInIt(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let first = try Tab(site)
    try first.edit { _ in try first.body(Self.fetch)?.insert("// mine\n", at: 0) }
    let identity = first.body(Self.fetch)?.liveIDs()
    let tab = try site.write(writer, presence, past: first) { $0.jobs[0].body = #"get("/people")"# }
    #expect(tab.body(Self.fetch)?.string == "// mine\n" + #"get("/people")"#)
    // A cursor is the id of a character: those outside of the changed span are the same as before.
    let kept = try #require(tab.body(Self.fetch)).count(of: identity ?? IdSet())
    #expect(kept >= "// mine\n".utf16.count + #"get("/"#.utf16.count)
    #expect(tab.body(Self.load)?.string == #"upsert("p")"#)
  }

  @Test(arguments: Writer.allCases, Presence.allCases)
  func aJobThatNobodyChangedStaysTheSameType(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let first = try Tab(site)
    let before = try #require(first.body(Self.load)).liveIDs()
    let tab = try site.write(writer, presence, past: first) {
      $0.jobs[0].name = "Fetch all"
      $0.jobs[0].body = "rewritten()"
    }
    #expect(tab.body(Self.load)?.liveIDs() == before)
    #expect(tab.body(Self.fetch)?.string == "rewritten()")
  }

  @Test(arguments: Writer.allCases, Presence.allCases)
  func aDeletedJobTakesItsEdgesAndPositionAlong(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let tab = try site.write(writer, presence, past: Tab(site)) { content in
      content.jobs.removeAll { $0.id == Self.fetch }
      content.edges = []
    }
    #expect(try tab.content.jobs.map(\.id) == [Self.load])
    #expect(try tab.content.edges.isEmpty)
    #expect(tab.doc.map("positions").contains(Self.fetch) == false)
    // The one frame had it all: nothing is left over to be merged.
    if presence == .live { #expect(tab.frames == 1) }
  }

  @Test(arguments: Writer.allCases, Presence.allCases)
  func fieldsOfEdgesAndTriggersFollowTheRows(writer: Writer, presence: Presence) throws {
    let site = try Site()
    let tab = try site.write(writer, presence, past: Tab(site)) { content in
      content.edges[content.edges.count - 1].conditionType = "js_expression"
      content.edges[content.edges.count - 1].conditionExpression = "state.ok"
      content.edges[content.edges.count - 1].conditionLabel = "all is well"
      content.triggers[0].type = "cron"
      content.triggers[0].enabled = false
      content.triggers[0].webhookReply = nil
      content.triggers[0].cronExpression = "0 6 * * *"
      content.triggers[0].cronCursorJobID = Self.load
    }
    let rows = try site.rows().content
    #expect(rows.triggers[0].cronCursorJobID == Self.load)
    #expect(try tab.content.triggers == rows.triggers)
    #expect(try Set(tab.content.edges) == Set(rows.edges))
    #expect(rows.edges.contains { $0.conditionExpression == "state.ok" && $0.conditionLabel == "all is well" })
  }
}
