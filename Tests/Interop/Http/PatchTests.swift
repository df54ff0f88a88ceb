import Rooms
import Storage
import TestSupport
import Testing
import Workflow
import YCRDT

/// `PATCH /api/workflows/<id>` and entity tags, with editors at work meanwhile.
@Suite struct PatchTests {
  private let site: Site
  private let job = SampleProject.jobs[0]

  init() throws { site = try Site() }

  private func isKnown(_ tag: String) throws -> Bool {
    try site.send("GET", headers: ["If-None-Match: W/\"x\", \(tag)"]).status == 304
  }

  // MARK: Entity tags

  @Test func whoKnowsAVersionIsNotSentIt() throws {
    let first = try site.tag()
    #expect(try first.hasPrefix("\"") && isKnown(first))
    let tab = try Tab(site)
    try tab.edit { try $0.map("workflow").set("name", "New") }
    try tab.settle()
    #expect(try !isKnown(first))
    let second = try site.tag()
    #expect(try second != first && isKnown(second))
    try site.save()
    #expect(try !isKnown(second), "it is not dirty any more")
    #expect(try site.send("GET", headers: ["If-None-Match: *"]).status == 304)
    #expect(try site.send("GET", headers: ["If-None-Match: nonsense"]).status == 400)
  }

  /// The rows came to what the document shows already: nothing of the document changes but that it is saved.
  @Test func aVersionSaysWhatIsSaved() throws {
    let tab = try Tab(site)
    try tab.edit { try $0.map("workflow").set("name", "Same") }
    try tab.settle()
    let tag = try site.tag()
    #expect(try site.isDirty() == true)
    try site.database.run("update workflows set name = 'Same' where id = '\(SampleProject.workflow)'")
    try until("it is saved") { try site.isDirty() != true }
    #expect(try !isKnown(tag))
  }

  /// What is shown before it is stored has no version: who asks then gets what is stored with it.
  @Test func aVersionIsOneThatIsStored() throws {
    let tab = try Tab(site)
    let lock = try PlainConnection(site.conninfo)
    try lock.run("begin; select from documents for update")
    try tab.edit { try $0.map("workflow").set("name", "Not yet") }
    let socket = try site.begin("GET")
    #expect(!socket.hasInput(within: 200))
    try lock.run("rollback")
    let answer = try socket.readResponse()
    #expect(answer.json["data"]?["name"] == "Not yet")
    let last = try #require(try site.database.run("select incarnation, last_sequence from documents").first)
    #expect(answer.headers["etag"]?.hasPrefix("\"\(last[0] ?? "")-\(last[1] ?? "")-") == true)
    #expect(try site.tag() == answer.headers["etag"])
  }

  // MARK: Patches

