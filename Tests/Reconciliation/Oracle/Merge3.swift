import Reconciliation
import Workflow

/// The merge as its decision table says it, over plain values: the oracle that the reconciler is tested against. It
/// shares no code with it.
///
/// Texts must consist of characters that are unique in the whole case. What the merged text is then follows up to the
/// order of what both sides wrote at one place, which `text` leaves open.
struct Merge3 {
  /// Who wins where both sides changed the value at a path.
  private let winner: ([String]) -> Conflict.Winner

  private(set) var merged: State
  /// Per job id what the merged text must fulfil; in `merged` these jobs have no body.
  private(set) var texts: [String: ExpectedText] = [:]
  private(set) var conflicts: Set<ExpectedConflict> = []
  /// What the database has under another id.
  private(set) var renames: Set<ExpectedRename> = []

  private let base: State?
  private let live: State
  private let database: State

  private init(
    base: State?, live: State, database: State, winner: @escaping ([String]) -> Conflict.Winner
  ) {
    self.winner = winner
    self.base = base
    self.live = live
    self.database = database
    merged = live
  }

  /// The database wins, except where nodes lie.
  static func standardWinner(at unit: [String]) -> Conflict.Winner { unit[0] == "positions" ? .live : .database }

  static func run(
    base: State?, live: State, database: State,
    winner: @escaping ([String]) -> Conflict.Winner = Merge3.standardWinner
  ) -> Merge3 {
    let identity = ExpectedIdentity(base: base, live: live, database: database)
    var merge = Merge3(
      base: base.map(identity.renamed), live: identity.renamed(live), database: database, winner: winner)
    merge.renames = identity.renames
    merge.mergeWorkflow()
    for collection in [\State.jobs, \.triggers, \.edges] { merge.mergeEntities(collection) }
    merge.mendReferences()
    merge.mergePositions()
    merge.takeOutTexts()
    return merge
  }

  // MARK: One value

  /// The rows of the table for something that always exists, where nil is a value like any other.
  private mutating func scalar(
    _ b: JSONValue?, _ l: JSONValue?, _ d: JSONValue?, at unit: [String], isNew: Bool = false
  ) -> JSONValue? {
    if base == nil {
      if l != d { conflicts.insert(.init(.noBase, unit, .live)) }
      return l
    }
    if b == d { return l }
    if b == l { return d }
    if l == d { return l }
    conflicts.insert(.init(isNew ? .addAdd : .editEdit, unit, winner(unit)))
    return winner(unit) == .database ? d : l
  }

  private mutating func map(
    _ b: JSONValue?, _ l: JSONValue?, _ d: JSONValue?, at unit: [String], isNew: Bool
  ) -> JSONValue? {
    guard case .object(let live)? = l, case .object(let database)? = d else {
      return scalar(b, l, d, at: unit, isNew: isNew)
    }
    var result: [String: JSONValue] = [:]
    for key in Set(live.keys).union(database.keys) {
      result[key] = map(b?[key], live[key], database[key], at: unit + [key], isNew: isNew)
    }
    return .object(result)
  }

  private mutating func mergeWorkflow() {
    for key in ["name", "concurrency", "enable_job_logs"] {
      merged.workflow[key] = scalar(
        base?.workflow[key], live.workflow[key], database.workflow[key], at: ["workflow", key])
    }
  }

  // MARK: Entities

  private mutating func mergeEntities(_ collection: WritableKeyPath<State, [String: [String: JSONValue]]>) {
    let name = collection == \.jobs ? "jobs" : collection == \.triggers ? "triggers" : "edges"
    let ids = Set(live[keyPath: collection].keys).union(database[keyPath: collection].keys)
      .union(base?[keyPath: collection].keys.map { $0 } ?? [])
    for id in ids {
      let unit = [name, id]
      let b = base?[keyPath: collection][id]
      switch (b, live[keyPath: collection][id], database[keyPath: collection][id]) {
      case (_, nil, nil): break
      case (_, let l?, let d?):
        merged[keyPath: collection][id] = fields(b, l, d, name, at: unit)
      case (nil, let l?, nil):
        if base == nil { conflicts.insert(.init(.noBase, unit, .kept)) }
        merged[keyPath: collection][id] = l
      case (nil, nil, let d?):
        if base == nil { conflicts.insert(.init(.noBase, unit, .restored)) }
        merged[keyPath: collection][id] = d
      case (let b?, let l?, nil):
        if b == l {
          merged[keyPath: collection][id] = nil
        } else {
          conflicts.insert(.init(.editDelete, unit, .kept))
        }
      case (let b?, nil, let d?):
        if b != d {
          conflicts.insert(.init(.deleteEdit, unit, .restored))
          merged[keyPath: collection][id] = d
        }
      }
    }
  }

