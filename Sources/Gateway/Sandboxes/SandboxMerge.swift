import Provisioning
import Reconciliation
import Storage
import Workflow

/// What is to be merged of a sandbox into its parent, and how.
struct SandboxMerge: Sendable {
  /// The sandbox's workflows that are merged; nil for all.
  var selection: Set<String>?
  /// Workflows of the parent that are deleted. What only the parent has stays otherwise.
  var deletions: Set<String> = []
  /// Whose credentials may be attached to the parent by it: those of the user with this e-mail address; nil for anybody's.
  var owner: String?
  let reconciler: Reconciler
  /// When it is made, in ISO 8601.
  let time: String

  /// What comes of it: workflows are merged by name, three-way from what the two last had in common, and the sandbox's side
  /// stands where both changed the same. Throws `SandboxError`.
  func outcome(of source: SandboxSource, in target: ProjectContent) throws -> SandboxOutcome {
    guard source.project.parentID == target.id else { throw SandboxError.unrelated }
    let workflows = try selected(source.project.workflows)
    try checkDeletions(target, besides: workflows)
    var outcome = SandboxOutcome(merge: ProjectMerge(project: target), bases: [])
    let credentials = try attach(of: source, used: workflows, to: &outcome.merge.project)
    for workflow in workflows {
      try merge(workflow, source.bases[workflow.id], credentials, into: &outcome)
    }
    try check(workflows.map(\.name), in: outcome.merge.project)
    let names = Set(target.collections.map(\.name))
    outcome.merge.project.collections += source.project.collections.filter { !names.contains($0.name) }
      .map { ProjectCollection(id: Store.newID(), name: $0.name) }
    outcome.merge.project = try deleting(from: outcome.merge.project)
    return outcome
  }

  // MARK: Which

  private func selected(_ workflows: [WorkflowRows]) throws(SandboxError) -> [WorkflowContent] {
    let live = workflows.filter { $0.deletedAt == nil }.map(\.content)
    guard let selection else { return live }
    if let unknown = selection.subtracting(live.map(\.id)).min() {
      throw .unknownWorkflow(unknown, field: "workflow_ids")
    }
    return live.filter { selection.contains($0.id) }
  }

  private func checkDeletions(_ target: ProjectContent, besides merged: [WorkflowContent]) throws(SandboxError) {
    let live = target.workflows.filter { $0.deletedAt == nil }.map(\.content)
    if let unknown = deletions.subtracting(live.map(\.id)).min() {
      throw .unknownWorkflow(unknown, field: "deleted_workflow_ids")
    }
    let names = Set(merged.map(\.name))
    if let both = live.first(where: { deletions.contains($0.id) && names.contains($0.name) }) {
      throw .mergedAndDeleted(both.name)
    }
  }

  // MARK: Workflows

  private func merge(
    _ workflow: WorkflowContent, _ base: SandboxBase?, _ credentials: [String: String],
    into outcome: inout SandboxOutcome
  ) throws {
    let place = outcome.merge.project.workflows.firstIndex {
      $0.deletedAt == nil && $0.content.name == workflow.name
    }
    let ours = place.map { outcome.merge.project.workflows[$0].content }
    let mapping = SandboxMapping(
      of: workflow, to: ours, base: base, credentials: credentials, newID: { Store.newID() })
    outcome.bases.append(mapping.next)
    guard let place, let ours else {
      outcome.merge.project.workflows.append(
        WorkflowRows(content: mapping.content, projectID: outcome.merge.project.id, lockVersion: 0, revision: 0))
      return
    }
    // Of two that came to be apart nothing is known: what only one has stays, and every other difference is a conflict.
    let common = WorkflowContent(
      id: ours.id, name: ours.name, concurrency: ours.concurrency, enableJobLogs: ours.enableJobLogs)
    let merged = try reconciler.merge(base: mapping.base ?? common, database: mapping.content, live: ours)
    outcome.merge.project.workflows[place].content = merged.content
    if !merged.conflicts.isEmpty { outcome.merge.conflicts[ours.id] = merged.conflicts }
  }

  private func check(_ names: [String], in project: ProjectContent) throws(SandboxError) {
    var errors: [String: ValidationErrors] = [:]
    for workflow in project.workflows where workflow.deletedAt == nil && names.contains(workflow.content.name) {
      do {
        try workflow.content.normalized().validate()
      } catch {
        errors[workflow.content.name] = error
      }
    }
    if !errors.isEmpty { throw .invalid(errors) }
  }

  /// As an import deletes: the name is free again, and nothing starts any more.
  private func deleting(from project: ProjectContent) throws -> ProjectContent {
    guard !deletions.isEmpty else { return project }
    let deleted = deletions.sorted().map { JSONValue.object(["id": .string($0), "delete": true]) }
    let document = ProjectImport(["id": .string(project.id), "workflows": .array(deleted)])
    return try document.applied(to: project, foreignIDs: [], now: time)
  }

  // MARK: Credentials

  /// The parent's credentials by the sandbox's, with those attached that it lacks.
  private func attach(
    of source: SandboxSource, used workflows: [WorkflowContent], to project: inout ProjectContent
  ) throws(SandboxError) -> [String: String] {
    let jobs = workflows.flatMap(\.jobs)
    let used = Set(jobs.compactMap(\.projectCredentialID) + jobs.compactMap(\.keychainCredentialID))
    let origins = source.bases.values.reduce(into: [:]) { $0.merge($1.origins) { first, _ in first } }
    var ids: [String: String] = [:]
    var foreign: [ProjectCredential] = []
    for credential in source.project.credentials where used.contains(credential.id) {
      let known =
        project.credentials.first { $0.id == origins[credential.id] }
        ?? project.credentials.first { $0.name == credential.name && $0.owner == credential.owner }
      if let known {
        ids[credential.id] = known.id
      } else if let owner, owner.lowercased() != credential.owner.lowercased() {
        foreign.append(credential)
      } else {
        let new = ProjectCredential(id: Store.newID(), name: credential.name, owner: credential.owner)
        project.credentials.append(new)
        ids[credential.id] = new.id
      }
    }
    guard foreign.isEmpty else { throw .foreignCredentials(foreign) }
    for keychain in source.project.keychains where used.contains(keychain.id) {
      if let known = project.keychains.first(where: { $0.id == origins[keychain.id] || $0.name == keychain.name }) {
        ids[keychain.id] = known.id
      } else {
        let new = ProjectKeychain(id: Store.newID(), name: keychain.name)
        project.keychains.append(new)
        ids[keychain.id] = new.id
      }
    }
    return ids
  }
}
