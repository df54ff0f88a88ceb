public import Workflow

/// What rows become when what a reconciliation brought is taken back: a merge like any other, in which the state before
/// that reconciliation is one side and the rows as they are now the other.
public struct Reversal: Hashable, Sendable {
  public var content: WorkflowContent
  /// What was taken back.
  public var reverted: [[String]]
  /// What stays because somebody has changed it since.
  public var kept: [[String]]

  /// Takes `changes` back in `rows`. A text keeps what was written in it since; of everything else what is no longer as
  /// those changes left it stays as it is. O(size of the workflow and of the texts).
  public init(of changes: [ContentChange], in rows: WorkflowContent) {
    content = rows
    (reverted, kept) = ([], [])
    var object = Fields(rows)
    // What is to come back first: then edges find their ends.
    for change in changes {
      if object.takeBack(change) { reverted.append(change.unit) } else { kept.append(change.unit) }
    }
    content = object.content.withoutDanglingReferences()
  }
}

/// A workflow's content taken apart into fields.
private struct Fields {
  private var settings: [String: JSONValue]
  private var entities: [String: [String: [String: JSONValue]]]
  private var order: [String: [String]]
  private var positions: [String: JSONValue]
  private let rows: WorkflowContent

  init(_ rows: WorkflowContent) {
    self.rows = rows
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

  /// Whether the change is undone.
  mutating func takeBack(_ change: ContentChange) -> Bool {
    switch Place(change.unit) {
    case .workflow(let path) where path.count == 1: takeBack(change, &settings[path[0]])
    case .position(let node, []): takeBack(change, &positions[node])
    case .entity(let collection, let id, []): takeBackPresence(change, collection, id)
    case .entity(let collection, let id, let path) where path.count == 1 && entities[collection]?[id] != nil:
      takeBack(change, &entities[collection, default: [:]][id, default: [:]][path[0]])
    default: false
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
      entities[collection, default: [:]][id] = before
      order[collection, default: []].append(id)
      return true
    }
    guard let now else { return true }
    guard CanonicalEntity(now) == CanonicalEntity(change.after?.object ?? [:]) else { return false }
    entities[collection]?[id] = nil
    return true
  }
}
