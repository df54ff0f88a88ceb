import Workflow

/// The entities of one collection that may be each other.
struct Candidates<E: Entity> {
  private let base: [E]
  private let database: [E]
  /// What the database does not have any more, and what it has now; both without what is matched.
  private var gone: [E]
  private var new: [E]
  private var newIDs: Set<String>
  private(set) var renames: [Rename] = []

  init(base: [E], database: [E], live: LiveCollection) {
    self.base = base
    self.database = database
    let (old, current) = (Set(base.map(\.id)), Set(database.map(\.id)))
    gone = base.filter { !current.contains($0.id) }
    // An id that people use already is theirs.
    new = database.filter { !old.contains($0.id) && live[$0.id] == nil }
    newIDs = Set(new.map(\.id))
  }

  var isOpen: Bool { !gone.isEmpty && !new.isEmpty }

  /// Matches what has a key that nothing else in base or database has.
  mutating func match<Key: Hashable>(by match: Rename.Match, _ key: (E) -> Key?) {
    guard isOpen else { return }
    let (old, current) = (Self.unique(base, key), Self.unique(database, key))
    let newIDs = newIDs
    take(match) { entity in
      guard let key = key(entity), old[key] == .some(entity.id), let id = current[key] ?? nil else { return nil }
      return newIDs.contains(id) ? id : nil
    }
  }

  /// The id of the one entity that has a key; nil for keys of several.
  private static func unique<Key: Hashable>(_ entities: [E], _ key: (E) -> Key?) -> [Key: String?] {
    var ids: [Key: String?] = [:]
    for entity in entities {
      guard let key = key(entity) else { continue }
      ids[key] = ids[key] == nil ? .some(entity.id) : .some(nil)
    }
    return ids
  }

  /// Matches bodies that are nearly the same, where each is so with one other only.
  mutating func matchSimilar(budget: inout DiffBudget) {
    guard E.hasBody, isOpen, gone.count.multipliedReportingOverflow(by: new.count).partialValue <= budget.remaining
    else { return }
    let (gone, new) = (Self.telling(gone, among: base), Self.telling(new, among: database))
    let (old, current) = (gone.map(\.lines), new.map(\.lines))
    var pairs: [(gone: Int, new: Int)] = []
    for (index, lines) in old.enumerated() {
      for (other, otherLines) in current.enumerated() {
        // Half of the comparisons would make a match out of what is ambiguous.
        guard budget.spend(lines.count + otherLines.count + 1) else { return }
        if lines.similarity(to: otherLines) >= Lines.sameBody { pairs.append((index, other)) }
      }
    }
    var (times, otherTimes) = ([Int: Int](), [Int: Int]())
    for pair in pairs {
      times[pair.gone, default: 0] += 1
      otherTimes[pair.new, default: 0] += 1
    }
    var matches: [String: String] = [:]
    for pair in pairs where times[pair.gone] == 1 && otherTimes[pair.new] == 1 {
      matches[gone[pair.gone].id] = new[pair.new].id
    }
    take(.content) { matches[$0.id] }
  }

  /// Those whose body is theirs alone: a text that several begin with tells nothing.
  private static func telling(_ entities: [E], among all: [E]) -> [E] {
    let owners = unique(all, \.tellingContent)
    return entities.filter { entity in entity.tellingContent.map { owners[$0] == .some(entity.id) } ?? false }
  }

  private mutating func take(_ match: Rename.Match, _ newID: (E) -> String?) {
    var taken: Set<String> = []
    gone.removeAll { entity in
      guard let id = newID(entity) else { return false }
      renames.append(Rename(collection: E.collection, oldID: entity.id, newID: id, matchedBy: match))
      taken.insert(id)
      return true
    }
    new.removeAll { taken.contains($0.id) }
    newIDs.subtract(taken)
  }
}