  private mutating func fields(
    _ b: [String: JSONValue]?, _ l: [String: JSONValue], _ d: [String: JSONValue], _ collection: String,
    at unit: [String]
  ) -> [String: JSONValue] {
    let together = [
      "jobs": ["credential": ["project_credential_id", "keychain_credential_id"]],
      "edges": ["source": ["source_job_id", "source_trigger_id"]],
    ]
    let groups = together[collection] ?? [:]
    var result = l
    for (group, keys) in groups {
      func values(_ fields: [String: JSONValue]?) -> JSONValue? {
        let set = (fields ?? [:]).filter { keys.contains($0.key) }
        return set.isEmpty ? nil : .object(set)
      }
      let value = scalar(values(b), values(l), values(d), at: unit + [group], isNew: b == nil)
      for key in keys { result[key] = value?[key] }
    }
    let single = Set(l.keys).union(d.keys).subtracting(groups.values.joined())
    for key in single where key != "body" {
      result[key] =
        key == "kafka_configuration" || key == "webhook_response_config"
        ? map(b?[key], l[key], d[key], at: unit + [key], isNew: b == nil)
        : scalar(b?[key], l[key], d[key], at: unit + [key], isNew: b == nil)
    }
    if collection == "jobs" { text(b?["body"]?.string, l["body"]?.string, d["body"]?.string, unit[1], b == nil) }
    return result
  }

  // MARK: Texts

  private mutating func text(_ b: String?, _ l: String?, _ d: String?, _ job: String, _ isNew: Bool) {
    let (b, l, d) = (Array(b ?? ""), Array(l ?? ""), Array(d ?? ""))
    let unit = ["jobs", job, "body"]
    guard base != nil else {
      if l != d { conflicts.insert(.init(.noBase, unit, .live)) }
      texts[job] = ExpectedText(characters: Set(l), orders: [l])
      return
    }
    let deleted = Set(b).subtracting(Set(l).intersection(d))
    texts[job] = ExpectedText(
      characters: Set(l).union(d).subtracting(deleted),
      orders: [l.filter { !deleted.contains($0) }, d.filter { !deleted.contains($0) }],
      mayRepeat: l == d || b == l || b == d ? [] : Set(l).intersection(d).subtracting(b))
    guard b != d, l != d else { return }
    if isNew {
      if !l.isEmpty, !d.isEmpty { conflicts.insert(.init(.addAdd, unit, .merged)) }
      return
    }
    let liveHunks = Hunk.all(from: b, to: l)
    let databaseHunks = Hunk.all(from: b, to: d).filter { !liveHunks.contains($0) }
    var hull: Range<Int>?
    for ours in databaseHunks {
      for theirs in liveHunks where ours.isAboutTheSamePlace(as: theirs) {
        let low = min(ours.range.lowerBound, theirs.range.lowerBound, hull?.lowerBound ?? .max)
        let high = max(ours.range.upperBound, theirs.range.upperBound, hull?.upperBound ?? 0)
        hull = low..<high
      }
    }
    if let hull { conflicts.insert(.init(.editEdit, unit, .merged, range: hull)) }
  }

  /// A text that is only constrained is compared apart; all others stand in `merged`.
  private mutating func takeOutTexts() {
    for (id, job) in merged.jobs {
      if live.jobs[id] == nil || database.jobs[id] == nil {
        let body = Array(job["body"]?.string ?? "")
        texts[id] = ExpectedText(characters: Set(body), orders: [body])
      }
      merged.jobs[id]?["body"] = nil
    }
    for id in texts.keys where merged.jobs[id] == nil { texts[id] = nil }
  }

  // MARK: References

  private mutating func mendReferences() {
    while State.references.contains(where: { mend($0) }) {}
  }

  private mutating func mend(_ reference: State.Reference) -> Bool {
    for (id, fields) in merged[keyPath: reference.holder] {
      guard let target = fields[reference.field]?.string, merged[keyPath: reference.target][target] == nil else {
        continue
      }
      let isEdge = reference.holder == \.edges
      let liveHolder = live[keyPath: reference.holder][id]
      let name = reference.target == \.jobs ? "jobs" : "triggers"
      if let kept = live[keyPath: reference.target][target] {
        if isEdge, liveHolder == base?[keyPath: reference.holder][id] {
          merged[keyPath: reference.holder][id] = nil
        } else {
          merged[keyPath: reference.target][target] = kept
          conflicts.insert(.init(.editDelete, [name, target], .kept))
        }
        return true
      }
      if liveHolder?[reference.field]?.string != target, let back = database[keyPath: reference.target][target] {
        merged[keyPath: reference.target][target] = back
        conflicts.insert(.init(.deleteEdit, [name, target], .restored))
        return true
      }
    }
    return false
  }

  // MARK: Positions

