import Workflow
import YCRDT

/// An entity of the live document: where it is, and what it says.
struct LiveEntity {
  var id: String
  let index: Int
  let map: YMap
  /// What is written to it before all else: what it takes over from later entities of the same id, which are removed, and
  /// ids that the database has changed. The last write to a field counts.
  var pending: [FieldWrite] = []
  var pendingText: String?

  /// Whether the document is to show something else of it than it does, whatever the merge decides.
  var isRewritten: Bool { !pending.isEmpty || pendingText != nil }

  /// All fields, as the document is read when it is saved.
  func fields<E: Entity>(as type: E.Type) -> [String: JSONValue] {
    var raw = JSONValue(map.json).object ?? [:]
    for write in pending { raw[write.path[0]] = write.value }
    if let pendingText { raw["body"] = .string(pendingText) }
    return E(id: id, fields: raw).fields
  }

  /// The id of another entity that a field names.
  func reference(_ field: String) -> String? {
    if let write = pending.last(where: { $0.path == [field] }) { return write.value?.canonical?.string }
    guard case .value(let value)? = map[field], let id = value.string, !id.isEmpty else { return nil }
    return id
  }

  /// The shared text of a job; nil where a client wrote the body as a plain value.
  var body: YText? {
    if case .text(let text)? = map["body"] { text } else { nil }
  }
}

/// One of the document's arrays of entities. Of several with one id the first counts: all replicas that have the same
/// updates have the same order, so all of them choose the same.
struct LiveCollection {
  let array: YArray
  /// The first entity of each id, in the document's order, and their ids.
  private(set) var first: [LiveEntity] = []
  private(set) var ids: [String] = []
  /// The second and later entities with an id.
  private(set) var repeated: [LiveEntity] = []
  /// Whether any entity is rewritten.
  private(set) var isRewritten = false
  private var places: [String: Int] = [:]

  /// What is no map or has no id is no entity, and left alone.
  init(_ array: YArray) {
    self.array = array
    let elements = array.elements
    first.reserveCapacity(elements.count)
    ids.reserveCapacity(elements.count)
    places.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard case .map(let map) = element, case .value(.string(let id))? = map["id"] else { continue }
      let entity = LiveEntity(id: id, index: index, map: map)
      if places[id] == nil {
        places[id] = first.count
        first.append(entity)
        ids.append(id)
      } else {
        repeated.append(entity)
      }
    }
  }

  /// The entity of this id. Only what is there can be replaced.
  subscript(id: String) -> LiveEntity? {
    get { places[id].map { first[$0] } }
    set {
      guard let place = places[id], let newValue else { return }
      first[place] = newValue
      isRewritten = isRewritten || newValue.isRewritten
    }
  }

  /// Gives the entity another id, unless there is one of that id.
  mutating func rename(_ id: String, to newID: String) {
    guard places[newID] == nil, let place = places.removeValue(forKey: id) else { return }
    places[newID] = place
    ids[place] = newID
    first[place].id = newID
    first[place].pending.append(FieldWrite(path: ["id"], value: .string(newID)))
    isRewritten = true
  }
}

/// The live document as the merge sees it.
struct LiveWorkflow {
  let metadata: YMap
  let positions: YMap
  let errors: YMap
  var jobs: LiveCollection
  var triggers: LiveCollection
  var edges: LiveCollection
  /// Positions of nodes that get another id.
  var movedPositions: [(old: String, new: String)] = []

  init(_ doc: Doc) {
    metadata = doc.map(WorkflowDocument.workflowRoot)
    positions = doc.map(WorkflowDocument.positionsRoot)
    errors = doc.map(WorkflowDocument.errorsRoot)
    jobs = LiveCollection(doc.array(WorkflowDocument.jobsRoot))
    triggers = LiveCollection(doc.array(WorkflowDocument.triggersRoot))
    edges = LiveCollection(doc.array(WorkflowDocument.edgesRoot))
  }
}
