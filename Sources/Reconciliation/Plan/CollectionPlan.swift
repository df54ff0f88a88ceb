import Workflow

/// What is to be done to one collection of the document, beside the versions it was decided from.
struct CollectionPlan<E: Entity> {
  enum Action: Equatable {
    /// Put in the database's version: new there, or brought back.
    case insert
    case delete
    case update([FieldWrite])
  }

  let live: LiveCollection
  /// Empty where there is no base.
  let base: [String: E]
  let database: [String: E]
  /// What happens to which entity; to all others nothing.
  private var actions: [String: Action] = [:]

  init(live: LiveCollection, base: [E], database: [E]) {
    self.live = live
    self.base = Dictionary(base.map { ($0.id, $0) }) { first, _ in first }
    self.database = Dictionary(database.map { ($0.id, $0) }) { first, _ in first }
  }

  subscript(id: String) -> Action? {
    get { actions[id] }
    set { actions[id] = newValue }
  }

  /// Whether nothing happens to the collection.
  var isEmpty: Bool { actions.isEmpty && live.repeated.isEmpty }

  /// The ids of all entities with this kind of action, in an order that is the same on every node.
  func ids(where isWanted: (Action) -> Bool) -> [String] {
    actions.filter { isWanted($0.value) }.keys.sorted()
  }

  /// The entities that the database changed since the base; without a base all there are.
  func changedIDs(knowsBase: Bool) -> [String] {
    var ids = database.filter { !knowsBase || base[$0.key] != $0.value }.map(\.key)
    ids += (knowsBase ? Array(base.keys) : live.ids).filter { database[$0] == nil }
    return ids.sorted()
  }

  /// Whether the entity will be in the document.
  func contains(_ id: String) -> Bool {
    switch actions[id] {
    case .insert: true
    case .delete: false
    case .update, nil: live[id] != nil
    }
  }

  /// The id that a field of the entity will have as its value.
  func reference(_ field: String, of id: String) -> String? {
    switch actions[id] {
    case .insert: return database[id]?.fields[field]?.canonical?.string
    case .delete: return nil
    case .update(let writes):
      if let write = writes.first(where: { $0.path == [field] }) { return write.value?.canonical?.string }
      return live[id]?.reference(field)
    case nil: return live[id]?.reference(field)
    }
  }
}
