extension WorkflowContent {
  /// The content without what lost what it refers to: edges of jobs or triggers that are gone, positions of such nodes, and
  /// the cursors of triggers into them.
  ///
  /// People delete a job in one editor while somebody draws an edge to it in another; a save writes what is left.
  public func withoutDanglingReferences() -> WorkflowContent {
    let jobIDs = Set(jobs.map(\.id))
    let triggerIDs = Set(triggers.map(\.id))
    var content = self
    content.edges.removeAll { edge in
      [edge.sourceJobID, edge.targetJobID].contains { $0.map { !jobIDs.contains($0) } ?? false }
        || edge.sourceTriggerID.map { !triggerIDs.contains($0) } ?? false
    }
    for index in triggers.indices {
      if let cursor = triggers[index].cronCursorJobID, !jobIDs.contains(cursor) {
        content.triggers[index].cronCursorJobID = nil
      }
    }
    let known = positions?.filter { jobIDs.contains($0.key) || triggerIDs.contains($0.key) }
    content.positions = known.flatMap { $0.isEmpty ? nil : $0 }
    return content
  }

  /// Whether both say the same. The order of jobs, triggers and edges says nothing.
  public func isSame(as other: WorkflowContent) -> Bool {
    self == other || inOrder == other.inOrder
  }

  private var inOrder: WorkflowContent {
    var content = self
    content.jobs.sort { $0.id < $1.id }
    content.triggers.sort { $0.id < $1.id }
    content.edges.sort { $0.id < $1.id }
    return content
  }
}
