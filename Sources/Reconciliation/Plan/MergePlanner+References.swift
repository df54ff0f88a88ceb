import Workflow

/// Referential integrity, evaluated on the result: what somebody wrote keeps what it refers to. (An edge that nobody
/// edited went with its job or trigger before, because rows have no edge without its ends.)
extension MergePlanner {
  /// Looks at every reference of the result whose entity will not be there.
  ///
  /// - What has unsaved edits keeps the entity it refers to, although the database deleted it.
  /// - What the database changed or added brings back the entity it refers to, although it was deleted live.
  /// - A reference that was dangling in the document before is not ours to judge; a save drops it.
  ///
  /// Bringing back a trigger can bring back the job it refers to, so it goes on until nothing is missing.
  mutating func repairReferences() {
    // References can only be missing where something goes, or where the database wrote one.
    var isSettled = plan.edges.isEmpty && plan.triggers.isEmpty && !plan.jobs.changesMembers
    while !isSettled {
      isSettled = true
      for id in presentIDs(plan.edges) {
        for field in ["source_job_id", "target_job_id"] {
          if repair(field, of: id, in: \.edges, to: \.jobs) { isSettled = false }
        }
        if repair("source_trigger_id", of: id, in: \.edges, to: \.triggers) { isSettled = false }
      }
      for id in presentIDs(plan.triggers) where repair("cron_cursor_job_id", of: id, in: \.triggers, to: \.jobs) {
        isSettled = false
      }
    }
  }

  private func presentIDs<E: Entity>(_ collection: CollectionPlan<E>) -> [String] {
    let inserted = collection.ids { $0 == .insert }
    return (collection.live.ids + inserted).filter(collection.contains)
  }

  /// Whether anything was changed.
  private mutating func repair<E: Entity, Node: Entity>(
    _ field: String, of id: String, in collection: WritableKeyPath<MergePlan, CollectionPlan<E>>,
    to nodes: WritableKeyPath<MergePlan, CollectionPlan<Node>>
  ) -> Bool {
    guard let node = plan[keyPath: collection].reference(field, of: id), !plan[keyPath: nodes].contains(node) else {
      return false
    }
    if let liveNode = plan[keyPath: nodes].live[node] {
      plan[keyPath: nodes][node] = nil
      let baseNode = plan[keyPath: nodes].base[node]
      record(
        .editDelete, [Node.collection, node], base: baseNode?.fields, live: liveNode.fields(as: Node.self),
        database: nil)
      return true
    }
    guard let databaseNode = plan[keyPath: nodes].database[node],
      plan[keyPath: collection].live[id]?.reference(field) != node
    else { return false }
    plan[keyPath: nodes][node] = .insert
    let baseNode = plan[keyPath: nodes].base[node]
    record(
      .deleteEdit, [Node.collection, node], base: baseNode?.fields, live: nil, database: databaseNode.fields)
    return true
  }
}
