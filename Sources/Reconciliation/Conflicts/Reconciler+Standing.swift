public import Workflow
public import YCRDT

/// Which side of a recorded conflict a document shows.
public enum Standing: String, Hashable, Sendable {
  case live
  case database
  /// Both, as they were merged.
  case merged
  /// What somebody wrote later.
  case other
  /// Nothing: what the conflict was in is no more.
  case gone
}

extension Reconciler {
  /// Which side the document shows for each of the conflicts. O(size of the workflow).
  public func standings(of records: [ConflictRecord], in doc: Doc) -> [Standing] {
    let live = LiveWorkflow(doc)
    return records.map { standing(of: $0.conflict, in: live) }
  }

  private func standing(of conflict: Conflict, in live: LiveWorkflow) -> Standing {
    let shown = live.value(at: conflict.unit, policy)
    if conflict.isAboutPresence {
      let hasWritten = conflict.database == nil
      return shown == nil ? (hasWritten ? .database : .live) : (hasWritten ? .live : .database)
    }
    if live.isGone(conflict.unit) { return .gone }
    if shown.isSame(as: conflict.database) { return .database }
    if shown.isSame(as: conflict.live) { return .live }
    if let result = conflict.result, shown.isSame(as: result) { return .merged }
    return .other
  }

  /// The open conflicts that later edits made pointless, each with the reason. O(size of the workflow).
  public func pointless(_ records: [ConflictRecord], in doc: Doc, base: Base) -> [ConflictClosure] {
    let live = LiveWorkflow(doc)
    return records.compactMap { record in
      reason(for: record, in: live, base.content).map { ConflictClosure(id: record.id, reason: $0) }
    }
  }

  private func reason(for record: ConflictRecord, in live: LiveWorkflow, _ base: WorkflowContent) -> String? {
    let conflict = record.conflict
    let standing = standing(of: conflict, in: live)
    switch (conflict.winner, standing) {
    case (_, .gone): return "deleted"
    case (.kept, .database), (.restored, .live): return "deleted"
    // What a merge of rows kept is in the rows from the beginning, and nobody has decided that it is to stay there.
    case (.kept, .live): return record.recordedBy != .merge && base.contains(conflict.unit) ? "saved" : nil
    case (.database, .live), (.live, .database): return "\(standing.rawValue) value written"
    case (.merged, .live), (.merged, .database):
      // A merge that made one side's text leaves the choice open.
      let isUntouched = live.value(at: conflict.unit, policy).isSame(as: conflict.result)
      return isUntouched ? nil : "\(standing.rawValue) value written"
    default: return nil
    }
  }
}

extension Conflict {
  /// Whether it is about something's being there at all: then one side has none.
  fileprivate var isAboutPresence: Bool {
    if winner == .kept || winner == .restored { return true }
    if case .entity(_, _, [])? = Place(unit) { return true }
    return false
  }
}

extension LiveWorkflow {
  /// Whether the entity that a unit is part of, or the node that it is the position of, is no more.
  fileprivate func isGone(_ unit: [String]) -> Bool {
    switch Place(unit) {
    case .entity(let collection, let id, _): self[collection, id] == nil
    case .position(let node, _): jobs[node] == nil && triggers[node] == nil
    case .workflow, nil: false
    }
  }
}

extension JSONValue? {
  /// Whether both are the same as far as the merge is concerned.
  fileprivate func isSame(as other: JSONValue?) -> Bool {
    if let text = self?.string, let other = other?.string { return text.isSameText(as: other) }
    return self?.canonical == other?.canonical
  }
}

extension WorkflowContent {
  /// Whether the entity or position that a unit names is there.
  fileprivate func contains(_ unit: [String]) -> Bool {
    switch Place(unit) {
    case .entity(Job.collection, let id, _): jobs.contains { $0.id == id }
    case .entity(Trigger.collection, let id, _): triggers.contains { $0.id == id }
    case .entity(_, let id, _): edges.contains { $0.id == id }
    // A null position is none.
    case .position(let node, _): positions?[node]?.canonical != nil
    case .workflow, nil: true
    }
  }
}
