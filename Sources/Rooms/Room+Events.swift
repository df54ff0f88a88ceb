import Reconciliation
import Workflow
import YProtocol

/// What members are told of beside the document: merges, saves, and conflicts.
extension Room {
  /// The open conflicts, each with the side that stands.
  var standingConflicts: [StandingConflict] {
    zip(openConflicts, reconciler.standings(of: openConflicts, in: doc)).map {
      StandingConflict(record: $0, standing: $1)
    }
  }

  /// From now on the member gets events, beginning with how things are.
  mutating func subscribe(_ id: MemberID) {
    guard members[id] != nil else { return }
    members[id]?.wantsEvents = true
    guard members[id]?.lag == nil else { return }
    var event = savedState
    event["type"] = "state"
    event["number"] = .number(Double(lastReconciliation))
    event["conflicts"] = .array(standingConflicts.map(\.json))
    effects.append(.send(id, .event(JSONValue.object(event).text)))
  }

  // MARK: Commits

  /// Tells of a commit of this room.
  mutating func tellOf(_ computed: Computed, _ result: CommitResult) {
    guard let kind = computed.purpose.kind else { return }
    let recorded = computed.conflicts.enumerated().map { place, conflict in
      ConflictRecord(
        id: ConflictRecord.ID(reconciliation: result.number, place: place + 1), conflict: conflict,
        provenance: computed.provenance, recordedAt: result.recordedAt, revision: result.revision)
    }
    for index in openConflicts.indices {
      openConflicts[index].conflict = openConflicts[index].conflict.renamed(by: computed.renames)
    }
    renameWaiting(computed.renames)
    openConflicts += recorded
    let decided = computed.purpose.decides
    openConflicts.removeAll { decided.contains($0.id) }
    if result.followsUnknown {
      // The log tells of both, in their order.
      untoldDecisions.formUnion(decided)
      needsLog = true
      return
    }
    lastReconciliation = max(lastReconciliation, result.number)
    let record = ReconciliationRecord(
      number: result.number, kind: kind, provenance: computed.provenance,
      lockVersion: result.lockVersion, changes: computed.changes, conflicts: recorded.count,
      renames: computed.renames, updateBytes: computed.update.count, recordedAt: result.recordedAt,
      revision: result.revision)
    guard record.isNews || !decided.isEmpty, result.number > 0 else { return }
    tellSubscribers(of: record, new: recorded.map(\.id), decided: decided)
  }

  /// Tells of what other nodes committed, each once.
  mutating func tellOf(_ tail: LogTail) {
    let known = Set(openConflicts.map(\.id))
    let open = Set(tail.openConflicts.map(\.id))
    openConflicts = tail.openConflicts
    mayHavePointlessConflicts = true
    untoldDecisions.formUnion(known.subtracting(open))
    for record in tail.reconciliations where record.number > lastReconciliation {
      guard record.isKnown(at: tail.base.revision) else {
        // What came of it is told when the document has it.
        needsReconcile = true
        break
      }
      lastReconciliation = record.number
      renameWaiting(record.renames)
      let isLast = record.number == tail.reconciliations.last?.number
      let decided = isLast ? untoldDecisions.sorted() : []
      if isLast { untoldDecisions = [] }
      guard record.isNews || !decided.isEmpty else { continue }
      let new = openConflicts.map(\.id).filter { $0.reconciliation == record.number }
      tellSubscribers(of: record, new: new, decided: decided)
    }
  }

  /// Choices that wait follow what they are about.
  private mutating func renameWaiting(_ renames: [Rename]) {
    guard !renames.isEmpty else { return }
    for index in requests.indices {
      guard case .resolve(var records, let choice, let actor) = requests[index].request else { continue }
      for place in records.indices { records[place].conflict = records[place].conflict.renamed(by: renames) }
      requests[index].request = .resolve(records, choice, actor)
    }
  }

  private mutating func tellSubscribers(
    of record: ReconciliationRecord, new: [ConflictRecord.ID], decided: [ConflictRecord.ID]
  ) {
    guard isServing, members.values.contains(where: \.wantsEvents) else { return }
    var event = savedState
    for (key, value) in record.json.object ?? [:] { event[key] = value }
    event["type"] =
      switch record.kind {
      case .reconcile: "reconciled"
      case .save: "saved"
      case .reset: "reset"
      case .resolve: "resolved"
      case .recover: record.provenance.source == .patch ? "patched" : "recovered"
      case .merge: "merged"
      }
    let added = new.isEmpty ? [] : standingConflicts.filter { new.contains($0.record.id) }
    event["new_conflicts"] = .array(added.map(\.json))
    event["decided_conflicts"] = .array(decided.map { .string("\($0)") })
    event["open_conflicts"] = JSONValue(openConflicts.count)
    tellSubscribers(event)
  }

  /// What clients need to show whether there is something to save.
  private var savedState: [String: JSONValue] {
    var workflow = base?.content.json.object
    workflow?["lock_version"] = JSONValue(base?.lockVersion)
    workflow?["deleted_at"] = JSONValue(deletedAt)
    return [
      "workflow": workflow.map(JSONValue.object) ?? .null, "lock_version": JSONValue(base?.lockVersion),
      "dirty": .bool(isDirty),
    ]
  }

  private mutating func tellSubscribers(_ event: [String: JSONValue]) {
    let message = Message.event(JSONValue.object(event).text)
    for id in members.keys.sorted() where isSubscriber(id) { effects.append(.send(id, message)) }
  }

  /// Whether a member is told of what happens to this document, of which strangers have another.
  func isSubscriber(_ id: MemberID) -> Bool {
    members[id]?.wantsEvents == true && members[id]?.lag == nil && strangers[id] == nil
  }

  // MARK: Conflicts that close themselves

  /// Closes the conflicts in which later edits left nothing to choose. Only once those edits are stored.
  mutating func closePointlessConflicts() {
    guard mayHavePointlessConflicts, !openConflicts.isEmpty, !hasPendingAppends, isServing, operation == nil, let base
    else { return }
    mayHavePointlessConflicts = false
    // Before the document has what came of a merge, it shows what the rows had.
    let known = openConflicts.filter { $0.isKnown(at: base.revision) }
    if known.count < openConflicts.count { mayHavePointlessConflicts = true }
    let closures = reconciler.pointless(known, in: doc, base: base)
    guard !closures.isEmpty else { return }
    let closed = Set(closures.map(\.id))
    openConflicts.removeAll { closed.contains($0.id) }
    effects.append(.closeConflicts(closures))
    tellSubscribers([
      "type": "conflicts_closed", "open_conflicts": JSONValue(openConflicts.count),
      "closed": .array(closures.map { ["id": .string("\($0.id)"), "reason": .string($0.reason)] }),
    ])
  }
}

extension Room.Purpose {
  /// What the record of it says; nil where none is made.
  fileprivate var kind: ReconciliationRecord.Kind? {
    switch self {
    case .reconcile: .reconcile
    case .save: .save
    case .reset: .reset
    case .resolve: .resolve
    case .recover, .patch: .recover
    case .report: nil
    }
  }
}
