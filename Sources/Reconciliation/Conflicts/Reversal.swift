public import Workflow

/// What rows become when what a reconciliation brought is taken back: a merge like any other, in which the state before
/// that reconciliation is one side and the rows as they are now the other.
public struct Reversal: Hashable, Sendable {
  public var content: WorkflowContent
  /// What was taken back.
  public var reverted: [[String]] = []
  /// What stays because somebody has changed it since, or refers to it, or because it would lead to what is no more.
  public var kept: [[String]] = []
  /// What came back without the part that only the rows had: the secrets of a trigger's connection.
  public var incomplete: [[String]] = []

  /// Takes `changes` back in `rows`. A text keeps what was written in it since; of everything else what is no longer as
  /// those changes left it stays as it is, and so does a node that anything else refers to.
  ///
  /// `renames` are those of the reconciliation itself and of all since, in order. What has another id now is taken back under
  /// that, and keeps it. O(size of the workflow and of the texts).
  public init(of changes: [ContentChange], renames: [Rename] = [], in rows: WorkflowContent) {
    let changes = changes.joined(by: renames)
    var fields = Fields(rows, added: changes)
    var isUndone = [Bool](repeating: false, count: changes.count)
    for step in Fields.Step.allCases {
      for group in changes.indices.grouped(by: { fields.group(of: changes[$0]) })
      where fields.step(of: changes[group[0]]) == step {
        let undone = fields.takeBack(group.map { changes[$0] })
        for index in group { isUndone[index] = undone }
      }
    }
    content = fields.content.withoutDanglingReferences()
    for (change, isUndone) in zip(changes, isUndone) {
      if isUndone { reverted.append(change.unit) } else { kept.append(change.unit) }
    }
    incomplete = zip(changes, isUndone).filter { $1 }.map(\.0.unit).filter { Fields.lacksSecrets($0, rows, content) }
  }
}

extension [ContentChange] {
  /// These changes in a workflow whose entities have other ids now. What went under one id and came under another has
  /// changed, field by field.
  fileprivate func joined(by renames: [Rename]) -> [ContentChange] {
    guard !renames.isEmpty else { return self }
    let changes = map { $0.renamed(by: renames) }
    let added = Dictionary(changes.filter { $0.kind == .added }.map { ($0.unit, $0) }) { first, _ in first }
    let removed = Set(changes.filter { $0.kind == .removed }.map(\.unit))
    return changes.flatMap { change -> [ContentChange] in
      switch change.kind {
      case .added where removed.contains(change.unit): return []
      case .removed: return added[change.unit].map { change.differences(from: $0) } ?? [change]
      default: return change.before == change.after ? [] : [change]
      }
    }
  }
}

extension ContentChange {
  /// What differs between what this takes away and what the other brings instead.
  fileprivate func differences(from added: ContentChange) -> [ContentChange] {
    guard case .entity(_, _, [])? = Place(unit), let old = before?.object, let new = added.after?.object else {
      return before?.canonical == added.after?.canonical
        ? [] : [ContentChange(unit: unit, before: before, after: added.after)]
    }
    return Set(old.keys).union(new.keys).sorted().compactMap { key in
      let (before, after) = (old[key]?.canonical, new[key]?.canonical)
      return before == after ? nil : ContentChange(unit: unit + [key], before: before, after: after)
    }
  }
}

extension Range<Int> {
  /// The indices of each group, the groups in the order of their first.
  fileprivate func grouped(by key: (Int) -> [String]) -> [[Int]] {
    var groups: [[Int]] = []
    var places: [[String]: Int] = [:]
    for index in self {
      let key = key(index)
      if let place = places[key] {
        groups[place].append(index)
      } else {
        places[key] = groups.count
        groups.append([index])
      }
    }
    return groups
  }
}

/// A workflow's content taken apart into fields.
private struct Fields {
  private var settings: [String: JSONValue]
  private var entities: [String: [String: [String: JSONValue]]]
  private var order: [String: [String]]
  private var positions: [String: JSONValue]
  private let rows: WorkflowContent
  /// The nodes that the changes brought.
  private let addedNodes: Set<String>

  /// In this order things are taken back: what leads to a node can come back when that is there, and whether a node can go
  /// shows when all is gone that came with it.
  enum Step: CaseIterable {
    case removedNodes, other, addedTriggers, addedJobs, positions
  }

  init(_ rows: WorkflowContent, added changes: [ContentChange]) {
    self.rows = rows
    addedNodes = Set(
      changes.filter { change in
        guard case .entity(let collection, _, [])? = Place(change.unit) else { return false }
        return change.kind == .added && collection != Edge.collection
      }.map { $0.unit[1] })
    settings = [
      "name": .string(rows.name), "concurrency": JSONValue(rows.concurrency),
      "enable_job_logs": JSONValue(rows.enableJobLogs),
    ]
    entities = [
      Job.collection: Dictionary(rows.jobs.map { ($0.id, $0.fields) }) { first, _ in first },
      Trigger.collection: Dictionary(rows.triggers.map { ($0.id, $0.fields) }) { first, _ in first },
      Edge.collection: Dictionary(rows.edges.map { ($0.id, $0.fields) }) { first, _ in first },
    ]
    order = [
      Job.collection: rows.jobs.map(\.id), Trigger.collection: rows.triggers.map(\.id),
      Edge.collection: rows.edges.map(\.id),
    ]
    positions = rows.positions ?? [:]
  }

  var content: WorkflowContent {
    func list<E: Entity>(_ type: E.Type) -> [E] {
      (order[E.collection] ?? []).compactMap { id in entities[E.collection]?[id].map { E(id: id, fields: $0) } }
    }
    return WorkflowContent(
      id: rows.id, name: settings["name"]?.string ?? "", concurrency: settings["concurrency"]?.integer,
      enableJobLogs: settings["enable_job_logs"]?.bool, jobs: list(Job.self), triggers: list(Trigger.self),
      edges: list(Edge.self), positions: positions.isEmpty ? nil : positions)
  }