  private mutating func mergePositions() {
    for id in Set(live.positions.keys).union(database.positions.keys) {
      let (b, l, d) = (base?.positions[id], live.positions[id], database.positions[id])
      guard merged.nodes.contains(id) else {
        noteMove(id, b, l, d)
        // Gone with its node, or never one: nothing comes in.
        if live.nodes.contains(id) || (base != nil && l == b && d == nil) { merged.positions[id] = nil }
        continue
      }
      guard database.nodes.contains(id) else { continue }
      merged.positions[id] = position(b, l, d, id)
    }
  }

  /// A node that is gone because one side deleted it, while the other moved it and did nothing else to it.
  private mutating func noteMove(_ id: String, _ b: JSONValue?, _ l: JSONValue?, _ d: JSONValue?) {
    guard let base, base.nodes.contains(id), live.nodes.contains(id) != database.nodes.contains(id) else { return }
    let unit = [base.jobs[id] != nil ? "jobs" : "triggers", id]
    if live.nodes.contains(id), let l, l != b { conflicts.insert(.init(.editDelete, unit, .database)) }
    if database.nodes.contains(id), let d, d != b { conflicts.insert(.init(.deleteEdit, unit, .live)) }
  }

  private mutating func position(_ b: JSONValue?, _ l: JSONValue?, _ d: JSONValue?, _ id: String) -> JSONValue? {
    let unit = ["positions", id]
    if l == nil, !live.nodes.contains(id) { return d }
    if base == nil {
      if l != d { conflicts.insert(.init(.noBase, unit, l == nil ? .restored : d == nil ? .kept : .live)) }
      return l ?? d
    }
    if b == d || l == d { return l }
    if b == l { return d }
    switch (b, l, d) {
    case (_, nil, _):
      conflicts.insert(.init(.deleteEdit, unit, .restored))
      return d
    case (_, _, nil):
      conflicts.insert(.init(.editDelete, unit, .kept))
      return l
    default:
      conflicts.insert(.init(b == nil ? .addAdd : .editEdit, unit, winner(unit)))
      return winner(unit) == .live ? l : d
    }
  }
}

/// What a merged text must be: these characters, those of either side in its order.
struct ExpectedText: Equatable {
  var characters: Set<Character>
  var orders: [[Character]]
  /// What both sides wrote, and one of them wrote more: whether that is one writing or two is a matter of taste.
  var mayRepeat: Set<Character> = []

  func allows(_ text: String) -> Bool {
    let found = Array(text)
    let once = found.filter { !mayRepeat.contains($0) }
    return Set(found) == characters && once.count == Set(once).count && orders.allSatisfy { Self.has($0, in: found) }
  }

  private static func has(_ order: [Character], in text: [Character]) -> Bool {
    var rest = order[...]
    for character in text where character == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }
}

/// A conflict as far as the oracle foretells it.
struct ExpectedConflict: Hashable {
  var kind: Conflict.Kind
  var unit: [String]
  var winner: Conflict.Winner
  var range: Range<Int>?

  init(_ kind: Conflict.Kind, _ unit: [String], _ winner: Conflict.Winner, range: Range<Int>? = nil) {
    self.kind = kind
    self.unit = unit
    self.winner = winner
    self.range = range
  }

  init(_ conflict: Conflict) {
    self.init(conflict.kind, conflict.unit, conflict.winner, range: conflict.range)
  }
}

/// A maximal change between two texts of unique characters, in UTF-16 offsets of the old one.
private struct Hunk: Equatable {
  var range: Range<Int>
  var written: [Character]

  static func all(from old: [Character], to new: [Character]) -> [Hunk] {
    var hunks: [Hunk] = []
    var hunk = Hunk(range: 0..<0, written: [])
    var (offset, next) = (0, 0)
    let kept = Set(new)
    func close() {
      if !hunk.range.isEmpty || !hunk.written.isEmpty { hunks.append(hunk) }
    }
    for character in old {
      let end = offset + character.utf16.count
      if kept.contains(character) {
        while new[next] != character {
          hunk.written.append(new[next])
          next += 1
        }
        close()
        next += 1
        hunk = Hunk(range: end..<end, written: [])
      } else {
        hunk.range = hunk.range.lowerBound..<end
      }
      offset = end
    }
    hunk.written += new[next...]
    close()
    return hunks
  }

  func isAboutTheSamePlace(as other: Hunk) -> Bool {
    let (a, b) = (range, other.range)
    if a.isEmpty, b.isEmpty { return a == b }
    if a.isEmpty { return b.lowerBound < a.lowerBound && a.lowerBound < b.upperBound }
    if b.isEmpty { return a.lowerBound < b.lowerBound && b.lowerBound < a.upperBound }
    return a.overlaps(b)
  }
}
