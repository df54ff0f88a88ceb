import Provisioning
import Workflow

/// A small project with two workflows, and shorthands to import documents into it.
struct ImportFixture {
  static let project = "10000000-0000-4000-8000-000000000001"
  static let intake = "20000000-0000-4000-8000-000000000001"
  static let sync = "20000000-0000-4000-8000-000000000002"
  static let fetch = "30000000-0000-4000-8000-000000000001"
  static let load = "30000000-0000-4000-8000-000000000002"
  static let other = "30000000-0000-4000-8000-000000000003"
  static let hook = "40000000-0000-4000-8000-000000000001"
  static let start = "50000000-0000-4000-8000-000000000001"
  static let next = "50000000-0000-4000-8000-000000000002"
  static let unused = "90000000-0000-4000-8000-000000000001"
  static let now = "2026-11-21T06:00:00Z"

  /// `Intake`: hook → Fetch → Load, and `Sync` with one job.
  static var content: ProjectContent {
    var intake = WorkflowContent(id: intake, name: "Intake", concurrency: 3, enableJobLogs: false)
    intake.jobs = [Job(id: fetch, name: "Fetch", body: "get();"), Job(id: load, name: "Load", body: "post();")]
    intake.triggers = [Trigger(id: hook, webhookReply: "before_start")]
    intake.edges = [
      Edge(id: start, sourceTriggerID: hook, targetJobID: fetch),
      Edge(id: next, conditionType: "on_job_success", sourceJobID: fetch, targetJobID: load),
    ]
    intake.positions = [fetch: ["x": 1, "y": 2], load: ["x": 3, "y": 4]]
    let sync = WorkflowContent(id: sync, name: "Sync", jobs: [Job(id: other, name: "Copy", body: "copy();")])
    return ProjectContent(
      id: project, name: "demo",
      workflows: [
        WorkflowRows(content: intake, projectID: project, lockVersion: 4, revision: 11),
        WorkflowRows(content: sync, projectID: project, lockVersion: 2, revision: 12),
      ])
  }

  /// The fixture after an import of `workflow`, which gets the id of `Intake` if it has none.
  static func importing(
    workflow: JSONValue, into content: ProjectContent = content, foreign: Set<String> = []
  ) throws(ImportErrors) -> ProjectContent {
    var members = workflow.object ?? [:]
    members["id"] = members["id"] ?? .string(intake)
    return try importing(["id": .string(project), "workflows": [.object(members)]], into: content, foreign: foreign)
  }

  /// What comes of a whole document.
  static func importing(
    _ document: JSONValue, into content: ProjectContent? = content, foreign: Set<String> = []
  ) throws(ImportErrors) -> ProjectContent {
    try ProjectImport(document).applied(to: content, foreignIDs: foreign, now: now)
  }

  /// What an import is refused with; null where it is not.
  static func errors(_ body: () throws(ImportErrors) -> ProjectContent) -> JSONValue {
    do {
      _ = try body()
      return .null
    } catch {
      return error.json
    }
  }
}

extension ProjectContent {
  /// The workflow `Intake` of the fixture.
  var intake: WorkflowContent { workflows[0].content }
}
