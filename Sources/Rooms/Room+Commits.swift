import Workflow
import YCRDT

extension Room {
  mutating func commit(_ computed: Computed, _ kind: ServerCommit.Kind, _ provenance: Provenance) {
    guard let base else { return }
    if computed.update.isEmpty, computed.base.isSameState(as: base), !computed.decidesSomething {
      // Nothing to write anywhere.
      return finishCommit(computed, revision: base.revision)
    }
    var computed = computed
    computed.provenance = provenance
    if computed.changes.isEmpty { computed.changes = base.content.changes(to: computed.base.content) }
    operation = .committing(computed)
    effects.append(
      .commit(
        ServerCommit(
          document: name, incarnation: lineage?.incarnation, kind: kind, update: computed.update, base: computed.base,
          contentWrite: base.content.difference(to: computed.base.content).map { .difference($0) } ?? .unchanged,
          expectedBaseRevision: base.revision, expectedServerClock: serverClock,
          serverClock: computed.serverClock, conflicts: computed.conflicts, changes: computed.changes,
          renames: computed.renames, provenance: provenance, covered: kind.isSave ? computed.state : nil,
          knownReconciliation: lastReconciliation)))
  }

  mutating func committed(_ result: CommitResult) {
    guard case .committing(let computed) = operation else { return }
    operation = nil
    failures = 0
    var newBase = computed.base
    newBase.revision = result.revision
    newBase.lockVersion = result.lockVersion
    base = newBase
    if result.revision != Base.noRows { newInProject = nil }
    serverClock = computed.serverClock
    if !computed.update.isEmpty {
      guard applyFromStore(computed.update) else { return }
      heard(of: result.lastSequence)
    }
    deletedAt = WorkflowDocument.deletedAt(of: doc)
    tellOf(computed, result)
    finishCommit(computed, revision: result.revision)
    checkpointIfDue()
    advance()
  }

  private mutating func finishCommit(_ computed: Computed, revision: Int64) {
    var rows = computed.rows
    rows?.revision = revision
    switch (computed.purpose, rows) {
    case (.reconcile, _):
      statistics.reconciles += 1
      statistics.conflicts += computed.conflicts.count
      // Once more: what changed in the meantime is merged before anybody is served.
      if !isServing { needsReconcile = true }
    case (.report(let id, let errors), _):
      reported = errors
      finish(id, .invalid(errors))
    case (.save(let id), .some(let rows)):
      statistics.saves += 1
      reported = ValidationErrors()
      finish(id, .saved(rows))
    case (.reset(let id), .some(let rows)):
      reported = ValidationErrors()
      finish(id, .reset(rows))
    case (.resolve(let id, _), .some): finish(id, .resolved(standingConflicts))
    case (.recover(let id, _), .some): finish(id, .recovered(changes: computed.changes, standingConflicts))
    case (.patch(let id), .some): finish(id, .patched(changes: computed.changes, newestConflicts(computed)))
    case (.save(let id), nil), (.reset(let id), nil), (.resolve(let id, _), nil), (.recover(let id, _), nil),
      (.patch(let id), nil):
      finish(id, .deleted)
    }
  }

  mutating func commitRefused(_ refusal: CommitRefusal) {
    guard case .committing(let computed) = operation else { return }
    operation = nil
    switch (refusal, computed.purpose) {
    case (.invalid(let errors), .save(let id)):
      report(errors, to: id, computed.rows, computed.provenance)
    case (.invalid(let errors), let purpose):
      if let id = purpose.request { finish(id, .invalid(errors)) } else { retryLater() }
    case (.forbidden, let purpose):
      if let id = purpose.request { finish(id, .forbidden) } else { retryLater() }
    case (.limited(let why), let purpose):
      limit(purpose, because: why, isNew: computed.rows?.revision == Base.noRows)
    case (.branchDecided, let purpose):
      if let id = purpose.request { finish(id, .contended) }
    case (.stale, _):
      statistics.staleCommits += 1
      countAttempt()
      needsReconcile = true
      // Whoever was faster may have written to the log as well.
      needsLog = true
      // Once is bad luck. More often, somebody holds what we need, and trying again at once would hold up others.
      if failures == 0 { failures = 1 } else { retryLater() }
    }
    advance()
  }

  /// A new workflow is saved all the same, with its triggers off; people see that in the document.
  private mutating func limit(_ purpose: Purpose, because why: String, isNew: Bool) {
    guard let index = requests.firstIndex(where: { $0.id == purpose.request }) else { return }
    if isNew, !requests[index].isInactive {
      requests[index].isInactive = true
    } else {
      finish(requests[index].id, .limited(why))
    }
  }

  /// Everybody who waits has waited for it in vain, also for a merge that stands before what he wants.
  private mutating func countAttempt() {
    for index in requests.indices where !requests[index].request.isRead { requests[index].attempts += 1 }
    for waiting in requests where waiting.attempts >= configuration.maximumAttempts { finish(waiting.id, .contended) }
  }

  mutating func finish(_ id: RequestID, _ reply: Reply) {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
    requests.remove(at: index)
    effects.append(.reply(id, reply))
  }
}

extension Room.Computed {
  /// Whether it is done where nothing changes as well.
  fileprivate var decidesSomething: Bool {
    switch purpose {
    case .recover: true
    case .patch: !conflicts.isEmpty
    case .reconcile, .save, .reset, .resolve, .report: !purpose.decides.isEmpty
    }
  }
}

extension Base {
  /// Whether both stand for the same state of the rows. Which characters spell it may differ.
  fileprivate func isSameState(as other: Base) -> Bool {
    revision == other.revision && lockVersion == other.lockVersion && content == other.content
  }
}
