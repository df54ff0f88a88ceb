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
  let base: EntityIndex<E>
  let database: EntityIndex<E>
  /// What happens to which entity; to all others nothing.
  private var actions: [String: Action] = [:]

  init(live: LiveCollection, base: [E], database: [E]) {
    self.live = live
    self.base = EntityIndex(base)
    self.database = EntityIndex(database, like: self.base)
  }

  subscript(id: String) -> Action? {
    get { actions[id] }
    set { actions[id] = newValue }
  }

  /// Whether entities come or go.
  var changesMembers: Bool {
    actions.values.contains { action in
      if case .update = action { false } else { true }
    }
  }

  /// Whether nothing happens to the collection.
  var isEmpty: Bool { actions.isEmpty && live.repeated.isEmpty && !live.isRewritten }

  /// The ids of all entities with this kind of action, in an order that is the same on every node.
  func ids(where isWanted: (Action) -> Bool) -> [String] {
    actions.filter { isWanted($0.value) }.keys.sorted()
  }

  /// The entities that the database changed since the base; without a base all there are.
  func changedIDs(knowsBase: Bool) -> [String] {
    var ids: [String] = []
    for (place, entity) in database.entities.enumerated()
    where !knowsBase || base.entity(entity.id, near: place) != entity { ids.append(entity.id) }
    let known = knowsBase ? base.entities.map(\.id) : live.ids
    for (place, id) in known.enumerated() where database.entity(id, near: place) == nil { ids.append(id) }
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

/// Entities that can be looked up by their id.
struct EntityIndex<E: Entity> {
  let entities: [E]
  private let places: [String: Int]

  init(_ entities: [E]) {
    self.entities = entities
    var places = [String: Int](minimumCapacity: entities.count)
    for (place, entity) in entities.enumerated() { places[entity.id] = place }
    self.places = places
  }

  /// Versions of the entities in another index: mostly the same ones, in the same order, so that both find them alike.
  init(_ entities: [E], like other: EntityIndex) {
    let isAlike = entities.lazy.map(\.id).elementsEqual(other.entities.lazy.map(\.id))
    self = isAlike ? EntityIndex(entities, places: other.places) : EntityIndex(entities)
  }

  private init(_ entities: [E], places: [String: Int]) {
    self.entities = entities
    self.places = places
  }

  subscript(id: String) -> E? { places[id].map { entities[$0] } }

  /// The entity of an id, which is likely to stand at `place`.
  func entity(_ id: String, near place: Int) -> E? {
    place < entities.count && entities[place].id == id ? entities[place] : self[id]
  }

  func contains(_ id: String) -> Bool { places[id] != nil }
}
