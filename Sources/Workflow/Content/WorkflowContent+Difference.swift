// What makes one content out of another, exactly: unlike the changes that people are told of, it knows the order of
// entities, and "" from nothing.

extension WorkflowContent {
  /// What makes `new` out of this content of the same workflow, as JSON; nil where both are the same. As large as what
  /// differs, and where entities came or went their ids. O(size of the workflow).
  public func difference(to new: WorkflowContent) -> JSONValue? {
    var members: [String: JSONValue] = [:]
    if name != new.name { members["name"] = .string(new.name) }
    if concurrency != new.concurrency { members["concurrency"] = JSONValue(new.concurrency) }
    if enableJobLogs != new.enableJobLogs { members["enable_job_logs"] = JSONValue(new.enableJobLogs) }
    members["jobs"] = Self.difference(jobs, new.jobs)
    members["triggers"] = Self.difference(triggers, new.triggers)
    members["edges"] = Self.difference(edges, new.edges)
    members["positions"] = Self.difference(positions ?? [:], new.positions ?? [:])
    return members.isEmpty ? nil : .object(members)
  }

  /// This content with a difference; nil for one that cannot be read.
  public func applying(_ difference: JSONValue) -> WorkflowContent? {
    guard let members = difference.object else { return nil }
    var content = self
    if let name = members["name"]?.string { content.name = name }
    if let value = members["concurrency"] { content.concurrency = value.integer }
    if let value = members["enable_job_logs"] { content.enableJobLogs = value.bool }
    guard Self.apply(members["jobs"], to: &content.jobs), Self.apply(members["triggers"], to: &content.triggers),
      Self.apply(members["edges"], to: &content.edges)
    else { return nil }
    if let changes = members["positions"] {
      var positions = positions ?? [:]
      for (node, position) in changes["set"]?.object ?? [:] { positions[node] = position }
      for node in changes["removed"]?.array ?? [] { positions[node.string ?? ""] = nil }
      content.positions = positions.isEmpty ? nil : positions
    }
    return content
  }

  // MARK: Entities

  private static func difference<Entity: WorkflowEntity>(_ old: [Entity], _ new: [Entity]) -> JSONValue? {
    guard old != new else { return nil }
    let isSameOrder = old.lazy.map(\.id).elementsEqual(new.lazy.map(\.id))
    let known = isSameOrder ? [:] : Dictionary(old.map { ($0.id, $0) }) { first, _ in first }
    var changed: [JSONValue] = []
    for (place, entity) in new.enumerated() where (isSameOrder ? old[place] : known[entity.id]) != entity {
      changed.append(.object(entity.fields.merging(["id": .string(entity.id)]) { $1 }))
    }
    var members: [String: JSONValue] = ["changed": .array(changed)]
    if !isSameOrder { members["ids"] = .array(new.map { .string($0.id) }) }
    return .object(members)
  }

  /// Whether the difference fits.
  private static func apply<Entity: WorkflowEntity>(_ difference: JSONValue?, to entities: inout [Entity]) -> Bool {
    guard let difference else { return true }
    var places = Dictionary(entities.enumerated().map { ($1.id, $0) }) { first, _ in first }
    for json in difference["changed"]?.array ?? [] {
      guard let fields = json.object, let id = fields["id"]?.string else { return false }
      if let place = places[id] {
        entities[place] = Entity(id: id, fields: fields)
      } else {
        places[id] = entities.count
        entities.append(Entity(id: id, fields: fields))
      }
    }
    guard let ids = difference["ids"]?.array else { return true }
    let ordered = ids.compactMap { id in id.string.flatMap { places[$0] }.map { entities[$0] } }
    entities = ordered
    return ordered.count == ids.count
  }

  // MARK: Positions

  private static func difference(_ old: [String: JSONValue], _ new: [String: JSONValue]) -> JSONValue? {
    guard old != new else { return nil }
    let removed = old.keys.filter { new[$0] == nil }.sorted()
    return ["set": .object(new.filter { old[$0.key] != $0.value }), "removed": .array(removed.map(JSONValue.string))]
  }
}

/// What jobs, triggers and edges have in common here.
private protocol WorkflowEntity: Equatable {
  var id: String { get }
  var fields: [String: JSONValue] { get }
  init(id: String, fields: [String: JSONValue])
}

extension Job: WorkflowEntity {}
extension Trigger: WorkflowEntity {}
extension Edge: WorkflowEntity {}
