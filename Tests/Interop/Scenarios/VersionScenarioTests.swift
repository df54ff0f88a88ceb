import TestSupport
import Testing
import Workflow
import YCRDT

/// Saved versions, through the whole server: what there is, what differs, and back to one.
@Suite(.serialized) struct VersionScenarioTests {
  private let path = "/api/workflows/\(SampleProject.workflow)"
  private let fetch = SampleProject.jobs[0]

  private func versions(_ site: Site, _ query: String = "") throws -> [JSONValue] {
    try #require(try site.get("\(path)/versions\(query)")["data"]?.array)
  }

  private func changes(_ site: Site, _ from: Int, _ to: String) throws -> [JSONValue] {
    try #require(try site.get("\(path)/versions/\(from)/compare/\(to)")["data"]?.array)
  }

  private func numbers(_ versions: [JSONValue]) -> [Int] {
    versions.compactMap { $0["lock_version"]?.integer }
  }

  @Test func everySaveAndImportIsListedNewestFirst() throws {
    let site = try Site()
    let tab = try Tab(site)
    let first = try site.rows().lockVersion
    try tab.edit { _ in try tab.body(fetch)?.insert("typed();\n", at: 0) }
    try tab.settle()
    try site.save()
    try site.save()
    try site.write(.provision) { $0.name = "Imported" }
    try tab.wait { _ in try tab.content.name == "Imported" }
    let listed = try versions(site)
    #expect(numbers(listed) == [first + 2, first + 1, first])
    #expect(listed.map { $0["is_latest"] } == [true, false, false])
    #expect(listed.map { $0["source"]?.string } == ["import", "save", nil])
    #expect(listed.allSatisfy { $0["inserted_at"]?.string?.hasSuffix("Z") == true })
    #expect(numbers(try versions(site, "?limit=1")) == [first + 2])
    #expect(numbers(try versions(site, "?before=\(first + 2)&limit=1")) == [first + 1])
    let old = try site.get("\(path)/versions/\(first)")["data"]
    #expect(old?["lock_version"]?.integer == first && old?["name"]?.string != "Imported")
  }

