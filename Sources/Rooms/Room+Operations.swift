import Reconciliation
import Workflow
import YCRDT

extension Room {
  /// What the store is doing for this room besides appending. One at a time: each step needs the result of the last.
  enum Operation: Hashable {
    case readingLog
    case readingRows
    case committing(Computed)
  }

  /// Something the server worked out on a fork and wants to see committed.
  struct Computed: Hashable {
    var update: [UInt8]
    /// The clock of the server's client id after the update.
    var serverClock: UInt64
    var base: Base
    var conflicts: [Conflict]
    var purpose: Purpose
    var rows: WorkflowRows?
  }

  enum Purpose: Hashable {
    case reconcile
    case save(RequestID)
    case reset(RequestID)
  }

  struct WaitingRequest: Hashable {
    let id: RequestID
    let request: Request
    var attempts = 0
  }

  // MARK: What is to be done

  mutating func rowsChanged() {
    guard name.version == nil else { return }
    needsReconcile = true
    loadIfNeeded()
    advance()
  }

  mutating func accept(_ request: Request, id: RequestID) {
    guard !isDraining else { return effects.append(.reply(id, .unavailable)) }
    if name.version != nil, request != .read { return effects.append(.reply(id, .readOnly)) }
    requests.append(WaitingRequest(id: id, request: request))
    loadIfNeeded()
    advance()
  }

  /// Starts the next step, if none is under way: catch up with other nodes, then look at the rows.
  mutating func advance() {
    answerReads()
    defer { if isDraining { unloadIfIdle() } }
    guard operation == nil, retryAt == nil, base != nil else { return }
    if highestSequence > knownSequence {
      operation = .readingLog
      effects.append(.readLog(after: knownSequence))
    } else if needsReconcile || !requests.isEmpty {
      needsReconcile = false
      operation = .readingRows
      effects.append(.readRows)
    }
  }

  private mutating func answerReads() {
    guard isServing else { return }
    for waiting in requests where waiting.request == .read { effects.append(.reply(waiting.id, live())) }
    requests.removeAll { $0.request == .read }
  }

  private func live() -> Reply {
    do {
      return .live(
        LiveWorkflow(
          content: try WorkflowDocument.extract(doc),
          lockVersion: base?.lockVersion ?? WorkflowDocument.lockVersion(of: doc) ?? 0,
          deletedAt: deletedAt, isDirty: base.map { Reconciler().isDirty(doc, base: $0) } ?? false))
    } catch {
      return .unreadable("\(error)")
    }
  }

  // MARK: The log of other nodes

  /// Entries that are our own come back from the log as well, which does no harm. While appends of ours are under way
  /// their answers will show whether there is anything else.
  mutating func logGrew(to sequence: Int64) {
    guard base != nil, !hasPendingAppends else { return }
    highestSequence = max(highestSequence, sequence)
    advance()
  }

  mutating func logRead(_ tail: LogTail) {
    guard operation == .readingLog else { return }
    operation = nil
    succeeded()
    for update in tail.updates { applyFromStore(update) }
    knownSequence = max(knownSequence, tail.lastSequence)
    highestSequence = max(highestSequence, knownSequence)
    base = tail.base
    deletedAt = WorkflowDocument.deletedAt(of: doc)
    advance()
  }

  /// Applies what is committed already. What the store holds was validated when it was written.
  private mutating func applyFromStore(_ update: [UInt8]) {
    guard let event = try? doc.apply(update) else { return }
    updatesSinceCheckpoint += 1
    bytesSinceCheckpoint += event.update.count
    if isServing { effects.append(.broadcast(.update(event.update), except: nil)) }
  }

  // MARK: The rows

  mutating func rowsRead(_ rows: WorkflowRows?) {
    guard operation == .readingRows, let base else { return }
    operation = nil
    succeeded()
    if (rows?.revision ?? Base.noRows) != base.revision {
      reconcile(rows, base)
    } else {
      if case .catchingUp = phase { startServing() }
      performNextRequest(rows)
    }
    advance()
  }

  private mutating func reconcile(_ rows: WorkflowRows?, _ base: Base) {
    // An older version than the one merged already comes from a read that was overtaken.
    if let rows, rows.revision < base.revision { return needsReconcile = true }
    do {
      let computed = try author(.reconcile, rows) { try Reconciler().merge(rows: rows, base: base, into: $0) }
      commit(computed, .reconcile)
    } catch {
      giveUpRequests(.unreadable("\(error)"))
      retryLater()
    }
  }

