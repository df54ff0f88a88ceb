import Reconciliation
import Workflow

/// Which entities the database has under another id, found out by comparing all with all: the oracle of identity.
///
/// Jobs are not compared by their bodies here: in the random cases every text is unique and short.
struct ExpectedIdentity {
  private(set) var renames: Set<ExpectedRename> = []

  init(base: State?, live: State, database: State) {
    guard var base else { return }
    var found: Set<ExpectedRename> = []
    found.formUnion(Self.find("jobs", base.jobs, live.jobs, database.jobs, [["name"]]))
    found.formUnion(Self.find("triggers", base.triggers, live.triggers, database.triggers, [["type"], nil]))
    renames = found
    base = renamed(base)
    let ends = ["source_job_id", "source_trigger_id", "target_job_id"]
    renames.formUnion(Self.find("edges", base.edges, live.edges, database.edges, [ends, nil]))
  }

  /// `keys`: the fields to go by, one list after the other; nil is all fields.
  private static func find(
    _ collection: String, _ base: [String: [String: JSONValue]], _ live: [String: [String: JSONValue]],
    _ database: [String: [String: JSONValue]], _ keys: [[String]?]
  ) -> Set<ExpectedRename> {
    var (found, taken) = (Set<ExpectedRename>(), Set<String>())
    for key in keys {
      func part(_ fields: [String: JSONValue]) -> [String: JSONValue] {
        guard let key else { return fields }
        return fields.filter { key.contains($0.key) }
      }
      for (old, fields) in base where database[old] == nil && !taken.contains(old) && !part(fields).isEmpty {
        let equals = base.filter { part($0.value) == part(fields) }
        let others = database.filter { part($0.value) == part(fields) }
        guard equals.count == 1, others.count == 1, let new = others.keys.first else { continue }
        guard base[new] == nil, live[new] == nil, !taken.contains(new) else { continue }
        found.insert(ExpectedRename(collection: collection, old: old, new: new))
        taken.formUnion([old, new])
      }
    }
    return found
  }

  /// The state with the new ids.
  func renamed(_ state: State) -> State {
    var state = state
    for rename in renames {
      let collection = rename.keyPath
      if let entity = state[keyPath: collection].removeValue(forKey: rename.old) {
        state[keyPath: collection][rename.new] = entity
      }
      for (holder, field, target) in State.references where target == collection {
        for (id, fields) in state[keyPath: holder] where fields[field] == .string(rename.old) {
          state[keyPath: holder][id]?[field] = .string(rename.new)
        }
      }
      if rename.collection != "edges", let position = state.positions.removeValue(forKey: rename.old) {
        state.positions[rename.new] = position
      }
    }
    return state
  }
}

/// A rename as far as the oracle foretells it.
struct ExpectedRename: Hashable {
  var collection: String
  var old: String
  var new: String

  init(collection: String, old: String, new: String) {
    self.collection = collection
    self.old = old
    self.new = new
  }

  init(_ rename: Rename) {
    self.init(collection: rename.collection, old: rename.oldID, new: rename.newID)
  }

  fileprivate var keyPath: WritableKeyPath<State, [String: [String: JSONValue]]> {
    collection == "jobs" ? \.jobs : collection == "triggers" ? \.triggers : \.edges
  }
}
