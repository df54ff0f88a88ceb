import TestSupport
import Testing
import Workflow
import YCRDT

/// Conflicts, notices and taking back, through the whole server.
@Suite(.serialized) struct ConflictScenarioTests {
  private let path = "/api/workflows/\(SampleProject.workflow)"
  private let fetch = SampleProject.jobs[0]

  /// A site in which the tab has renamed a job and typed in it, unsaved, and an import has done the same.
  private func conflict() throws -> (site: Site, tab: Tab) {
    let site = try Site()
    let tab = try Tab(site)
    try tab.subscribe()
    try tab.edit { doc in
      try doc.array("jobs").elements.first { $0.map?["id"]?.value?.string == fetch }?.map?.set("name", "Mine")
      try tab.body(fetch)?.insert("mine();\n", at: 0)
    }
    try tab.settle()
    try site.write(.provision) {
      $0.jobs[0].name = "Theirs"
      $0.jobs[0].body = "theirs();\n"
    }
    _ = try tab.event("reconciled")
    return (site, tab)
  }

  @Test func aConflictIsListedToldOfAndResolved() throws {
    let (site, tab) = try conflict()
    let notice = try tab.event("reconciled")
    #expect(notice["source"] == "import")
    #expect(notice["number"] == 1)
    #expect(Set((notice["changes"]?.array ?? []).compactMap { $0["unit"]?.array?.last?.string }) == ["name", "body"])
    let listed = try #require(try site.get("\(path)/conflicts")["data"]?.array)
    #expect(listed == notice["new_conflicts"]?.array)
    let name = try #require(listed.first { $0["unit"]?.array?.last == "name" })
    #expect(name["live"] == "Mine")
    #expect(name["database"] == "Theirs")
    #expect(name["standing"] == "database")
    let id = try #require(name["id"]?.string)
    let left = try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "live"], expecting: 200)
    #expect(left["data"]?.array?.count == listed.count - 1)
    #expect(try tab.event("resolved")["decided_conflicts"] == [.string(id)])
    #expect(try tab.content.jobs.first { $0.id == fetch }?.name == "Mine")
    // A change of mind.
    try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "value", "value": "Ours"], expecting: 200)
    try tab.wait { _ in try tab.content.jobs.first { $0.id == fetch }?.name == "Ours" }
    let all = try #require(try site.get("\(path)/conflicts?status=all")["data"]?.array)
    #expect(all.first { $0["id"] == .string(id) }?["outcome"] == "value")
  }

  @Test func allCanBeResolvedAtOnceAlsoInAColdDocument() throws {
    let (site, tab) = try conflict()
    tab.close()
    try site.restart()
    #expect(try site.get("\(path)/conflicts")["data"]?.array?.isEmpty == false)
    #expect(try site.post("\(path)/conflicts/resolve", ["keep": "live"], expecting: 200)["data"] == [])
    let content = try Tab(site).content
    #expect(content.jobs.first { $0.id == fetch }?.name == "Mine")
    #expect(content.jobs.first { $0.id == fetch }?.body.contains("mine();\n") == true)
  }

  @Test func wrongRequestsAreRefusedInPlainWords() throws {
    let (site, _) = try conflict()
    let id = try #require(try site.get("\(path)/conflicts")["data"]?.array?.first?["id"]?.string)
    #expect(
      try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "both"], expecting: 422)["errors"]?["keep"] != nil)
    try site.post("\(path)/conflicts/99-1/resolve", ["keep": "live"], expecting: 404)
    try site.post("\(path)/conflicts/nonsense/resolve", ["keep": "live"], expecting: 404)
    try site.post("\(path)/conflicts/\(id)/resolve", ["keep": "value", "value": [1]], expecting: 422)
    try site.post("\(path)/reconciliations/99/revert", expecting: 404)
    try site.post("\(path)/reconciliations/x/revert", expecting: 404)
    try site.post("\(path)/reconciliations/\(Int64.max)/revert", expecting: 404)
    for list in ["reconciliations?", "conflicts?status=all&"] {
      for (query, field) in [("before=x", "before"), ("limit=x", "limit"), ("limit=0", "limit"), ("limit=-1", "limit")]
      {
        #expect(try site.get("\(path)/\(list)\(query)", expecting: 422)["errors"]?[field] != nil, "\(list)\(query)")
      }
    }
  }

  @Test func anImportIsTakenBackAndNothingElse() throws {
    let site = try Site()
    let tab = try Tab(site)
    try tab.edit { _ in try tab.body(SampleProject.jobs[1])?.insert("unsaved();\n", at: 0) }
    try tab.settle()
    let before = try site.rows().content
    try site.write(.provision) { content in
      content.name = "Imported"
      content.jobs[0].body = "imported();\n"
      content.jobs.append(ImportScenarioTests.imported)
    }
    try tab.wait { _ in try tab.content.name == "Imported" }
    let listed = try #require(try site.get("\(path)/reconciliations")["data"]?.array)
    #expect(listed.map { $0["kind"] } == ["reconcile"])
    let answer = try site.post("\(path)/reconciliations/1/revert", expecting: 200)
    #expect(answer["kept"] == [])
    #expect(answer["reverted"]?.array?.count == 3)
    #expect(try site.rows().content.isSame(as: before))
    try tab.wait { _ in try tab.content.name == before.name && tab.content.jobs.count == before.jobs.count }
    #expect(tab.body(fetch)?.string == before.jobs[0].body)
    #expect(tab.body(SampleProject.jobs[1])?.string.hasPrefix("unsaved();\n") == true)
    let records = try #require(try site.get("\(path)/reconciliations")["data"]?.array)
    #expect(records.first?["source"] == "revert")
    #expect(try site.get("\(path)/conflicts")["data"] == [])
  }

  @Test func unsavedEditsInWhatIsTakenBackAreMergedWithARecord() throws {
    let site = try Site()
    let tab = try Tab(site)
    try site.write(.provision) { $0.jobs[0].name = "Imported" }
    try tab.wait { _ in try tab.content.jobs[0].name == "Imported" }
    try tab.edit { doc in
      try doc.array("jobs").elements.first { $0.map?["id"]?.value?.string == fetch }?.map?.set("name", "Mine")
    }
    try tab.settle()
    try site.post("\(path)/reconciliations/1/revert", expecting: 200)
    try tab.wait { _ in try tab.content.jobs.first { $0.id == fetch }?.name == "Fetch" }
    let conflicts = try #require(try site.get("\(path)/conflicts")["data"]?.array)
    #expect(conflicts.count == 1)
    #expect(conflicts.first?["live"] == "Mine")
    #expect(conflicts.first?["source"] == "revert")
  }

  /// A text goes from one side to the other and back, and what was typed meanwhile stays.
  @Test func aTextIsResolvedAgainFromWhatWasChosen() throws {
    let site = try Site()
    let tab = try Tab(site)
    try site.write(.provision) { $0.jobs[0].body = "x = 1" }
    try tab.wait { _ in tab.body(fetch)?.string == "x = 1" }
    try tab.edit { _ in
      try tab.body(fetch)?.remove(4..<5)
      try tab.body(fetch)?.insert("2", at: 4)
    }
    try tab.settle()
    try site.write(.provision) { $0.jobs[0].body = "x = 3" }
    try tab.wait { _ in tab.body(fetch)?.string.contains("3") == true }
    let id = try #require(try site.get("\(path)/conflicts")["data"]?.array?.first?["id"]?.string)
    func keep(_ side: JSONValue) throws {
      try site.post("\(path)/conflicts/\(id)/resolve", ["keep": side], expecting: 200)
    }
    try keep("live")
    try tab.wait { _ in tab.body(fetch)?.string == "x = 2" }
    try tab.edit { _ in try tab.body(fetch)?.insert("// mine\n", at: 0) }
    try tab.settle()
    for (side, text) in [("database", "3"), ("live", "2"), ("database", "3")] {
      try keep(.string(side))
      try tab.wait { _ in tab.body(fetch)?.string.last.map(String.init) == text }
      #expect(tab.body(fetch)?.string == "// mine\nx = \(text)")
    }
  }

  @Test func decidedConflictsCanBePagedThrough() throws {
    let (site, tab) = try conflict()
    try tab.edit { try $0.map("workflow").set("name", "Mine") }
    try tab.settle()
    try site.write(.provision) { $0.name = "Theirs" }
    try tab.wait { _ in try tab.content.name == "Theirs" }
    let all = try #require(try site.get("\(path)/conflicts?status=all")["data"]?.array).map { $0["id"] }
    try #require(all == ["2-1", "1-1"])
    let first = try #require(try site.get("\(path)/conflicts?status=all&limit=1")["data"]?.array).map { $0["id"] }
    #expect(first == [all[0]])
    let next = "\(path)/conflicts?status=all&limit=1&before=\(first[0]?.string ?? "")"
    #expect(try site.get(next)["data"]?.array?.map { $0["id"] } == [all[1]])
  }

  /// Two syncs with new ids each, and an edit that was saved in between.
  @Test func aSyncWithNewIdsIsTakenBackWithoutDoubling() throws {
    let site = try Site()
    let tab = try Tab(site)
    func sync(_ id: String, _ change: (inout Job) -> Void) throws {
      try site.write(.sql) { content in
        guard let place = content.jobs.firstIndex(where: { $0.name == "Fetch" }) else { return }
        let old = content.jobs[place].id
        content.jobs[place].id = id
        change(&content.jobs[place])
        for index in content.edges.indices {
          if content.edges[index].sourceJobID == old { content.edges[index].sourceJobID = id }
          if content.edges[index].targetJobID == old { content.edges[index].targetJobID = id }
        }
      }
      try tab.wait { _ in try tab.content.jobs.contains { $0.id == id } }
    }
    let ids = ["a", "b"].map { String(repeating: "3", count: 8) + "-3333-4333-8333-33333333333" + $0 }
    try sync(ids[0]) { $0.adaptor = "imported@1" }
    try tab.edit { _ in try tab.body(ids[0])?.insert("mine();", at: 0) }
    try tab.settle()
    try site.save()
    try sync(ids[1]) { _ in }
    let answer = try site.post("\(path)/reconciliations/1/revert", expecting: 200)
    #expect(answer["reverted"] == [["jobs", .string(ids[1]), "adaptor"]])
    let content = try site.rows().content
    #expect(content.jobs.map(\.id).sorted() == [SampleProject.jobs[1], ids[1]].sorted())
    let job = try #require(content.jobs.first { $0.id == ids[1] })
    #expect(job.body.hasPrefix("mine();") && job.adaptor != "imported@1")
    #expect(content.edges.count == 2)
  }
}
