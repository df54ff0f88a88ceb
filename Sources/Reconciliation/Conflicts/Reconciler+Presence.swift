import Workflow
import YCRDT

/// Entities that a choice brings back or takes away.
extension Reconciler {
  /// Makes the entity be there with these fields, or with nil not be there.
  func setPresence(
    of id: String, in collection: String, _ fields: [String: JSONValue]?, _ doc: Doc, _ live: LiveWorkflow,
    _ unit: [String]
  ) throws {
    let entity = live[collection, id]
    if fields == nil, let entity {
      try remove(entity, from: collection, live)
    } else if let fields, entity == nil {
      try insert(id, collection, fields, doc, live, unit)
      if let position = fields[Conflict.positionKey] { try live.positions.set(id, position.yValue) }
    }
  }

  private func remove(_ entity: LiveEntity, from collection: String, _ live: LiveWorkflow) throws(YError) {
    switch collection {
    case Job.collection: try live.jobs.array.remove(at: entity.index)
    case Trigger.collection: try live.triggers.array.remove(at: entity.index)
    default: return try live.edges.array.remove(at: entity.index)
    }
    try live.positions.removeValue(forKey: entity.id)
    let ends = ["source_job_id", "source_trigger_id", "target_job_id"]
    for edge in live.edges.first.reversed() where ends.contains(where: { edge.reference($0) == entity.id }) {
      try live.edges.array.remove(at: edge.index)
    }
    for trigger in live.triggers.first where trigger.reference("cron_cursor_job_id") == entity.id {
      if collection == Job.collection { try trigger.map.set("cron_cursor_job_id", .null) }
    }
  }

  private func insert(
    _ id: String, _ collection: String, _ fields: [String: JSONValue], _ doc: Doc, _ live: LiveWorkflow,
    _ unit: [String]
  ) throws {
    switch collection {
    case Job.collection: _ = try Job(id: id, fields: fields).append(to: doc)
    case Trigger.collection:
      var trigger = Trigger(id: id, fields: fields)
      if let job = trigger.cronCursorJobID, live.jobs[job] == nil { trigger.cronCursorJobID = nil }
      _ = try trigger.append(to: doc)
    default:
      let edge = Edge(id: id, fields: fields)
      let jobs = [edge.sourceJobID, edge.targetJobID].compactMap(\.self)
      let missing =
        jobs.first { live.jobs[$0] == nil } ?? edge.sourceTriggerID.flatMap { live.triggers[$0] == nil ? $0 : nil }
      if let missing { throw ResolutionError.incomplete(unit: unit, missing: missing) }
      _ = try edge.append(to: doc)
    }
  }
}
