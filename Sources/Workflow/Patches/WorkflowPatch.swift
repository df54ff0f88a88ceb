/// A change to a workflow in the form in which scripts send it.
public enum WorkflowPatch: Hashable, Codable, Sendable {
  case operations(JSONPatch)
  /// A JSON Merge Patch.
  case merge(JSONValue)

  /// The lists whose elements can be named by their ids as well as by their places.
  static let collections = [WorkflowDocument.jobsRoot, WorkflowDocument.triggersRoot, WorkflowDocument.edgesRoot]
  /// What only servers write.
  static let serverOwned: Set<String> = ["id", "lock_version", "deleted_at"]

  /// What becomes of a workflow; nothing where any part of the patch does not fit.
  public func applied(
    to content: WorkflowContent, lockVersion: Int, deletedAt: String?, limits: PatchLimits = PatchLimits()
  ) throws(PatchError) -> WorkflowContent {
    let shown = content.shownJSON(lockVersion: lockVersion, deletedAt: deletedAt)
    let patched: JSONValue =
      switch self {
      case .operations(let patch):
        try patch.applied(to: shown, limits: limits) { (operation, value) throws(PatchError) in
          try operation.onWorkflow(value)
        }
      case .merge(let patch): shown.merged(with: try Self.byPlace(patch, shown))
      }
    return try PatchedWorkflow(patched, of: content, shown).content()
  }

  // MARK: Merge patches

  /// A merge patch with the whole lists that it makes, where it names elements by their ids.
  private static func byPlace(_ patch: JSONValue, _ shown: JSONValue) throws(PatchError) -> JSONValue {
    guard var members = patch.object else {
      throw PatchError(.malformed, at: "", "a JSON Merge Patch of a workflow is an object")
    }
    for collection in collections {
      guard let changes = members[collection]?.object else { continue }
      members[collection] = .array(try elements(of: collection, shown[collection]?.array ?? [], changes))
    }
    return .object(members)
  }

  private static func elements(
    of collection: String, _ old: [JSONValue], _ changes: [String: JSONValue]
  ) throws(PatchError) -> [JSONValue] {
    var rest = changes
    var elements: [JSONValue] = []
    for element in old {
      guard let id = element["id"]?.string, let change = rest.removeValue(forKey: id) else {
        elements.append(element)
        continue
      }
      if let changed = try merged(element, change, id, collection) { elements.append(changed) }
    }
    for (id, change) in rest.sorted(by: { $0.key < $1.key }) {
      if let new = try merged(["id": .string(id)], change, id, collection) { elements.append(new) }
    }
    return elements
  }

  private static func merged(
    _ element: JSONValue, _ change: JSONValue, _ id: String, _ collection: String
  ) throws(PatchError) -> JSONValue? {
    guard !change.isNull else { return .none }
    let place = JSONPointer([collection, id])
    guard change.object != nil else { throw PatchError(.invalid, at: "\(place)", "expected is an object, or null") }
    let merged = element.merged(with: change)
    guard merged["id"]?.string == id else {
      throw PatchError(.invalid, at: "\(place)/id", "ids cannot be changed")
    }
    return merged
  }
}

extension WorkflowContent {
  /// The workflow as it goes over HTTP.
  public func shownJSON(lockVersion: Int, deletedAt: String?) -> JSONValue {
    var members = json.object ?? [:]
    members["lock_version"] = JSONValue(lockVersion)
    members["deleted_at"] = JSONValue(deletedAt)
    return .object(members)
  }
}

// MARK: - JSON Patch

extension JSONPatch.Operation {
  /// The operation with places of lists for ids, if it writes nothing that only servers write.
  fileprivate func onWorkflow(_ value: JSONValue) throws(PatchError) -> JSONPatch.Operation {
    for place in written {
      if place.tokens.count == 1, WorkflowPatch.serverOwned.contains(place.tokens[0]) {
        throw PatchError(.invalid, at: "\(place)", "only the server writes this")
      }
      if place.tokens.count == 3, WorkflowPatch.collections.contains(place.tokens[0]), place.tokens[2] == "id" {
        throw PatchError(.invalid, at: "\(place)", "ids cannot be changed")
      }
    }
    switch self {
    case .add(let place, let new):
      guard let id = place.elementID else { return .add(try place.byIndex(in: value), new) }
      let new = try new.identified(as: id, at: place)
      let found = place.index(ofElement: id, in: value)
      return found.map { .replace(JSONPointer([place.tokens[0], "\($0)"]), new) }
        ?? .add(JSONPointer([place.tokens[0], "-"]), new)
    case .replace(let place, let new):
      let new = try place.elementID.map { (id) throws(PatchError) in try new.identified(as: id, at: place) } ?? new
      return .replace(try place.byIndex(in: value), new)
    case .remove(let place): return .remove(try place.byIndex(in: value))
    case .test(let place, let expected): return .test((try? place.byIndex(in: value)) ?? place, expected)
    case .move(let source, let place):
      return .move(from: try source.byIndex(in: value), to: try place.byIndex(in: value))
    case .copy(let source, let place):
      return .copy(from: try source.byIndex(in: value), to: try place.byIndex(in: value))
    }
  }

  private var written: [JSONPointer] {
    switch self {
    case .add(let place, _), .replace(let place, _), .remove(let place), .copy(_, let place): [place]
    case .move(let source, let place): [source, place]
    case .test: []
    }
  }
}

extension JSONPointer {
  /// The id by which it names an element, and nothing in it.
  fileprivate var elementID: String? {
    tokens.count == 2 ? id : nil
  }

  /// The id by which it names an element, or what the element is in.
  private var id: String? {
    guard tokens.count >= 2, WorkflowPatch.collections.contains(tokens[0]), tokens[1] != "-",
      JSONPointer.index(tokens[1]) == nil
    else { return nil }
    return tokens[1]
  }

  fileprivate func index(ofElement id: String, in value: JSONValue) -> Int? {
    value[tokens[0]]?.array?.firstIndex { $0["id"]?.string == id }
  }

  /// The same place with an index in place of an id.
  fileprivate func byIndex(in value: JSONValue) throws(PatchError) -> JSONPointer {
    guard let id else { return self }
    guard let index = index(ofElement: id, in: value) else {
      throw PatchError(.invalid, at: "\(self)", "'\(id)' is neither a place nor an id in \(tokens[0])")
    }
    return JSONPointer([tokens[0], "\(index)"] + tokens.dropFirst(2))
  }
}

extension JSONValue {
  /// This element, which its place gives an id.
  fileprivate func identified(as id: String, at place: JSONPointer) throws(PatchError) -> JSONValue {
    guard var members = object else { throw PatchError(.invalid, at: "\(place)", "expected is an object") }
    guard members["id"] == nil || members["id"]?.string == id else {
      throw PatchError(.invalid, at: "\(place)/id", "ids cannot be changed")
    }
    members["id"] = .string(id)
    return .object(members)
  }
}