  func step(of change: ContentChange) -> Step {
    switch Place(change.unit) {
    case .position: .positions
    case .entity(let collection, _, []) where change.kind == .removed && collection != Edge.collection:
      .removedNodes
    case .entity(Trigger.collection, _, []) where change.kind == .added: .addedTriggers
    case .entity(Job.collection, _, []) where change.kind == .added: .addedJobs
    default: .other
    }
  }

  /// What is taken back together: the fields that only make sense together, everything else on its own.
  func group(of change: ContentChange) -> [String] {
    guard let rule = Self.atomicRule(for: change.unit) else { return change.unit }
    return change.unit.dropLast() + [rule.name]
  }

  private static func atomicRule(for unit: [String]) -> Policy.Rule? {
    guard unit.count == 3 else { return nil }
    return Policy.standard.units(of: unit[0]).first { $0.fields.count > 1 && $0.fields.contains(unit[2]) }
  }

  /// Whether the unit has a connection that the rows had not, so that its secrets are gone.
  static func lacksSecrets(_ unit: [String], _ rows: WorkflowContent, _ content: WorkflowContent) -> Bool {
    guard case .entity(Trigger.collection, let id, let path)? = Place(unit),
      path.isEmpty || path == ["kafka_configuration"]
    else { return false }
    func hasConnection(_ content: WorkflowContent) -> Bool {
      content.triggers.first { $0.id == id }?.kafkaConfiguration != nil
    }
    return hasConnection(content) && !hasConnection(rows)
  }

  /// Whether the changes of a group are undone: all of them or none.
  mutating func takeBack(_ changes: [ContentChange]) -> Bool {
    guard let rule = Self.atomicRule(for: changes[0].unit) else { return takeBack(changes[0]) }
    let (collection, id) = (changes[0].unit[0], changes[0].unit[1])
    guard var fields = entities[collection]?[id] else { return false }
    func shows(_ side: (ContentChange) -> JSONValue?) -> Bool {
      changes.allSatisfy { fields[$0.unit[2]]?.canonical == side($0)?.canonical }
    }
    if shows(\.before) { return true }
    let changed = Set(changes.map { $0.unit[2] })
    let isCleared = changes.allSatisfy { $0.after?.canonical == nil }
    let isChosenAnew = rule.fields.contains { !changed.contains($0) && fields[$0]?.canonical != nil }
    guard shows(\.after), !(isCleared && isChosenAnew) else { return false }
    guard !changes.contains(where: { leadsNowhere($0.unit[2], $0.before) }) else { return false }
    for change in changes { fields[change.unit[2]] = change.before }
    entities[collection]?[id] = fields
    return true
  }

  private mutating func takeBack(_ change: ContentChange) -> Bool {
    switch Place(change.unit) {
    case .workflow(let path) where path.count == 1: takeBack(change, &settings[path[0]])
    case .position(let node, []) where change.kind == .added && addedNodes.contains(node) && hasNode(node): false
    case .position(let node, []) where change.before != nil && !hasNode(node): false
    case .position(let node, []): takeBack(change, &positions[node])
    case .entity(let collection, let id, []): takeBackPresence(change, collection, id)
    case .entity(_, _, let path) where path.count == 1 && leadsNowhere(path[0], change.before): false
    case .entity(let collection, let id, let path) where path.count == 1 && entities[collection]?[id] != nil:
      takeBack(change, &entities[collection, default: [:]][id, default: [:]][path[0]])
    default: false
    }
  }

  private static let references = ["source_job_id", "source_trigger_id", "target_job_id", "cron_cursor_job_id"]

  /// Whether a field would refer to a node that is no more.
  private func leadsNowhere(_ field: String, _ value: JSONValue?) -> Bool {
    guard Self.references.contains(field), let node = value?.string else { return false }
    return !hasNode(node)
  }

  private func hasNode(_ id: String) -> Bool {
    entities[Job.collection]?[id] != nil || entities[Trigger.collection]?[id] != nil
  }

  /// Whether an edge or a trigger leads to the node.
  private func isReferred(_ node: String) -> Bool {
    entities.values.contains { list in
      list.values.contains { fields in Self.references.contains { fields[$0]?.string == node } }
    }
  }

  private func takeBack(_ change: ContentChange, _ value: inout JSONValue?) -> Bool {
    if value?.canonical == change.after?.canonical {
      value = change.before
      return true
    }
    guard change.unit.first == Job.collection, change.unit.last == "body", let now = value?.string,
      let before = change.before?.string, let after = change.after?.string
    else { return value?.canonical == change.before?.canonical }
    var budget = DiffBudget()
    let since = TextDiff.changes(from: after, to: now, budget: &budget)
    let back = TextDiff.changes(from: after, to: before, budget: &budget)
    value = .string(TextMerge(live: since, database: back).liveEdits(live: since).applied(to: now))
    return true
  }

  private mutating func takeBackPresence(_ change: ContentChange, _ collection: String, _ id: String) -> Bool {
    let now = entities[collection]?[id]
    if let before = change.before?.object {
      guard now == nil else { return false }
      guard collection != Edge.collection || !before.contains(where: leadsNowhere) else { return false }
      entities[collection, default: [:]][id] = before
      order[collection, default: []].append(id)
      return true
    }
    guard let now else { return true }
    guard CanonicalEntity(now) == CanonicalEntity(change.after?.object ?? [:]) else { return false }
    guard collection == Edge.collection || !isReferred(id) else { return false }
    entities[collection]?[id] = nil
    return true
  }
}