  @Test func bothFormsChangeTheLiveDocument() throws {
    let tab = try Tab(site)
    try tab.subscribe()
    let answer = try site.patch(
      #"[{"op":"test","path":"/name","value":"Intake"},{"op":"replace","path":"/name","value":"Patched"}]"#)
    try #require(answer.status == 200, "\(answer.text)")
    #expect(answer.json["data"]?["name"] == "Patched" && answer.json["dirty"] == true)
    #expect(answer.json["changes"] == [["unit": ["workflow", "name"], "kind": "changed"]])
    #expect(answer.json["conflicts"] == [])
    #expect(try answer.headers["etag"] == site.tag())
    try tab.wait { try WorkflowDocument.extract($0).name == "Patched" }
    let event = try tab.event("patched")
    #expect(event["source"] == "patch" && event["actor"]?["type"] == "api" && event["dirty"] == true)

    let merged = try site.patch(#"{"jobs":{"\#(job)":{"body":"// first\nget(\"/patients\")"}}}"#)
    #expect(merged.status == 200)
    try tab.wait { _ in tab.body(job)?.string == "// first\nget(\"/patients\")" }
    #expect(try site.rows().content.name == "Intake", "nothing is saved")
    let records = try site.get(Site.workflowPath + "/reconciliations")["data"]?.array ?? []
    #expect(
      records.map { $0["source"] } == ["patch", "patch"] && records.map { $0["kind"] } == ["recover", "recover"])
    let blame = try site.get(Site.workflowPath + "/blame?path=workflow/name")
    #expect(blame["data"]?["writes"]?.array?.first?["source"] == "patch")
  }

  @Test func aTextIsChangedOnlyWhereThePatchChangesIt() throws {
    let tab = try Tab(site)
    let cursor = try #require(try tab.body(job)?.relativePosition(at: 8))
    let answer = try site.patch(#"{"jobs":{"\#(job)":{"body":"let a = get(\"/patients\", 1)"}}}"#)
    try #require(answer.status == 200)
    try tab.wait { _ in tab.body(job)?.string == #"let a = get("/patients", 1)"# }
    #expect(tab.doc.resolve(cursor)?.index == 16)
  }

  @Test func aPatchOfAnOlderVersionLosesNothing() throws {
    let tab = try Tab(site)
    let old = try site.send("GET")
    let tag = try #require(old.headers["etag"])
    try tab.edit {
      try $0.map("workflow").set("concurrency", .int(3))
      try tab.body(job)?.insert("// typed\n", at: 0)
    }
    try tab.settle()
    let body = (old.json["data"]?["jobs"]?.array?[0]["body"]?.string ?? "") + "\n// patched"
    let answer = try site.patch(
      JSONValue.array([
        ["op": "replace", "path": "/jobs/0/body", "value": .string(body)],
        ["op": "replace", "path": "/name", "value": "Patched"],
      ]).text, of: tag)
    try #require(answer.status == 200 && answer.json["conflicts"] == [], "\(answer.text)")
    #expect(answer.json["data"]?["jobs"]?.array?[0]["body"] == "// typed\nget(\"/patients\")\n// patched")
    #expect(answer.json["data"]?["concurrency"] == 3 && answer.json["data"]?["name"] == "Patched")
    try tab.wait { try WorkflowDocument.extract($0).name == "Patched" }
    #expect(tab.body(job)?.string == "// typed\nget(\"/patients\")\n// patched")
  }

  /// The places in a patch are those of the version that it is of.
  @Test func placesAreThoseOfTheVersion() throws {
    let tab = try Tab(site)
    let tag = try site.tag()
    try tab.edit { _ = try WorkflowDocument.append(Job(id: Store.newTokenID(), name: "Third", body: "x"), to: $0) }
    try tab.edit { try $0.array("jobs").remove(at: 0) }
    try tab.settle()
    let answer = try site.patch(#"[{"op":"replace","path":"/jobs/1/name","value":"Second"}]"#, of: tag)
    let jobs = answer.json["data"]?["jobs"]?.array ?? []
    #expect(jobs.map { $0["name"] } == ["Second", "Third"] && jobs[0]["id"] == .string(SampleProject.jobs[1]))
  }

  @Test func whereBothChangedAValueTheDocumentsStandsAndThePatchsIsOnRecord() throws {
    let tab = try Tab(site)
    let tag = try site.tag()
    try tab.edit { try $0.map("workflow").set("name", "Live") }
    try tab.settle()
    let answer = try site.patch(#"{"name":"Patched"}"#, of: tag)
    #expect(answer.status == 200 && answer.json["data"]?["name"] == "Live" && answer.json["changes"] == [])
    let conflicts = try #require(answer.json["conflicts"]?.array)
    #expect(conflicts.count == 1 && conflicts[0]["unit"] == ["workflow", "name"] && conflicts[0]["winner"] == "live")
    #expect(conflicts[0]["database"] == "Patched" && conflicts[0]["live"] == "Live" && conflicts[0]["base"] == "Intake")
    let id = try #require(conflicts[0]["id"]?.string)
    try site.post(Site.workflowPath + "/conflicts/\(id)/resolve", ["keep": "database"], expecting: 200)
    #expect(try site.send("GET").json["data"]?["name"] == "Patched")
  }

  @Test func whatSomebodyEditsIsNotPatchedAway() throws {
    let tab = try Tab(site)
    let tag = try site.tag()
    try tab.edit { _ in try tab.body(job)?.insert("// typed\n", at: 0) }
    try tab.settle()
    let answer = try site.patch(#"[{"op":"remove","path":"/jobs/\#(job)"}]"#, of: tag)
    #expect(answer.status == 200 && answer.json["data"]?["jobs"]?.array?.count == 2)
    #expect(answer.json["conflicts"]?.array?.first?["kind"] == "edit/delete")
    let again = try site.patch(#"[{"op":"remove","path":"/jobs/\#(job)"}]"#)
    #expect(again.json["data"]?["jobs"]?.array?.count == 1 && again.json["data"]?["edges"] == [])
  }

  @Test func nothingChangesWhereNothingIsToChange() throws {
    let tag = try site.tag()
    let answer = try site.patch(#"{"name":"Intake"}"#)
    #expect(answer.status == 200 && answer.headers["etag"] == tag && answer.json["changes"] == [])
    #expect(try site.get(Site.workflowPath + "/reconciliations")["data"] == [])
  }

  @Test func theAnswerComesAfterTheCommit() throws {
    _ = try site.tag()
    let lock = try PlainConnection(site.conninfo)
    try lock.run("begin; select from documents for update")
    let socket = try site.begin(
      "PATCH", Site.workflowPath, #"{"name":"Patched"}"#, headers: ["Content-Type: \(Site.mergePatch)"])
    #expect(!socket.hasInput(within: 300))
    #expect(try site.send("GET").json["data"]?["name"] == "Intake")
    try lock.run("rollback")
    #expect(try socket.readResponse().json["data"]?["name"] == "Patched")
  }

  // MARK: What is refused

  @Test func aVersionThatIsNotThereIsRefused() throws {
    let tag = try site.tag()
    let parts = tag.dropFirst().dropLast().split(separator: "-").map(String.init)
    let tags = [
      ("W/\(tag)", "weak"), ("\"abc\"", "no version"), ("\(tag), \(tag)", "names 2"),
      ("\"\((Int(parts[0]) ?? 0) + 1)-\(parts[1])-\(parts[2])\"", "another history"),
      ("\"\(parts[0])-999999-\(parts[2])\"", "newer"), ("\"\(parts[0])-\(parts[1])-00000000\"", "just as it was"),
    ]
    for (tag, reason) in tags {
      let answer = try site.patch(#"{"name":"Patched"}"#, of: tag)
      #expect(answer.status == 412 && answer.json["type"] == "precondition_failed", "\(tag): \(answer.text)")
      #expect(answer.text.contains(reason), "\(answer.text)")
    }
    #expect(try site.patch(#"{"name":"Patched"}"#, of: "nonsense").status == 400)
    #expect(try site.tag() == tag)
    #expect(try site.patch(#"{"name":"Patched"}"#, of: "*").status == 200)
  }

  @Test func aVersionThatTheLogHasLetGoOfIsRefused() throws {
    var room = RoomConfiguration()
    room.checkpointUpdates = 2
    let site = try Site(room: room)
    let tag = try site.tag()
    let tab = try Tab(site)
    for number in 0..<12 {
      try tab.edit { try $0.map("workflow").set("name", .string("\(number)")) }
      try tab.settle()
    }
    try until("the log has let go of it") {
      try site.database.run("select from document_updates where sequence = 1").isEmpty
    }
    let answer = try site.patch(#"{"concurrency":2}"#, of: tag)
    #expect(answer.status == 412 && answer.text.contains("not kept any more"), "\(answer.text)")
    let newer = try site.tag()
    try tab.edit { try $0.map("workflow").set("name", "Last") }
    try tab.settle()
    let merged = try site.patch(#"{"concurrency":2}"#, of: newer)
    #expect(merged.json["data"]?["name"] == "Last", "\(merged.status) \(merged.text)")
  }

  @Test func aNewHistoryEndsAllVersionsOfTheOld() throws {
    let tag = try site.tag()
    try site.post(Site.workflowPath + "/renew", expecting: 200)
    let answer = try site.patch(#"{"name":"Patched"}"#, of: tag)
    #expect(answer.status == 412 && answer.text.contains("another history"), "\(answer.text)")
  }

  @Test func refusalsSayWhatAndWhere() throws {
    let tag = try site.tag()
    let failed = try site.patch(#"[{"op":"test","path":"/jobs/0/name","value":"X"},{"op":"remove","path":"/jobs/0"}]"#)
    #expect(failed.status == 409 && failed.json["type"] == "test_failed")
    #expect(failed.json["errors"]?["/jobs/0/name"] != nil)
    let invalid = try site.patch(#"{"jobs":{"\#(job)":{"nme":"x"}}}"#)
    #expect(invalid.status == 422 && invalid.json["errors"]?["/jobs/0/nme"] != nil)
    #expect(try site.patch("[7]").status == 400)
    #expect(try site.patch("[{]").json["type"] == "malformed")
    let many = JSONValue.array(Array(repeating: ["op": "test", "path": "/name", "value": "Intake"], count: 1001))
    #expect(try site.patch(many.text).status == 413)
    #expect(try site.patch("{\"name\":\"\(String(repeating: "x", count: 1 << 20))\"}").status == 413)
    for type in ["application/json", "text/plain; charset=utf-8", ""] {
      let answer = try site.send(
        "PATCH", Site.workflowPath, "{}", headers: type.isEmpty ? [] : ["Content-Type: \(type)"])
      #expect(answer.status == 415 && answer.headers["accept-patch"]?.contains(Site.jsonPatch) == true)
    }
    let parameters = ["Content-Type: application/Merge-Patch+json ; charset=utf-8"]
    #expect(try site.send("PATCH", Site.workflowPath, "{}", headers: parameters).status == 200)
    let nowhere = "/api/workflows/\(SampleProject.id)"
    for headers in [[], ["If-Match: \(tag)"]] {
      let all = headers + ["Content-Type: \(Site.mergePatch)"]
      #expect(try site.send("PATCH", nowhere, "{}", headers: all).status == 404)
    }
    #expect(try site.tag() == tag)
  }

  @Test func aDeletedWorkflowIsNotPatched() throws {
    let tag = try site.tag()
    try site.database.run("update workflows set deleted_at = now() where id = '\(SampleProject.workflow)'")
    for tag in [nil, tag] {
      let answer = try site.patch(#"{"name":"Patched"}"#, of: tag)
      #expect(answer.status == 422 && answer.json["type"] == "workflow_deleted", "\(answer.text)")
    }
  }
}
