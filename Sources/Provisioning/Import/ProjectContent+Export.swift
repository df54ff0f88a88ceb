public import Workflow

extension ProjectContent {
  /// The project as `GET /api/provision/<id>` gives it: what an import of it would change nothing about. Deleted
  /// workflows are left out.
  public var exported: JSONValue {
    JSONValue.object(
      [
        "id": .string(id), "name": .string(name), "description": JSONValue(description),
        "workflows": .array(
          workflows.filter { $0.deletedAt == nil }.map {
            $0.exported(timestamps[$0.content.id], versionHistories[$0.content.id] ?? [])
          }),
        "project_credentials": .array(
          credentials.map { ["id": .string($0.id), "name": .string($0.name), "owner": .string($0.owner)] }),
        "collections": .array(collections.map { ["id": .string($0.id), "name": .string($0.name)] }),
      ].merging(timestamps[id].members) { $1 })
  }
}

extension WorkflowRows {
  fileprivate func exported(_ timestamps: Timestamps?, _ versionHistory: [String]) -> JSONValue {
    JSONValue.object(
      [
        "id": .string(content.id), "name": .string(content.name), "lock_version": JSONValue(lockVersion),
        "deleted_at": JSONValue(deletedAt), "concurrency": JSONValue(content.concurrency),
        "version_history": .array(versionHistory.map(JSONValue.string)),
        "jobs": .array(content.jobs.map(\.exported)), "triggers": .array(content.triggers.map(\.exported)),
        "edges": .array(content.edges.map(\.exported)),
      ].merging(timestamps.members) { $1 })
  }
}

extension Job {
  /// The keychain credential is named only where there is one: not every reader knows it.
  fileprivate var exported: JSONValue {
    var members = fields
    members["id"] = .string(id)
    if keychainCredentialID == nil { members["keychain_credential_id"] = nil }
    return .object(members)
  }
}

extension Trigger {
  static let exportedKafkaKeys: Set<String> = [
    "hosts", "topics", "initial_offset_reset_policy", "connect_timeout",
  ]

  fileprivate var exported: JSONValue {
    var members = fields.filter { !$0.value.isNull }
    members["id"] = .string(id)
    if let kafkaConfiguration {
      let lists = KafkaConfiguration.lists(of: kafkaConfiguration)
      members["kafka_configuration"] = .object(lists.filter { Self.exportedKafkaKeys.contains($0.key) })
    }
    return .object(members)
  }
}

extension Edge {
  fileprivate var exported: JSONValue {
    var members = fields.filter { !$0.value.isNull }
    members["id"] = .string(id)
    return .object(members)
  }
}

extension Timestamps? {
  fileprivate var members: [String: JSONValue] {
    guard let self else { return [:] }
    return ["inserted_at": .string(self.insertedAt), "updated_at": .string(self.updatedAt)]
  }
}
