import Provisioning
import Reconciliation
import Storage
import Workflow

/// What a project comes to that both its repository and its people may have changed since the last sync.
///
/// The file is laid over what it was last equal to, not over the rows: that makes the repository's side. What people saved
/// since is the other one. Where only one side changed a workflow, that is simply what it is; else the two are merged.
struct SyncMerge: Sendable {
  /// What both sides last agreed on.
  let known: SyncBase
  /// Who stands where both changed the same thing.
  let policy: Policy
  /// The time of deletions, in ISO 8601.
  let now: String
  /// What the file says, as a provisioning document for a project that is there.
  let document: @Sendable (ProjectContent) throws -> JSONValue

  func applied(to ours: ProjectContent?, foreignIDs: Set<String>) throws -> SyncedProject {
    guard let ours else { throw RepositoryError.projectGone }
    let seen = repositorySide(of: ours)
    var document = try document(seen)
    let mentioned = Self.mentioned(in: document)
    delete(known.workflows.keys.filter { !mentioned.contains($0) }.sorted(), of: seen, in: &document)
    let theirs = try ProjectImport(document).applied(to: seen, foreignIDs: foreignIDs, now: now)
    var result = SyncedProject(project: ours, base: SyncBase(settings: theirs.ownFields))
    takeOver(theirs, into: &result.project)
    let places = Dictionary(ours.workflows.enumerated().map { ($1.content.id, $0) }) { first, _ in first }
    for workflow in theirs.workflows {
      let id = workflow.content.id
      try merge(workflow, at: places[id], isMentioned: mentioned.contains(id), into: &result)
    }
    return result
  }

  // MARK: The repository's side

  /// The project as the repository last knew it. What people have added since is there as well, so that names find it: what
  /// the file does not say of it is left out again, which is no deletion, because it was not there before either.
  private func repositorySide(of ours: ProjectContent) -> ProjectContent {
    var project = ours
    let names = Set(known.workflows.values.map { $0.name.lowercased() })
    project.workflows = ours.workflows.compactMap { workflow in
      let id = workflow.content.id
      guard let base = known.workflows[id] else {
        return names.contains(workflow.content.name.lowercased()) ? nil : workflow
      }
      var workflow = workflow
      workflow.content = workflow.deletedAt == nil ? base.together(with: workflow.content) : base
      workflow.deletedAt = nil
      return workflow
    }
    return project
  }

  /// The ids of the workflows that a document is about.
  private static func mentioned(in document: JSONValue) -> Set<String> {
    Set((document["workflows"]?.array ?? []).compactMap { $0["id"]?.string?.lowercased() })
  }

  /// What the last file had and this one has not is deleted.
  private func delete(_ ids: [String], of project: ProjectContent, in document: inout JSONValue) {
    let present = Set(project.workflows.map(\.content.id))
    let deletions = ids.filter(present.contains).map { JSONValue.object(["id": .string($0), "delete": true]) }
    guard !deletions.isEmpty, var members = document.object else { return }
    members["workflows"] = .array((members["workflows"]?.array ?? []) + deletions)
    document = .object(members)
  }

  // MARK: Both sides

  /// The project's own fields: what the repository did not change stays as people have it.
  private func takeOver(_ theirs: ProjectContent, into project: inout ProjectContent) {
    let before = known.settings
    if before?["name"] != .string(theirs.name) { project.name = theirs.name }
    if before == nil || before?["description"] != JSONValue(theirs.description) {
      project.description = theirs.description
    }
    project.collections = theirs.collections
    project.credentials = theirs.credentials
  }

  /// `index` is where the workflow is among ours.
  private func merge(
    _ their: WorkflowRows, at index: Int?, isMentioned: Bool, into result: inout SyncedProject
  ) throws {
    let id = their.content.id
    let base = known.workflows[id]
    guard let index else {
      result.project.workflows.append(their)
      return result.base.workflows[id] = their.content.normalized()
    }
    let our = result.project.workflows[index]
    guard let base else {
      // Both sides meet here for the first time.
      result.project.workflows[index] = their
      if isMentioned, their.deletedAt == nil { result.base.workflows[id] = their.content.normalized() }
      return
    }
    if their.deletedAt != nil {
      // What people have changed since is not lost, and comes into the repository with the next push.
      if our.deletedAt == nil, our.content.isSame(as: base) { result.project.workflows[index] = their }
      return
    }
    result.base.workflows[id] = their.content.normalized()
    let isChanged = !their.content.isSame(as: base)
    guard our.deletedAt == nil else {
      if isChanged { result.project.workflows[index] = their }
      return
    }
    guard isChanged else { return }
    let merged = try Reconciler(policy: policy).merge(base: base, database: their.content, live: our.content)
    result.project.workflows[index].content = merged.content
    if !merged.conflicts.isEmpty { result.conflicts[id] = merged.conflicts }
  }
}

extension ProjectContent {
  /// The project's own fields, as they are kept to tell what changed.
  var ownFields: JSONValue { ["name": .string(name), "description": JSONValue(description)] }
}

extension WorkflowContent {
  /// Whether a save would find nothing to write.
  func isSame(as other: WorkflowContent) -> Bool {
    self == other || changes(to: other).isEmpty || normalized().changes(to: other.normalized()).isEmpty
  }

  /// This content, and what only another one has and cannot be confused with something here.
  func together(with other: WorkflowContent) -> WorkflowContent {
    var content = self
    let names = Set(jobs.map { $0.name.lowercased() })
    content.jobs += other.jobs.filter { job in
      !jobs.contains { $0.id == job.id } && !names.contains(job.name.lowercased())
    }
    let types = Set(triggers.map(\.type))
    content.triggers += other.triggers.filter { trigger in
      !triggers.contains { $0.id == trigger.id } && !types.contains(trigger.type)
    }
    let nodes = Set(content.jobs.map(\.id) + content.triggers.map(\.id))
    let ends = Set(edges.map(\.ends))
    content.edges += other.edges.filter { edge in
      !edges.contains { $0.id == edge.id } && !ends.contains(edge.ends) && edge.ends.allSatisfy(nodes.contains)
    }
    return content
  }
}

extension Edge {
  /// What it leads from and to.
  fileprivate var ends: [String] { [sourceJobID ?? sourceTriggerID, targetJobID].compactMap { $0 } }
}
