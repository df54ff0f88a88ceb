import Provisioning
import Storage
import Workflow

/// A project on its way into its repository: which files change there.
struct RepositoryExport {
  let project: ProjectContent
  /// What the repository has; nil where it has no project yet.
  let committed: CommittedProject?
  let place: ProjectPlace
  /// What both last agreed on.
  let known: SyncBase

  init(_ project: ProjectContent, _ committed: CommittedProject?, _ connection: RepositoryConnection, known: SyncBase) {
    self.project = project
    self.committed = committed
    self.known = known
    place = committed?.place ?? ProjectPlace(newFor: connection)
  }

  var format: ProjectFormat { committed?.format ?? .v1 }

  /// What the files are to hold, nil for those that are to go; empty where the project is as it was when both last agreed,
  /// however somebody else may have written that down.
  func files() throws(SyncFailure) -> [String: [UInt8]?] {
    if committed?.file.isSingleWorkflow == true {
      throw SyncFailure(
        "single_workflow", "\(place.specPath) has a single workflow, and the project cannot be written there")
    }
    do {
      let wanted = try contents(of: project)
      if committed != nil, try contents(of: lastAgreed) == wanted { return [:] }
      return changed(wanted)
    } catch {
      throw SyncFailure(importing: error)
    }
  }

  /// What became of each workflow since.
  var changes: [JSONValue] {
    let present = project.workflows.filter { $0.deletedAt == nil }.map(\.content)
    var changes = present.compactMap { content -> JSONValue? in
      let before = known.workflows[content.id]
      if let before, before.isSame(as: content) { return nil }
      return SyncChange.json(
        id: content.id, name: content.name, action: before == nil ? "create" : "change",
        changes: before?.changes(to: content) ?? [])
    }
    let ids = Set(present.map(\.id))
    for content in known.workflows.values.sorted(by: { $0.name < $1.name }) where !ids.contains(content.id) {
      changes.append(SyncChange.json(id: content.id, name: content.name, action: "delete"))
    }
    return changes
  }

  /// What both agree on once it is pushed.
  func base(digest: String) -> SyncBase {
    let contents = project.workflows.filter { $0.deletedAt == nil }.map { ($0.content.id, $0.content.normalized()) }
    return SyncBase(
      workflows: Dictionary(contents) { first, _ in first }, settings: project.ownFields, digest: digest)
  }

  /// The project as both last agreed on it.
  private var lastAgreed: ProjectContent {
    var project = project
    project.name = known.settings?["name"]?.string ?? project.name
    project.description = known.settings?["description"]?.string
    let present = Set(project.workflows.map(\.content.id))
    project.workflows = project.workflows.compactMap { workflow in
      guard let content = known.workflows[workflow.content.id] else { return nil }
      var workflow = workflow
      (workflow.content, workflow.deletedAt) = (content, nil)
      return workflow
    }
    for content in known.workflows.values.sorted(by: { $0.id < $1.id }) where !present.contains(content.id) {
      project.workflows.append(WorkflowRows(content: content, projectID: project.id, lockVersion: 0, revision: 0))
    }
    return project
  }

  private func contents(of project: ProjectContent) throws(FileProblems) -> [String: [UInt8]] {
    let layout = ProjectLayout(
      specPath: place.specPath, statePath: place.statePath, bodyFiles: bodyFiles(of: project))
    return try ProjectExport(project).files(as: format, layout: layout)
  }

  /// The files that bodies were read from, by the keys that the jobs have in an export: jobs keep theirs, renamed or not.
  private func bodyFiles(of project: ProjectContent) -> [ProjectFile.BodyPlace: String] {
    guard let file = committed?.file, !file.bodyFiles.isEmpty, case .specification(let old) = file.content else {
      return [:]
    }
    var paths: [String: String] = [:]
    let contents = Dictionary(known.workflows.values.map { ($0.name, $0) }) { first, _ in first }
    for workflow in old.workflows {
      let ids = Dictionary((contents[workflow.name]?.jobs ?? []).map { ($0.name, $0.id) }) { first, _ in first }
      for job in workflow.jobs {
        guard let id = ids[job.name] else { continue }
        paths[id] = file.bodyFiles[ProjectFile.BodyPlace(workflow: workflow.key, job: job.key)]
      }
    }
    let present = project.workflows.filter { $0.deletedAt == nil }
    let new = ProjectSpecification(project, keys: file.format.isV2 ? .slug : .hyphenated)
    var places: [ProjectFile.BodyPlace: String] = [:]
    for (workflow, rows) in zip(new.workflows, present) {
      for (job, row) in zip(workflow.jobs, rows.content.jobs) {
        places[ProjectFile.BodyPlace(workflow: workflow.key, job: job.key)] = paths[row.id]
      }
    }
    return places
  }

  private func changed(_ wanted: [String: [UInt8]]) -> [String: [UInt8]?] {
    var files: [String: [UInt8]?] = [:]
    for (path, bytes) in wanted where present(path) != bytes { files[path] = bytes }
    for path in committed?.file.bodyFiles.values.sorted() ?? [] where wanted[path] == nil { files[path] = .some(nil) }
    if let path = place.statePath {
      let state = ProjectState(of: project)
      if committed?.state != state { files[path] = Array(state.text.utf8) }
    }
    if committed == nil, let path = place.configPath { files[path] = Array(place.config.utf8) }
    return files
  }

  private func present(_ path: String) -> [UInt8]? { try? committed?.tree.contents(of: path) }
}
