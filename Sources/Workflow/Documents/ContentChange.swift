/// One thing that differs between two states of a workflow's content.
public struct ContentChange: Hashable, Codable, Sendable {
  /// Where it is, as in `Conflict.unit`: `["workflow", "name"]`, `["jobs", "<id>", "body"]`, `["positions", "<node>"]`, or
  /// `["jobs", "<id>"]` for a job that came or went as a whole.
  public var unit: [String]
  /// The value in the first state; nil where it has none.
  public var before: JSONValue?
  /// The value in the second state; nil where it has none.
  public var after: JSONValue?

  public init(unit: [String], before: JSONValue?, after: JSONValue?) {
    self.unit = unit
    self.before = before
    self.after = after
  }

  /// What happened to the unit.
  public enum Kind: String, Hashable, Sendable {
    case added, changed, removed
  }

  /// What happened to the unit.
  public var kind: Kind { before == nil ? .added : after == nil ? .removed : .changed }
}

extension WorkflowContent {
  /// What differs between this content and `new`, field by field. Null, "" and an absent value are the same. The order is
  /// that of the workflow, its jobs, triggers, edges and positions, each by id. O(size of the workflow).
  public func changes(to new: WorkflowContent) -> [ContentChange] {
    var changes = ContentChange.list(["workflow"], settings, new.settings)
    changes += Self.changes("jobs", jobs, new.jobs, id: \.id, fields: \.fields)
    changes += Self.changes("triggers", triggers, new.triggers, id: \.id, fields: \.fields)
    changes += Self.changes("edges", edges, new.edges, id: \.id, fields: \.fields)
    return changes + ContentChange.list(["positions"], positions ?? [:], new.positions ?? [:])
  }

  private var settings: [String: JSONValue] {
    [
      "name": .string(name), "concurrency": JSONValue(concurrency), "enable_job_logs": JSONValue(enableJobLogs),
    ]
  }

  private static func changes<Entity: Equatable>(
    _ collection: String, _ old: [Entity], _ new: [Entity], id: (Entity) -> String,
    fields: (Entity) -> [String: JSONValue]
  ) -> [ContentChange] {
    guard old != new else { return [] }
    // Nearly all are the same at the same place.
    let places = (0..<max(old.count, new.count)).filter { place in
      place >= old.count || place >= new.count || old[place] != new[place]
    }
    func entities(of list: [Entity]) -> [String: Entity] {
      Dictionary(places.filter { $0 < list.count }.map { (id(list[$0]), list[$0]) }) { first, _ in first }
    }
    let (before, after) = (entities(of: old), entities(of: new))
    return Set(before.keys).union(after.keys).sorted().flatMap { id -> [ContentChange] in
      let unit = [collection, id]
      guard let old = before[id], let new = after[id] else {
        return [
          ContentChange(
            unit: unit, before: before[id].map { .object(fields($0)) }, after: after[id].map { .object(fields($0)) })
        ]
      }
      return old == new ? [] : ContentChange.list(unit, fields(old), fields(new))
    }
  }
}

extension ContentChange {
  /// The keys under which two objects differ.
  fileprivate static func list(
    _ unit: [String], _ old: [String: JSONValue], _ new: [String: JSONValue]
  ) -> [ContentChange] {
    guard old != new else { return [] }
    return Set(old.keys).union(new.keys).sorted().compactMap { key in
      let (before, after) = (old[key]?.given, new[key]?.given)
      return before == after ? nil : ContentChange(unit: unit + [key], before: before, after: after)
    }
  }
}

extension JSONValue {
  /// Nil for what means "not set".
  fileprivate var given: JSONValue? {
    self == .null || self == .string("") ? nil : self
  }
}
