import Workflow

/// What makes a list of entities of what is there.
struct Changes<Entity: Equatable> {
  var inserted: [Entity] = []
  var updated: [Entity] = []
  /// Ids of what is no more.
  var deleted: [String] = []

  /// The order of the lists means nothing.
  init(from old: [Entity], to new: [Entity], id: (Entity) -> String) {
    var rest = Dictionary(old.map { (id($0), $0) }) { first, _ in first }
    for entity in new {
      switch rest.removeValue(forKey: id(entity)) {
      case nil: inserted.append(entity)
      case .some(let before): if before != entity { updated.append(entity) }
      }
    }
    deleted = rest.keys.sorted()
  }

  var isEmpty: Bool { inserted.isEmpty && updated.isEmpty && deleted.isEmpty }
}

/// What a new content changes in the rows of a workflow.
struct WorkflowChanges {
  var workflow: Bool
  var jobs: Changes<Job>
  var triggers: Changes<Trigger>
  var edges: Changes<Edge>

  init(from old: WorkflowContent?, to new: WorkflowContent) {
    jobs = Changes(from: old?.jobs ?? [], to: new.jobs) { $0.id }
    triggers = Changes(from: old?.triggers ?? [], to: new.triggers) { $0.id }
    edges = Changes(from: old?.edges ?? [], to: new.edges) { $0.id }
    workflow =
      old.map {
        $0.name != new.name || $0.concurrency != new.concurrency || $0.enableJobLogs != new.enableJobLogs
          || $0.positions != new.positions
      } ?? true
  }

  var isEmpty: Bool { !workflow && jobs.isEmpty && triggers.isEmpty && edges.isEmpty }
}

extension WorkflowContent {
  /// Without edges that lost an end because `old`'s job or trigger is deleted.
  func withoutOrphanedEdges(of old: WorkflowContent?) -> WorkflowContent {
    guard let old else { return self }
    let gone = Set(old.jobs.map(\.id) + old.triggers.map(\.id)).subtracting(jobs.map(\.id) + triggers.map(\.id))
    guard !gone.isEmpty else { return self }
    var content = self
    content.edges.removeAll { edge in
      [edge.sourceJobID, edge.sourceTriggerID, edge.targetJobID].contains { $0.map(gone.contains) ?? false }
    }
    return content
  }
}
