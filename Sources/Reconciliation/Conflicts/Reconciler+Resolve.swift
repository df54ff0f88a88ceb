public import Workflow
public import YCRDT

/// Why a choice cannot be carried out. Nothing was changed.
public enum ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the conflict was in is no more.
  case gone(unit: [String])
  /// The value does not fit there; says what would.
  case unfit(unit: [String], expected: String)
  /// What is to come back leads to something that is no more.
  case incomplete(unit: [String], missing: String)

  public var description: String {
    switch self {
    case .gone(let unit): "\(unit.joined(separator: ".")) is no more"
    case .unfit(let unit, let expected): "\(unit.joined(separator: ".")) takes \(expected)"
    case .incomplete(let unit, let missing):
      "\(unit.joined(separator: ".")) cannot come back: \(missing), to which it leads, is no more"
    }
  }
}

extension Reconciler {
  /// Writes what somebody chose in conflicts, as one transaction. The base stays; what is unsaved stays unsaved.
  ///
  /// Of a text only what the merge had put there is replaced: what people have written in it since then stays. An entity
  /// that goes takes its edges and its position along. O(size of the workflow).
  public func resolve(
    _ records: [ConflictRecord], by choice: ConflictChoice, in doc: Doc, base: Base
  ) throws -> Reconciliation {
    var texts: [ConflictRecord.ID: String] = [:]
    let (_, changed) = try Self.transact(doc) {
      for record in records.sorted(by: { $0.id < $1.id }) {
        let value = record.conflict.value(of: choice)
        try write(choice, value, of: record.conflict, to: doc)
        if isText(record.conflict.unit) { texts[record.id] = value?.string ?? "" }
      }
    }
    return Reconciliation(base: base, conflicts: [], changed: changed, chosenTexts: texts)
  }

  private func isText(_ unit: [String]) -> Bool { unit.count > 2 && policy.rule(for: unit).kind == .text }

  private func write(
    _ choice: ConflictChoice, _ value: JSONValue?, of conflict: Conflict, to doc: Doc
  ) throws {
    let unit = conflict.unit
    let live = LiveWorkflow(doc)
    switch Place(unit) {
    case .workflow(let path):
      try check(value, conflict)
      try [FieldWrite(path: path, value: value ?? .null)].write(to: live.metadata)
    case .position(let node, let path):
      try check(value, conflict)
      try [FieldWrite(path: [node] + path, value: value)].write(to: live.positions)
    case .entity(let collection, let id, []):
      if case .value = choice {
        throw ResolutionError.unfit(unit: unit, expected: "no value of its own: live or database")
      }
      try setPresence(of: id, in: collection, value?.object, doc, live, unit)
    case .entity(let collection, let id, let path):
      guard let entity = live[collection, id] else { throw ResolutionError.gone(unit: unit) }
      try check(value, conflict)
      try write(value, to: entity, path, conflict)
    case nil: throw ResolutionError.gone(unit: unit)
    }
  }

  private func write(_ value: JSONValue?, to entity: LiveEntity, _ path: [String], _ conflict: Conflict) throws {
    let rule = policy.rule(for: conflict.unit)
    if rule.kind == .text {
      try rewrite(entity, field: path[0], to: value?.string ?? "", since: conflict.standingText)
    } else if rule.fields.count > 1 {
      try rule.fields.map { FieldWrite(path: [$0], value: value?[$0] ?? .null) }.write(to: entity.map)
    } else {
      try [FieldWrite(path: path, value: path.count == 1 ? value ?? .null : value)].write(to: entity.map)
    }
  }

  /// Replaces `result` by `text` in what the field says now, keeping what was written since.
  private func rewrite(_ entity: LiveEntity, field: String, to text: String, since result: String) throws {
    guard let body = entity.map[field]?.text else {
      _ = try entity.map.setText(field, text)
      return
    }
    var budget = DiffBudget(policy.textLimits)
    let shown = body.string
    let live = TextDiff.changes(from: result, to: shown, budget: &budget)
    let chosen = TextDiff.changes(from: result, to: text, budget: &budget)
    try body.apply(TextMerge(live: live, database: chosen).liveEdits(live: live), toBase: body.liveIDs())
  }

  private func check(_ value: JSONValue?, _ conflict: Conflict) throws {
    guard let value, !value.isNull else { return }
    let unit = conflict.unit
    let rule = policy.rule(for: unit)
    let isNested = unit.count > rule.path.count
    let fits: Bool
    let expected: String
    switch rule.kind {
    case .text: (fits, expected) = (value.string != nil, "a string")
    case .atomic: (fits, expected) = (isNested || value.object != nil, "an object")
    case .map where !isNested: (fits, expected) = (value.object != nil, "an object")
    case .serverOwned: (fits, expected) = (false, "no value: the server sets it")
    default: (fits, expected) = (isNested || (value.object == nil && value.array == nil), "a plain value")
    }
    guard fits else { throw ResolutionError.unfit(unit: unit, expected: expected) }
    let kinds = [conflict.base, conflict.live, conflict.database].compactMap { $0?.canonical?.kind }
    guard kinds.isEmpty || value.canonical?.kind.map(kinds.contains) ?? true else {
      throw ResolutionError.unfit(unit: unit, expected: kinds[0])
    }
  }
}

extension Conflict {
  fileprivate func value(of choice: ConflictChoice) -> JSONValue? {
    switch choice {
    case .live: live
    case .database: database
    case .value(let value): value
    }
  }

  /// The text that the merge or the last choice left in the document: what differs from it was typed since. An empty text
  /// may be recorded as none.
  fileprivate var standingText: String {
    let standing = result ?? (winner == .live ? live : winner == .database ? database : nil)
    return standing?.string ?? ""
  }
}

extension JSONValue {
  /// What it is, as people are told what fits: every side of a conflict tells what the field takes.
  fileprivate var kind: String? {
    switch self {
    case .null: nil
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
