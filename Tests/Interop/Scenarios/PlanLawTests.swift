import TestSupport
import Testing
import Workflow
import YCRDT

/// A plan says what its application then does: the law plan(apply) = apply.
@Suite(.serialized) struct PlanLawTests {
  /// What somebody edits and does not save.
  enum Editing: CaseIterable, Sendable {
    case nothing, body, name, deletion, addition
  }

  /// What is imported.
  enum Import: CaseIterable, Sendable {
    case body, name, deletedJob, newJob, deletedWorkflow
  }

  private static let fetch = SampleProject.jobs[0]
  private static let path = "/api/workflows/\(SampleProject.workflow)"

  @Test(arguments: Editing.allCases, Import.allCases)
  func aPlanSaysWhatIsDone(editing: Editing, imported: Import) throws {
    let site = try Site()
    let tab = try Tab(site)
    try edit(tab, editing)
    try tab.settle()
    let project = try Self.project(site.rows().content, imported)
    let plan = try site.post("/api/provision?plan=1", project, expecting: 200)
    let workflow = try #require(plan["data"]?["workflows"]?.array?.first)
    #expect(workflow["unsaved"] == [] || editing != .nothing)
    #expect(plan["data"]?["touches_unsaved_work"] == .bool(Self.meets(imported, editing)))

    let before = try site.rows()
    let id = try #require(plan["plan"]?.string)
    try site.post("/api/provision?plan=\(id)", project, expecting: 201)
    let after = try site.rows()
    #expect(workflow["lock_version"] == JSONValue(before.lockVersion))
    #expect(Self.units(workflow["changes"]) == before.content.changes(to: after.content).map(\.summary))
    // A deletion is seen by its date, everything else by the version.
    try tab.wait { doc in
      after.deletedAt == nil
        ? WorkflowDocument.lockVersion(of: doc) == after.lockVersion : WorkflowDocument.deletedAt(of: doc) != nil
    }
    let records = try site.get("\(Self.path)/conflicts?status=all")["data"]?.array ?? []
    #expect(Self.sorted(records) == Self.sorted(workflow["conflicts"]?.array ?? []))
  }

  /// Somebody with psql deletes a job, whose position stays in the rows.
  @Test func aPositionOfNothingIsNoUnsavedEdit() throws {
    let site = try Site()
    let tab = try Tab(site)
    try site.write(.sql) { content in
      content.jobs.removeAll { $0.id == Self.fetch }
      content.edges = []
    }
    try tab.wait { _ in try tab.content.jobs.count == 1 }
    #expect(try site.rows().content.positions?[Self.fetch] != nil)
    #expect(try site.isDirty() == false)
    let project = try Self.project(site.rows().content, .newJob)
    #expect(
      try site.post("/api/provision?plan=1", project, expecting: 200)["data"]?["workflows"]?.array?.first?["unsaved"]
        == [])
    try site.post("/api/provision?if_editing=refuse", project, expecting: 201)
  }

  /// Whether both are about the same.
  private static func meets(_ imported: Import, _ editing: Editing) -> Bool {
    switch (imported, editing) {
    case (_, .nothing): false
    case (.deletedWorkflow, _), (.body, .body), (.name, .name): true
    case (.deletedJob, .body), (.deletedJob, .name): true
    case (.body, .deletion), (.name, .deletion), (.deletedJob, .deletion): true
    default: false
    }
  }

  private func edit(_ tab: Tab, _ editing: Editing) throws {
    try tab.edit { doc in
      switch editing {
      case .nothing: break
      case .body: try tab.body(Self.fetch)?.insert("mine();", at: 0)
      case .name:
        try doc.array("jobs").elements.first { $0.map?["id"]?.value?.string == Self.fetch }?.map?.set("name", "Mine")
      case .deletion: try doc.array("jobs").remove(at: 0)
      case .addition: try WorkflowDocument.append(ImportScenarioTests.added, to: doc)
      }
    }
  }

  private static func project(_ content: WorkflowContent, _ imported: Import) -> JSONValue {
    var jobs = content.jobs
    switch imported {
    case .body: jobs[0].body = "theirs();"
    case .name: jobs[0].name = "Theirs"
    case .deletedJob: jobs.removeFirst()
    case .newJob: jobs.append(ImportScenarioTests.imported)
    case .deletedWorkflow: return project(["id": .string(content.id), "delete": true])
    }
    let list = jobs.map { job -> JSONValue in
      ["id": .string(job.id), "name": .string(job.name), "body": .string(job.body)]
    }
    return project(["id": .string(content.id), "jobs": .array(list)])
  }

  private static func project(_ workflow: JSONValue) -> JSONValue {
    ["id": .string(SampleProject.id), "workflows": [workflow]]
  }

  private static func units(_ changes: JSONValue?) -> [JSONValue] {
    (changes?.array ?? []).map { ["unit": $0["unit"] ?? .null, "kind": $0["kind"] ?? .null] }
  }

  /// What plan and record both say of conflicts.
  private static func sorted(_ conflicts: [JSONValue]) -> [String] {
    let keys = ["kind", "unit", "winner", "range", "base", "live", "database"]
    return conflicts.map { conflict in JSONValue.array(keys.map { conflict[$0] ?? .null }).text }.sorted()
  }
}
