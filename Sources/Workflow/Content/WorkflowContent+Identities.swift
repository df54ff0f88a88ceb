extension WorkflowContent {
  /// The content with another id, and with other ids wherever it has or names a job, a trigger, an edge or a credential;
  /// what `ids` does not have keeps its own.
  public func identified(as id: String, _ ids: [String: String]) -> WorkflowContent {
    func renamed(_ id: String) -> String { ids[id] ?? id }
    var content = self
    content.id = id
    for index in jobs.indices {
      content.jobs[index].id = renamed(jobs[index].id)
      content.jobs[index].projectCredentialID = jobs[index].projectCredentialID.map(renamed)
      content.jobs[index].keychainCredentialID = jobs[index].keychainCredentialID.map(renamed)
    }
    for index in triggers.indices {
      content.triggers[index].id = renamed(triggers[index].id)
      content.triggers[index].cronCursorJobID = triggers[index].cronCursorJobID.map(renamed)
    }
    for index in edges.indices {
      content.edges[index].id = renamed(edges[index].id)
      content.edges[index].sourceJobID = edges[index].sourceJobID.map(renamed)
      content.edges[index].sourceTriggerID = edges[index].sourceTriggerID.map(renamed)
      content.edges[index].targetJobID = edges[index].targetJobID.map(renamed)
    }
    content.positions = positions.map { positions in
      Dictionary(positions.map { (renamed($0.key), $0.value) }) { first, _ in first }
    }
    return content
  }

  /// The ids of all jobs, triggers and edges.
  public var entityIDs: [String] { jobs.map(\.id) + triggers.map(\.id) + edges.map(\.id) }
}
