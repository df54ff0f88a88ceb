public import Workflow
public import YCRDT

extension Reconciler {
  /// Writes what is wrong with the document into its `errors`, for everybody who has it open. Rows and base stay.
  ///
  /// What a server had `reported` before and is right by now goes, as does what is about entities that are gone. Of a field
  /// that editors have messages for as well the new ones stand; their other messages stay.
  public func report(
    _ errors: ValidationErrors, since reported: ValidationErrors, in doc: Doc, base: Base
  ) throws -> Reconciliation {
    let live = LiveWorkflow(doc)
    var map = ErrorMap(live.errors)
    map.remove(reported)
    map.put(errors)
    map.keepEntities(of: Job.collection) { live.jobs[$0] != nil }
    map.keepEntities(of: Trigger.collection) { live.triggers[$0] != nil }
    map.keepEntities(of: Edge.collection) { live.edges[$0] != nil }
    var changed = false
    if map.isChanged { (_, changed) = try Self.transact(doc) { try map.write(to: live.errors) } }
    return Reconciliation(base: base, conflicts: [], changed: changed)
  }
}

extension MergePlan {
  /// Takes away the messages about what is gone afterwards, and about fields that get the database's value, which it has
  /// accepted.
  mutating func settleErrors(of live: LiveWorkflow) {
    guard !live.errors.isEmpty else { return }
    for write in metadata { errors.remove(at: [WorkflowDocument.workflowRoot, write.path[0]]) }
    for id in texts.keys.sorted() where texts[id]?.isEdit == true { errors.remove(at: [Job.collection, id, "body"]) }
    settle(jobs)
    settle(triggers)
    settle(edges)
  }

  private mutating func settle<E: Entity>(_ collection: CollectionPlan<E>) {
    errors.keepEntities(of: E.collection, where: collection.contains)
    for entity in collection.live.first {
      guard case .update(let writes)? = collection[entity.id] else { continue }
      for write in writes { errors.remove(at: [E.collection, entity.id, write.path[0]]) }
    }
  }
}

extension TextPlan {
  fileprivate var isEdit: Bool {
    if case .none = edit { false } else { true }
  }
}
