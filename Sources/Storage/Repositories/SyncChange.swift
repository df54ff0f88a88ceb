public import Workflow

/// What a sync did to a workflow, as its history says it.
public enum SyncChange {
  /// Of a workflow that a pull wrote.
  static func json(_ before: WorkflowRows?, _ after: WorkflowRows, conflicts: Int) -> JSONValue {
    let action =
      before == nil ? "create" : after.deletedAt != nil ? "delete" : before?.deletedAt != nil ? "restore" : "change"
    return json(
      id: after.content.id, name: (before ?? after).content.name, action: action,
      changes: before?.content.changes(to: after.content) ?? [], conflicts: conflicts)
  }

  /// At most `ReconciliationRecord.listedChanges` changes, and how many there are.
  public static func json(
    id: String, name: String, action: String, changes: [ContentChange] = [], conflicts: Int = 0
  ) -> JSONValue {
    [
      "id": .string(id), "name": .string(name), "action": .string(action),
      "changes": .array(changes.prefix(ReconciliationRecord.listedChanges).map(\.summary)),
      "change_count": JSONValue(changes.count), "conflicts": JSONValue(conflicts),
    ]
  }
}
