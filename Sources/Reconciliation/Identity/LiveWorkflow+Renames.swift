import Workflow
import YCRDT

extension LiveWorkflow {
  /// The document as it will be when entities have their new ids and what refers to them follows. They stay where they
  /// are, so cursors, unsaved characters and those still on their way stay with them.
  mutating func rename(_ renames: [Rename]) {
    guard !renames.isEmpty else { return }
    let ids = IDMap(renames)
    jobs.rename(ids.jobs)
    triggers.rename(ids.triggers)
    edges.rename(ids.edges)
    triggers.redirect("cron_cursor_job_id", ids.jobs)
    edges.redirect("source_job_id", ids.jobs)
    edges.redirect("source_trigger_id", ids.triggers)
    edges.redirect("target_job_id", ids.jobs)
    movedPositions = ids.nodes.filter { positions.contains($0.old) }
  }

  /// Where nodes lie, under their new ids.
  var shownPositions: [String: JSONValue] {
    var shown = JSONValue(positions.json).object ?? [:]
    for (old, new) in movedPositions { shown[new] = shown.removeValue(forKey: old) }
    return shown
  }

  /// Gives the positions of renamed nodes their new names.
  func writeMovedPositions() throws(YError) {
    for (old, new) in movedPositions {
      guard let position = positions[old]?.json else { continue }
      try positions.set(new, position)
      try positions.removeValue(forKey: old)
    }
  }
}

extension LiveCollection {
  fileprivate mutating func rename(_ newIDs: [String: String]) {
    for (old, new) in newIDs { rename(old, to: new) }
  }

  fileprivate mutating func redirect(_ field: String, _ newIDs: [String: String]) {
    guard !newIDs.isEmpty else { return }
    for id in ids {
      guard var entity = self[id], let new = entity.reference(field).flatMap({ newIDs[$0] }) else { continue }
      entity.pending.append(FieldWrite(path: [field], value: .string(new)))
      self[id] = entity
    }
  }
}
