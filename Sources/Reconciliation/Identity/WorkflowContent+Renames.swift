import Workflow

extension WorkflowContent {
  /// Gives entities other ids, and has what refers to them follow.
  mutating func rename(_ renames: [Rename]) {
    guard !renames.isEmpty else { return }
    let ids = IDMap(renames)
    for index in jobs.indices { ids.jobs.apply(to: &jobs[index].id) }
    for index in triggers.indices {
      ids.triggers.apply(to: &triggers[index].id)
      ids.jobs.apply(to: &triggers[index].cronCursorJobID)
    }
    for index in edges.indices {
      ids.edges.apply(to: &edges[index].id)
      ids.jobs.apply(to: &edges[index].sourceJobID)
      ids.triggers.apply(to: &edges[index].sourceTriggerID)
      ids.jobs.apply(to: &edges[index].targetJobID)
    }
    for (old, new) in ids.nodes {
      if let position = positions?.removeValue(forKey: old) { positions?[new] = position }
    }
  }
}

/// Old ids and the new ones, by collection.
struct IDMap {
  private(set) var jobs: [String: String] = [:]
  private(set) var triggers: [String: String] = [:]
  private(set) var edges: [String: String] = [:]

  init(_ renames: [Rename]) {
    for rename in renames {
      switch rename.collection {
      case Job.collection: jobs[rename.oldID] = rename.newID
      case Trigger.collection: triggers[rename.oldID] = rename.newID
      default: edges[rename.oldID] = rename.newID
      }
    }
  }

  /// Of everything that has a position, in an order that is the same on every node.
  var nodes: [(old: String, new: String)] {
    jobs.merging(triggers) { job, _ in job }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension [String: String] {
  fileprivate func apply(to id: inout String) {
    if let new = self[id] { id = new }
  }

  fileprivate func apply(to id: inout String?) {
    if let new = id.flatMap({ self[$0] }) { id = new }
  }
}
