import Provisioning
import Reconciliation
import Storage
import Testing
import Workflow

@testable import Gateway

/// What a project comes to that its repository and its people both may have changed.
@Suite struct SyncMergeTests {
  private static let project = "10000000-0000-4000-8000-000000000001"
  private static let flow = "20000000-0000-4000-8000-000000000001"
  private static let other = "20000000-0000-4000-8000-000000000002"
  private static let jobs = ["30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"]
  private static let hook = "40000000-0000-4000-8000-000000000001"

  private static func content(_ id: String = flow, _ name: String = "Intake", body: String = "get();")
    -> WorkflowContent
  {
    WorkflowContent(
      id: id, name: name, jobs: [Job(id: jobs[id == flow ? 0 : 1], name: "Fetch", body: body)],
      triggers: id == flow ? [Trigger(id: hook)] : [], positions: [jobs[0]: ["x": 1]])
  }

  private static func rows(_ contents: WorkflowContent..., deleted: Set<String> = []) -> ProjectContent {
    ProjectContent(
      id: project, name: "demo", description: "Ours",
      workflows: contents.map {
        WorkflowRows(
          content: $0, projectID: project, lockVersion: 3, revision: 7,
          deletedAt: deleted.contains($0.id) ? "2026-11-22T06:00:00Z" : nil)
      })
  }

  private static func base(_ contents: WorkflowContent...) -> SyncBase {
    SyncBase(
      workflows: Dictionary(uniqueKeysWithValues: contents.map { ($0.id, $0.normalized()) }),
      settings: ["name": "demo", "description": "Theirs"], digest: "before")
  }

  /// What a file says that has these workflows.
  private static func document(_ contents: WorkflowContent...) -> JSONValue {
    let workflows = contents.map { content -> JSONValue in
      let all = ProjectContent(
        id: project, name: "demo",
        workflows: [WorkflowRows(content: content, projectID: project, lockVersion: 1, revision: 1)])
      return all.exported["workflows"]?.array?.first ?? .null
    }
    return ["id": .string(project), "name": "demo", "description": "Theirs", "workflows": .array(workflows)]
  }

  private static func merge(
    _ known: SyncBase, _ document: JSONValue, _ ours: ProjectContent
  ) throws -> SyncedProject {
    try SyncMerge(known: known, policy: .standard, now: "2026-11-22T07:00:00Z") { _ in document }
      .applied(to: ours, foreignIDs: [])
  }

  private func live(_ result: SyncedProject) -> [String: WorkflowContent] {
    let live = result.project.workflows.filter { $0.deletedAt == nil }.map { ($0.content.id, $0.content) }
    return Dictionary(uniqueKeysWithValues: live)
  }

  @Test func whatOnlyTheRepositoryChangedIsSimplyTheFile() throws {
    let result = try Self.merge(
      Self.base(Self.content()), Self.document(Self.content(body: "file();")), Self.rows(Self.content()))
    #expect(live(result)[Self.flow]?.jobs.first?.body == "file();")
    #expect(live(result)[Self.flow]?.positions == Self.content().positions, "what the file does not carry stays")
    #expect(result.conflicts.isEmpty && result.base.workflows[Self.flow]?.jobs.first?.body == "file();")
  }

  @Test func whatOnlyPeopleChangedStays() throws {
    let ours = Self.content(body: "app();")
    let result = try Self.merge(Self.base(Self.content()), Self.document(Self.content()), Self.rows(ours))
    #expect(live(result)[Self.flow] == ours && result.conflicts.isEmpty)
    #expect(result.base.workflows[Self.flow]?.jobs.first?.body == "get();", "they still differ from the repository")
    #expect(result.project.description == "Ours", "the repository did not change it")
  }

  @Test func whatBothChangedIsMergedAndConflictsAreTold() throws {
    var ours = Self.content(body: "one\ntwo\nthree app\n")
    ours.name = "Renamed here"
    var theirs = Self.content(body: "one file\ntwo\nthree\n")
    theirs.name = "Renamed there"
    let result = try Self.merge(
      Self.base(Self.content(body: "one\ntwo\nthree\n")), Self.document(theirs), Self.rows(ours))
    let merged = try #require(live(result)[Self.flow])
    #expect(merged.jobs.first?.body == "one file\ntwo\nthree app\n")
    #expect(merged.name == "Renamed there", "the database's side stands")
    #expect(result.conflicts[Self.flow]?.map(\.unit) == [["workflow", "name"]])
    #expect(result.base.workflows[Self.flow]?.jobs.first?.body == "one file\ntwo\nthree\n")
  }

  @Test func whatPeopleAddedIsNotDeletedByAFileThatNeverHadIt() throws {
    var ours = Self.content(body: "app();")
    ours.jobs.append(Job(id: Self.jobs[1], name: "Load", body: "post();"))
    let added = Self.content(Self.other, "Nightly")
    let result = try Self.merge(
      Self.base(Self.content()), Self.document(Self.content(body: "file();")), Self.rows(ours, added))
    #expect(live(result)[Self.flow]?.jobs.map(\.name) == ["Fetch", "Load"])
    #expect(live(result)[Self.other] == added && result.base.workflows[Self.other] == nil)
  }

  @Test func whatTheLastFileHadAndThisOneHasNotIsDeleted() throws {
    let (first, second) = (Self.content(), Self.content(Self.other, "Nightly"))
    let result = try Self.merge(Self.base(first, second), Self.document(first), Self.rows(first, second))
    #expect(live(result).keys.sorted() == [Self.flow] && result.base.workflows.keys.sorted() == [Self.flow])
    let early = try Self.merge(SyncBase(), Self.document(first), Self.rows(first, second))
    #expect(live(early).count == 2, "nothing is deleted by the first sync")
  }

  @Test func whatPeopleChangedIsNotLostWithAFileThatDropsIt() throws {
    let (first, second) = (Self.content(), Self.content(Self.other, "Nightly"))
    let changed = Self.content(Self.other, "Nightly", body: "app();")
    let result = try Self.merge(Self.base(first, second), Self.document(first), Self.rows(first, changed))
    #expect(live(result)[Self.other] == changed)
    #expect(result.base.workflows[Self.other] == nil, "the next push brings it back")
  }

  @Test func whatPeopleDeletedStaysDeletedUnlessTheFileChangesIt() throws {
    let gone = Self.rows(Self.content(Self.flow, "Intake_del"), deleted: [Self.flow])
    let same = try Self.merge(Self.base(Self.content()), Self.document(Self.content()), gone)
    #expect(live(same).isEmpty && same.base.workflows[Self.flow] != nil)
    let changed = try Self.merge(Self.base(Self.content()), Self.document(Self.content(body: "file();")), gone)
    #expect(live(changed)[Self.flow]?.name == "Intake" && live(changed)[Self.flow]?.jobs.first?.body == "file();")
  }

  @Test func aProjectThatIsGoneIsNotMadeAgain() {
    #expect(throws: RepositoryError.projectGone) {
      try SyncMerge(known: SyncBase(), policy: .standard, now: "") { _ in [:] }.applied(to: nil, foreignIDs: [])
    }
  }
}
