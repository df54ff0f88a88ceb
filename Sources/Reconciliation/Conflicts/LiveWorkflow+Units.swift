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
  func editors(of conflict: Conflict, _ base: IdSet) -> [UInt64] {
    guard let place = Place(conflict.unit) else { return [] }
    var editors: Set<UInt64> = []
    switch place {
    case .workflow(let path): if let id = metadata.id(of: path[0]) { editors.insert(id.client) }
    case .position(let node, _): if let id = positions.id(of: node) { editors.insert(id.client) }
    case .entity(let collection, let id, let path):
      if conflict.live?[Conflict.positionKey] != nil, let id = positions.id(of: id) { editors.insert(id.client) }
      guard let entity = self[collection, id] else { break }
      if let field = path.first, field != "body" {
        if let id = entity.map.id(of: field) { editors.insert(id.client) }
      } else if let text = entity.body {
        var written = text.liveIDs()
        written.subtract(base)
        editors.formUnion(written.clients)
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
