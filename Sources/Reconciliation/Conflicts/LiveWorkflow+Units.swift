import Workflow
import YCRDT

/// The units that conflicts are about, in the document as it is now.
extension LiveWorkflow {
  /// What the document shows for a unit, in the form in which records have it; nil where it shows nothing.
  func value(at unit: [String], _ policy: Policy) -> JSONValue? {
    guard let place = Place(unit) else { return nil }
    switch place {
    case .workflow(let path): return Self.value(in: metadataFields, path, policy.rule(for: unit))
    case .position(let node, let path):
      return (positions[node]?.json).map { JSONValue($0) }?.value(at: path[...])?.canonical
    case .entity(let collection, let id, let path):
      guard let fields = fields(of: id, in: collection) else { return nil }
      return path.isEmpty ? .object(fields) : Self.value(in: fields, path, policy.rule(for: unit))
    }
  }

  private static func value(in fields: [String: JSONValue], _ path: [String], _ rule: Policy.Rule) -> JSONValue? {
    if rule.fields.count > 1 {
      let members = fields.filter { rule.fields.contains($0.key) }.compactMapValues(\.canonical)
      return members.isEmpty ? nil : .object(members)
    }
    return JSONValue.object(fields).value(at: path[...])?.canonical
  }

  /// The client ids that wrote what the document shows for a conflict's unit beyond the base, ascending.
  func editors(of conflict: Conflict, _ base: IdSet, _ policy: Policy) -> [UInt64] {
    guard let place = Place(conflict.unit) else { return [] }
    var editors: Set<UInt64> = []
    switch place {
    case .workflow(let path): if let id = metadata.id(of: path[0]) { editors.insert(id.client) }
    case .position(let node, _): if let id = positions.id(of: node) { editors.insert(id.client) }
    case .entity(let collection, let id, let path):
      if conflict.live?[Conflict.positionKey] != nil, let id = positions.id(of: id) { editors.insert(id.client) }
      guard let entity = self[collection, id] else { break }
      let (rule, shown) = (policy.rule(for: conflict.unit), fields(of: id, in: collection) ?? [:])
      guard path.isEmpty || rule.fields.count > 1 else {
        editors.formUnion(entity.writers(of: path, base: conflict.base, base))
        break
      }
      for field in path.isEmpty ? Array(shown.keys) : rule.fields
      where shown[field]?.canonical != conflict.base?[field]?.canonical {
        editors.formUnion(entity.writers(of: [field], base: conflict.base?[field], base))
      }
    }
    return editors.sorted()
  }

  subscript(collection: String, id: String) -> LiveEntity? {
    switch collection {
    case Job.collection: jobs[id]
    case Trigger.collection: triggers[id]
    default: edges[id]
    }
  }

  private func fields(of id: String, in collection: String) -> [String: JSONValue]? {
    switch collection {
    case Job.collection: jobs[id]?.fields(as: Job.self)
    case Trigger.collection: triggers[id]?.fields(as: Trigger.self)
    default: edges[id]?.fields(as: Edge.self)
    }
  }
}

/// What the unit of a conflict names.
enum Place: Equatable {
  /// A field of the workflow.
  case workflow([String])
  case position(node: String, [String])
  /// A job, trigger or edge, or with a path what is in it.
  case entity(collection: String, id: String, [String])

  init?(_ unit: [String]) {
    guard unit.count >= 2 else { return nil }
    let rest = Array<String>(unit.dropFirst(2))
    switch unit[0] {
    case WorkflowDocument.workflowRoot: self = .workflow(Array<String>(unit.dropFirst()))
    case WorkflowDocument.positionsRoot: self = .position(node: unit[1], rest)
    case Job.collection, Trigger.collection, Edge.collection:
      self = .entity(collection: unit[0], id: unit[1], rest)
    default: return nil
    }
  }
}

extension JSONValue {
  /// The value that a path of keys leads to.
  func value(at path: ArraySlice<String>) -> JSONValue? {
    guard let key = path.first else { return self }
    return self[key]?.value(at: path.dropFirst())
  }
}

extension LiveEntity {
  /// The client ids that wrote a field, or what is in it: of a text those of the characters that are not in the base, of a
  /// map of its own those of the keys that differ from the base.
  fileprivate func writers(of path: [String], base: JSONValue?, _ ids: IdSet) -> [UInt64] {
    if path == ["body"], let text = body {
      var written = text.liveIDs()
      written.subtract(ids)
      return Array(written.clients)
    }
    guard case .map(let nested)? = map[path[0]] else { return map.id(of: path[0]).map { [$0.client] } ?? [] }
    if path.count > 1 { return nested.id(of: path[1]).map { [$0.client] } ?? [] }
    return nested.keys.compactMap { key in
      let value = nested[key].flatMap { JSONValue($0.json).canonical }
      return value == base?[key]?.canonical ? nil : nested.id(of: key)?.client
    }
  }
}
