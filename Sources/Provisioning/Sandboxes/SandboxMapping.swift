public import Workflow

/// A workflow of a sandbox as the project that it is merged into would have it, in that project's ids.
public struct SandboxMapping: Sendable {
  /// What the source has, with the ids of the target. Of a trigger that both have only the type, the schedule, the path and
  /// the comment come along: whether it is on, and what else runs depend on, is the target's own.
  public let content: WorkflowContent
  /// What both last had in common; nil where the target's workflow is none that the source's came from.
  public let base: WorkflowContent?
  /// What is noted once the content is merged.
  public let next: SandboxBase

  /// `target` is nil where the project has no such workflow. `credentials` are the target's by the source's.
  public init(
    of source: WorkflowContent, to target: WorkflowContent?, base: SandboxBase?, credentials: [String: String],
    newID: () -> String
  ) {
    let base = base.flatMap { $0.content.id == target?.id ? $0 : nil }
    let empty = WorkflowContent(id: target?.id ?? newID(), name: source.name)
    let matching = WorkflowMatching(source: source, target: target ?? empty, base: base)
    var ids = matching.ids
    for id in source.entityIDs where ids[id] == nil { ids[id] = newID() }
    var content = source.identified(as: empty.id, ids.merging(credentials) { $1 })
    let theirs = Dictionary(
      ((base?.content.triggers ?? []) + (target?.triggers ?? [])).map { ($0.id, $0) }
    ) { $1 }
    for index in content.triggers.indices {
      guard var trigger = theirs[content.triggers[index].id] else { continue }
      trigger.type = content.triggers[index].type
      trigger.cronExpression = content.triggers[index].cronExpression
      trigger.customPath = content.triggers[index].customPath
      trigger.comment = content.triggers[index].comment
      content.triggers[index] = trigger
    }
    self.content = content.normalized()
    self.base = base?.content
    next = SandboxBase(
      workflowID: source.id, content: self.content, origins: ids.merging(credentials) { $1 },
      version: base?.version ?? 0)
  }
}
