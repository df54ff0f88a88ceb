extension WorkflowContent {
  /// Whether both say the same: the order of jobs, triggers and edges says nothing. O(n log n).
  public func isEquivalent(to other: WorkflowContent) -> Bool {
    inOrder == other.inOrder
  }

  private var inOrder: WorkflowContent {
    var content = self
    content.jobs.sort { $0.id < $1.id }
    content.triggers.sort { $0.id < $1.id }
    content.edges.sort { $0.id < $1.id }
    return content
  }
}
