import Reconciliation
import Workflow
import YCRDT

extension Room {
  mutating func rowsRead(_ rows: WorkflowRows?) {
    guard operation == .readingRows, let base else { return }
    operation = nil
    if (rows?.revision ?? Base.noRows) != base.revision {
      reconcile(rows, base)
    } else {
      failures = 0
      if case .catchingUp = phase { startServing() }
      performNextRequest(rows)
    }
    advance()
  }

  private mutating func reconcile(_ rows: WorkflowRows?, _ base: Base) {
    if let rows, rows.revision < base.revision {
      // An older version than the one merged already: from a database that was set back, or a read that was overtaken.
      needsLog = true
      // Once it may have been overtaken; who waits is not to wait for ever.
      if failures > 0 {
        giveUpRequests(
          .failed("the rows have revision \(rows.revision), and revision \(base.revision) is merged already"))
      }
      return retryLater()
    }
    do {
      let computed = try author(.reconcile, rows) { try reconciler.merge(rows: rows, base: base, into: $0) }
      commit(computed, .reconcile, rows?.provenance ?? .unknown)
    } catch {
      giveUpRequests(.unreadable("\(error)"))
      retryLater()
    }
  }

  private mutating func performNextRequest(_ rows: WorkflowRows?) {
    guard let index = requests.firstIndex(where: { !$0.request.isRead }) else { return }
    let waiting = requests[index]
    guard let rows = rows ?? newRows, rows.deletedAt == nil else { return finish(waiting.id, .deleted) }
    switch waiting.request {
    case .read, .conflicts, .open: break
    case .save(let actor): save(rows, waiting.id, actor)
    case .reset(let actor): reset(to: rows, waiting.id, actor)
    case .resolve(let records, let choice, let actor): resolve(records, choice, rows, waiting.id, actor)
    case .recover(let branch, let actor): recover(branch, rows, waiting.id, actor)
    case .patch(let source, let actor): patch(source, rows, waiting.id, actor)
    }
  }

  /// What a workflow that was never saved has in place of rows: what its document began with.
  private var newRows: WorkflowRows? {
    guard let base, let newInProject else { return nil }
    return WorkflowRows(
      content: base.content, projectID: newInProject, lockVersion: base.lockVersion, revision: Base.noRows)
  }

  private mutating func save(_ rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    do {
      var content = try WorkflowDocument.extract(doc).normalized().withoutDanglingReferences()
      // Whatever a client makes the document say: only these rows are written.
      content.id = name.workflowID
      if requests.contains(where: { $0.id == id && $0.isInactive }) { content.switchTriggersOff() }
      try content.validate()
      let isChanged =
        rows.revision == Base.noRows || !content.isSame(as: rows.content.normalized().withoutDanglingReferences())
      var saved = rows
      if isChanged {
        saved.content = content
        saved.lockVersion += 1
      }
      let computed = try author(.save(id), saved) { try reconciler.reset($0, to: saved) }
      commit(computed, isChanged ? .save(saved) : .reset, Provenance(.save, actor: actor))
    } catch let errors as ValidationErrors {
      refuse(id, errors, rows, actor)
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  /// Refuses a save, once it is certain that no other node has what mends the document.
  private mutating func refuse(
    _ id: RequestID, _ errors: ValidationErrors, _ rows: WorkflowRows, _ actor: Actor
  ) {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
    guard requests[index].attempts > 0 else {
      requests[index].attempts = 1
      needsLog = true
      return
    }
    report(errors, to: id, rows, Provenance(.save, actor: actor))
  }

  /// Writes into the document what is wrong with it, for everybody, and answers once that is kept. It hinders nobody: what
  /// the document says there is not looked at when it is saved.
  mutating func report(
    _ errors: ValidationErrors, to id: RequestID, _ rows: WorkflowRows?, _ provenance: Provenance
  ) {
    guard let base else { return }
    do {
      let computed = try author(.report(id, errors), rows) {
        try reconciler.report(errors, since: reported, in: $0, base: base)
      }
      commit(computed, .report, provenance)
    } catch {
      // A document that is full has no room for it either.
      finish(id, .invalid(errors))
    }
  }

  private mutating func reset(to rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    guard rows.revision != Base.noRows else { return finish(id, .neverSaved) }
    do {
      commit(
        try author(.reset(id), rows) { try reconciler.reset($0, to: rows) }, .reset, Provenance(.reset, actor: actor))
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  private mutating func resolve(
    _ records: [ConflictRecord], _ choice: ConflictChoice, _ rows: WorkflowRows, _ id: RequestID, _ actor: Actor
  ) {
    guard let base, !records.isEmpty else { return finish(id, .resolved(standingConflicts)) }
    let ids = records.map(\.id)
    // What was read before the last merge may speak of ids that are no more.
    let records = records.map { record in openConflicts.first { $0.id == record.id } ?? record }
    do {
      var texts: [ConflictRecord.ID: String] = [:]
      let computed = try author(.resolve(id, ids), rows) {
        let result = try reconciler.resolve(records, by: choice, in: $0, base: base)
        texts = result.chosenTexts
        return result
      }
      commit(computed, .resolve(ids, outcome: choice.name, texts: texts), Provenance(.resolve, actor: actor))
    } catch {
      finish(id, .unresolvable("\(error)"))
    }
  }

  private mutating func recover(_ branch: BranchRecord, _ rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    guard let base else { return }
    do {
      let before = try WorkflowDocument.extract(doc)
      var after = before
      var computed = try author(.recover(id, branch), rows) {
        let result = try reconciler.merge(branch: branch, into: $0, base: base, rows: rows)
        after = try WorkflowDocument.extract($0)
        return result
      }
      computed.changes = before.changes(to: after)
      commit(computed, .recover(branch), Provenance(.recover, actor: actor))
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  /// Has `body` write to a fork, under the server's client id. The live document stays as it is.
  func author(
    _ purpose: Purpose, _ rows: WorkflowRows?, _ body: (Doc) throws -> Reconciliation
  ) throws -> Computed {
    let fork = doc.fork(clientID: serverClientID)
    var update: [UInt8] = []
    let subscription = fork.observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    let result = try body(fork)
    var base = result.base
    if rows == nil { base.revision = Base.noRows }
    return Computed(
      update: update, serverClock: fork.stateVector[serverClientID], base: base, conflicts: result.conflicts,
      purpose: purpose, rows: rows, state: fork.stateVector, renames: result.renames)
  }
}

extension WorkflowContent {
  fileprivate mutating func switchTriggersOff() {
    for index in triggers.indices { triggers[index].enabled = false }
  }
}
