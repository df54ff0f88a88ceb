public import Workflow

/// A project copied as a sandbox: everything under ids of its own, and no trigger on.
public struct SandboxCopy: Sendable {
  /// The sandbox.
  public let project: ProjectContent
  /// What each of its workflows began with.
  public let bases: [SandboxBase]

  /// A copy of a project as it is saved. Deleted workflows stay behind. `newID` makes ids that nothing has. O(size of the
  /// project).
  public init(of parent: ProjectContent, id: String, name: String, newID: () -> String) {
    var project = ProjectContent(id: id, name: name, description: parent.description)
    var attached: [String: String] = [:]
    for credential in parent.credentials {
      let copy = ProjectCredential(id: newID(), name: credential.name, owner: credential.owner)
      attached[credential.id] = copy.id
      project.credentials.append(copy)
    }
    for keychain in parent.keychains {
      let copy = ProjectKeychain(id: newID(), name: keychain.name)
      attached[keychain.id] = copy.id
      project.keychains.append(copy)
    }
    project.collections = parent.collections.map { ProjectCollection(id: newID(), name: $0.name) }
    var bases: [SandboxBase] = []
    for workflow in parent.workflows where workflow.deletedAt == nil {
      let ids = workflow.content.entityIDs.map { ($0, newID()) }
      let copies = attached.merging(ids) { $1 }
      var content = workflow.content.identified(as: newID(), copies)
      for index in content.triggers.indices { content.triggers[index].enabled = false }
      project.workflows.append(WorkflowRows(content: content, projectID: id, lockVersion: 0, revision: 0))
      bases.append(
        SandboxBase(
          workflowID: content.id, content: workflow.content,
          origins: Dictionary(copies.map { ($0.value, $0.key) }) { first, _ in first }))
    }
    self.project = project
    self.bases = bases
  }
}
