public import Workflow

extension ProjectContent {
  /// The project as `GET /api/provision/<id>` gives it: what an import of it would change nothing about. Deleted
  /// workflows are left out.
  public var exported: JSONValue {
    [
      "id": .string(id), "name": .string(name), "description": JSONValue(description),
      "workflows": .array(workflows.filter { $0.deletedAt == nil }.map(\.exported)),
      "project_credentials": .array(
        credentials.map { ["id": .string($0.id), "name": .string($0.name), "owner": .string($0.owner)] }),
      "collections": .array(collections.map { ["id": .string($0.id), "name": .string($0.name)] }),
    ]
  }
}

extension WorkflowRows {
  fileprivate var exported: JSONValue {
    [
      "id": .string(content.id), "name": .string(content.name), "lock_version": JSONValue(lockVersion),
      "deleted_at": JSONValue(deletedAt), "concurrency": JSONValue(content.concurrency),
      "jobs": .array(content.jobs.map { Self.entity($0.id, $0.fields, keepsNulls: true) }),
      "triggers": .array(content.triggers.map { Self.entity($0.id, $0.fields, keepsNulls: false) }),
      "edges": .array(content.edges.map { Self.entity($0.id, $0.fields, keepsNulls: false) }),
    ]
  }

  private static func entity(_ id: String, _ fields: [String: JSONValue], keepsNulls: Bool) -> JSONValue {
    var members = keepsNulls ? fields : fields.filter { !$0.value.isNull }
    members["id"] = .string(id)
    return .object(members)
  }
}