  @Test func twoVersionsAndTheDocumentAreCompared() throws {
    let site = try Site()
    let tab = try Tab(site)
    let first = try site.rows().lockVersion
    let before = try site.rows().content
    try site.write(.provision) { content in
      content.name = "Imported"
      content.jobs.append(ImportScenarioTests.imported)
    }
    try tab.wait { _ in try tab.content.name == "Imported" }
    let added = ["jobs", ImportScenarioTests.imported.id].map(JSONValue.string)
    let found = try changes(site, first, "\(first + 1)")
    #expect(found.count == 2)
    #expect(
      found.first == [
        "unit": ["workflow", "name"], "kind": "changed", "before": .string(before.name), "after": "Imported",
      ])
    #expect(found.last?["unit"] == .array(added) && found.last?["kind"] == "added")
    #expect(try changes(site, first + 1, "\(first)").last?["kind"] == "removed")
    #expect(try changes(site, first + 1, "live").isEmpty)
    try tab.edit { _ in try tab.body(fetch)?.insert("unsaved();\n", at: 0) }
    try tab.settle()
    #expect(try changes(site, first + 1, "live").map { $0["unit"] } == [["jobs", .string(fetch), "body"]])
  }

  @Test func aVersionIsRestoredAndUnsavedEditsStay() throws {
    let site = try Site()
    let tab = try Tab(site)
    try tab.subscribe()
    let (first, before) = (try site.rows().lockVersion, try site.rows().content)
    try site.write(.provision) { content in
      content.name = "Imported"
      content.jobs[0].body = "imported();\n"
      content.jobs.append(ImportScenarioTests.imported)
    }
    _ = try tab.event("reconciled")
    try tab.edit { _ in try tab.body(SampleProject.jobs[1])?.insert("unsaved();\n", at: 0) }
    try tab.settle()
    let answer = try site.post(
      "\(path)/versions/\(first)/restore", ["lock_version": JSONValue(first + 1)], expecting: 200)
    #expect(answer["lock_version"] == JSONValue(first + 2) && answer["incomplete"] == [])
    try tab.wait { _ in try tab.content.name == before.name }
    #expect(try site.rows().content.isSame(as: before))
    #expect(try tab.content.name == before.name && tab.content.jobs.count == before.jobs.count)
    #expect(tab.body(fetch)?.string == before.jobs[0].body)
    #expect(tab.body(SampleProject.jobs[1])?.string.hasPrefix("unsaved();\n") == true)
    #expect(try versions(site).first?["source"] == "restore")
    // Once more there is nothing to do, and the restore itself can be taken back.
    try site.post("\(path)/versions/\(first)/restore", expecting: 200)
    #expect(try site.rows().lockVersion == first + 2)
    try site.post("\(path)/reconciliations/2/revert", expecting: 200)
    try tab.wait { _ in try tab.content.name == "Imported" }
  }

  @Test func whatContradictsARestoreIsAConflict() throws {
    let site = try Site()
    let tab = try Tab(site)
    let first = try site.rows().lockVersion
    try site.write(.provision) { $0.jobs[0].name = "Imported" }
    try tab.wait { _ in try tab.content.jobs.first { $0.id == fetch }?.name == "Imported" }
    try tab.edit { doc in
      try doc.array("jobs").elements.first { $0.map?["id"]?.value?.string == fetch }?.map?.set("name", "Mine")
    }
    try tab.settle()
    try site.post("\(path)/versions/\(first)/restore", expecting: 200)
    try tab.wait { _ in try tab.content.jobs.first { $0.id == fetch }?.name == "Fetch" }
    let conflicts = try #require(try site.get("\(path)/conflicts")["data"]?.array)
    #expect(conflicts.map { $0["live"] } == ["Mine"] && conflicts.first?["source"] == "restore")
  }

  /// What versions do not have stays: settings, positions of nodes that stay, and what only rows know.
  @Test func whatVersionsDoNotHaveStays() throws {
    let site = try Site()
    try site.database.run(
      """
      update triggers set type = 'kafka', webhook_reply = null, kafka_configuration = '{"hosts": [["a", "9092"]],
        "topics": ["one"], "username": "u", "password": "p"}';
      update workflows set lock_version = lock_version + 1
      """)
    let first = try site.rows().lockVersion
    #expect(numbers(try versions(site)).first == first, "written by somebody else, and listed all the same")
    try site.write(.provision) { content in
      content.concurrency = 3
      content.jobs[0].name = "Imported"
    }
    try site.database.run(#"update workflows set positions = '{"\#(fetch)": {"x": 1, "y": 2}}'"#)
    try site.post("\(path)/versions/\(first)/restore", expecting: 200)
    let restored = try site.rows().content
    #expect(restored.jobs[0].name == "Fetch" && restored.positions?[fetch] == ["x": 1, "y": 2])
    #expect(
      try site.database.value("select kafka_configuration->>'password' from triggers") == "p",
      "the secret of a trigger that stays, stays")
    try site.database.run(
      "update triggers set type = 'cron', cron_expression = '* * * * *', kafka_configuration = null")
    let answer = try site.post("\(path)/versions/\(first)/restore", expecting: 200)
    #expect(answer["incomplete"] == [["triggers", .string(SampleProject.trigger), "kafka_configuration"]])
  }

  @Test func wrongRequestsAreRefusedInPlainWords() throws {
    let site = try Site()
    let first = try site.rows().lockVersion
    for wrong in ["\(first + 9)", "x", "-1", "99999999999"] {
      try _ = site.get("\(path)/versions/\(wrong)", expecting: 404)
      try site.post("\(path)/versions/\(wrong)/restore", expecting: 404)
      try _ = site.get("\(path)/versions/\(first)/compare/\(wrong)", expecting: 404)
    }
    let moved = try site.post(
      "\(path)/versions/\(first)/restore", ["lock_version": JSONValue(first + 1)], expecting: 409)
    #expect(moved["type"] == "workflow_moved_on")
    let wrong = try site.post("\(path)/versions/\(first)/restore", ["lock_version": "one"], expecting: 422)
    #expect(wrong["errors"]?["lock_version"] != nil)
    let none = "/api/workflows/00000000-0000-4000-8000-000000000000/versions"
    #expect(try site.get(none)["data"] == [])
    try _ = site.get("\(path)/versions?limit=0", expecting: 422)
  }
}
