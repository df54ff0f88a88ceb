/// One saved version of a workflow, as lists show it.
public struct VersionRecord: Hashable, Sendable {
  /// Lower-case uuid of the snapshot that holds it.
  public var id: String
  public var lockVersion: Int
  /// In ISO 8601.
  public var savedAt: String
  /// Whether the rows are at this version now.
  public var isLatest: Bool
  /// What made the version, where a record of that is kept.
  public var provenance: Provenance?

  public init(id: String, lockVersion: Int, savedAt: String, isLatest: Bool, provenance: Provenance? = nil) {
    self.id = id
    self.lockVersion = lockVersion
    self.savedAt = savedAt
    self.isLatest = isLatest
    self.provenance = provenance
  }
}

extension WorkflowContent {
  /// This content as it was in a saved version. Versions have neither settings nor positions: those stay as they are here,
  /// positions as far as there still is what they are of. O(size of both).
  public func restored(to version: WorkflowContent) -> WorkflowContent {
    var content = version.withUnversionedParts(of: self)
    let nodes = Set(content.jobs.map(\.id) + content.triggers.map(\.id))
    content.positions = content.positions?.filter { nodes.contains($0.key) }
    return content
  }

  /// What differs between this saved version and other content, apart from what versions do not have. O(size of both).
  public func changesOfVersion(to other: WorkflowContent) -> [ContentChange] {
    withUnversionedParts(of: other).changes(to: other)
  }

  private func withUnversionedParts(of other: WorkflowContent) -> WorkflowContent {
    WorkflowContent(
      id: id, name: name, concurrency: other.concurrency, enableJobLogs: other.enableJobLogs, jobs: jobs,
      triggers: triggers, edges: edges, positions: other.positions)
  }

  /// The triggers to which a restored version gives a connection that the rows do not have, and so without its secrets, which
  /// are kept nowhere else.
  public func triggersWithoutSecrets(since rows: WorkflowContent) -> [[String]] {
    let connected = Set(rows.triggers.filter { $0.kafkaConfiguration != nil }.map(\.id))
    return triggers.filter { $0.kafkaConfiguration != nil && !connected.contains($0.id) }.map {
      ["triggers", $0.id, "kafka_configuration"]
    }
  }
}