  private mutating func performNextRequest(_ rows: WorkflowRows?) {
    guard let index = requests.firstIndex(where: { $0.request != .read }) else { return }
    let waiting = requests[index]
    guard let rows, rows.deletedAt == nil else { return finish(waiting.id, .deleted) }
    switch waiting.request {
    case .read: break
    case .save(let actor): save(rows, waiting.id, actor)
    case .reset(let actor): reset(to: rows, waiting.id, actor)
    }
  }

  private mutating func save(_ rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    do {
      let content = try WorkflowDocument.extract(doc).normalized()
      try content.validate()
      var saved = rows
      saved.content = content
      if content != rows.content { saved.lockVersion += 1 }
      let computed = try author(.save(id), saved) { try Reconciler().reset($0, to: saved) }
      commit(computed, content == rows.content ? .reset : .save(saved), actor)
    } catch let errors as ValidationErrors {
      finish(id, .invalid(errors))
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  private mutating func reset(to rows: WorkflowRows, _ id: RequestID, _ actor: Actor) {
    do {
      commit(try author(.reset(id), rows) { try Reconciler().reset($0, to: rows) }, .reset, actor)
    } catch {
      finish(id, .unreadable("\(error)"))
    }
  }

  /// Has `body` write to a fork, under the server's client id. The live document stays as it is.
  private func author(
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
      purpose: purpose, rows: rows)
  }

  // MARK: Commits

  private mutating func commit(_ computed: Computed, _ kind: ServerCommit.Kind, _ actor: Actor = .system) {
    guard let base else { return }
    if computed.update.isEmpty, computed.base.isSameState(as: base) {
      // Nothing to write anywhere.
      return finishCommit(computed, revision: base.revision)
    }
    operation = .committing(computed)
    effects.append(
      .commit(
        ServerCommit(
          document: name, kind: kind, update: computed.update, base: computed.base,
          expectedBaseRevision: base.revision, expectedServerClock: doc.stateVector[serverClientID],
          serverClock: computed.serverClock, conflicts: computed.conflicts, actor: actor)))
  }

  mutating func committed(_ result: CommitResult) {
    guard case .committing(let computed) = operation else { return }
    operation = nil
    succeeded()
    var newBase = computed.base
    newBase.revision = result.revision
    newBase.lockVersion = result.lockVersion
    base = newBase
    if !computed.update.isEmpty {
      applyFromStore(computed.update)
      heard(of: result.lastSequence)
    }
    deletedAt = WorkflowDocument.deletedAt(of: doc)
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
    case (.save(let id), .some(let rows)):
      statistics.saves += 1
      finish(id, .saved(rows))
    case (.reset(let id), .some(let rows)):
      finish(id, .reset(rows))
    case (.save(let id), nil), (.reset(let id), nil):
      finish(id, .deleted)
    }
  }

  mutating func commitRefused(_ refusal: CommitRefusal) {
    guard case .committing(let computed) = operation else { return }
    operation = nil
    statistics.staleCommits += 1
    switch (refusal, computed.purpose) {
    case (.invalid(let errors), .save(let id)), (.invalid(let errors), .reset(let id)):
      finish(id, .invalid(errors))
    case (.invalid, .reconcile):
      retryLater()
    case (.stale, _):
      countAttempt(computed.purpose)
      needsReconcile = true
      // Whoever was faster may have written to the log as well.
      operation = .readingLog
      effects.append(.readLog(after: knownSequence))
    }
    advance()
  }

  private mutating func countAttempt(_ purpose: Purpose) {
    guard case .save(let id) = purpose, let index = requests.firstIndex(where: { $0.id == id }) else { return }
    requests[index].attempts += 1
    if requests[index].attempts >= configuration.maximumAttempts { finish(id, .contended) }
  }

  private mutating func finish(_ id: RequestID, _ reply: Reply) {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
    requests.remove(at: index)
    effects.append(.reply(id, reply))
  }

  // MARK: A store that is away

  mutating func storeFailed() {
    if case .committing(let computed) = operation, computed.purpose == .reconcile { needsReconcile = true }
    if operation == .readingRows { needsReconcile = true }
    operation = nil
    giveUpRequests(.unavailable)
    retryLater()
  }

  private mutating func giveUpRequests(_ reply: Reply) {
    for waiting in requests where waiting.request != .read { effects.append(.reply(waiting.id, reply)) }
    requests.removeAll { $0.request != .read }
  }

  private mutating func retryLater() {
    needsReconcile = true
    let delay = configuration.retryDelay << min(failures, 16)
    failures += 1
    retryAt = now + min(delay, configuration.maximumRetryDelay)
  }

  private mutating func succeeded() {
    failures = 0
    retryAt = nil
  }
}

extension Base {
  /// Whether both stand for the same state of the rows. Which characters spell it may differ.
  fileprivate func isSameState(as other: Base) -> Bool {
    revision == other.revision && lockVersion == other.lockVersion && content == other.content
  }
}
