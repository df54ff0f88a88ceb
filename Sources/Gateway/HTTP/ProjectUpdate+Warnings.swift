public import Provisioning
public import Storage

extension ProjectUpdate {
  /// What is probably not meant in the workflows that were changed.
  public var warnings: ImportErrors {
    let changed = Set(changedWorkflowIDs)
    let workflows = project.workflows.filter { changed.contains($0.content.id) && $0.deletedAt == nil }
    return ImportErrors(warningsAbout: workflows.map(\.content))
  }
}
