import Workflow
import YCRDT

extension Room {
  mutating func loadIfNeeded() {
    guard phase == .new else { return }
    phase = .loading
    effects.append(.load)
  }

  /// The document is there. It is served at once if the rows are as the base has them, else when they are merged.
  mutating func loaded(_ document: StoredDocument) {
    guard phase == .loading else { return }
    statistics.loads += 1
    do {
      if let checkpoint = document.checkpoint { try doc.apply(checkpoint) }
      for update in document.updates { try doc.apply(update) }
      doc.releaseBuffers()
    } catch {
      return loadFailed(.damaged("a stored update of \(name) cannot be read: \(error)"))
    }
    lineage = document.lineage
    serverClientID = document.serverClientID
    serverClock = document.serverClock
    base = document.base
    deletedAt = WorkflowDocument.deletedAt(of: doc)
    knownSequence = document.lastSequence
    highestSequence = document.lastSequence
    newInProject = document.newInProject
    lastReconciliation = document.lastReconciliation
    openConflicts = document.openConflicts
    mayHavePointlessConflicts = true
    updatesSinceCheckpoint = document.updates.count
    bytesSinceCheckpoint = document.updates.reduce(0) { $0 + $1.count }
    needsReconcile = needsReconcile || (document.currentRevision ?? Base.noRows) != document.base.revision
    if needsReconcile {
      phase = .catchingUp(deadline: now + configuration.openReconcileTimeout)
    } else {
      startServing()
    }
    advance()
  }

  /// A saved version: a document of its own that nothing changes and that is stored nowhere. It is the same to the byte
  /// each time, or who comes back to it would see its content twice.
  mutating func versionLoaded(_ rows: WorkflowRows) {
    guard phase == .loading else { return }
    do {
      let seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows)
      try doc.apply(seed.update)
      lineage = Lineage(epoch: 1, root: seed.clientID)
    } catch {
      return loadFailed(.damaged("version \(name) is too large for a document: \(error)"))
    }
    deletedAt = rows.deletedAt
    startServing()
    advance()
  }

  /// Nobody is served a document that could not be loaded. The next one who asks has it tried again, in a new room.
  mutating func loadFailed(_ failure: LoadFailure) {
    guard phase == .loading else { return }
    if case .damaged = failure { statistics.unreadable += 1 }
    let (reason, reply): (CloseReason, Reply) =
      switch failure {
      case .notFound(let what): (.notFound(what), .notFound(what))
      case .unavailable: (.tryAgainLater("the document cannot be loaded now"), .unavailable)
      case .damaged(let why): (.tryAgainLater("the document cannot be loaded"), .unreadable(why))
      case .crowded(let why): (.crowded(why), .crowded(why))
      }
    dismissEverybody(reason, reply)
    end()
  }

  /// The room cannot go on. What is stored is right; the next one who asks gets a new room that reads it.
  mutating func abandon(_ reply: Reply) {
    dismissEverybody(.tryAgainLater("the document has to be loaded again"), reply)
    end()
  }

  /// Another document is there than the room has. Who asked for something is answered by the room that reads that one, but for whom a
  /// commit is under way: it may have been made.
  mutating func makeWay() {
    var underWay: RequestID?
    if case .committing(let computed) = operation { underWay = computed.purpose.request }
    let others = requests.filter { $0.id != underWay }
    requests.removeAll { $0.id != underWay }
    abandon(.unavailable)
    for waiting in others { effects.append(.askAgain(waiting.id, waiting.request)) }
  }

  private mutating func dismissEverybody(_ reason: CloseReason, _ reply: Reply) {
    for id in members.keys.sorted() { effects.append(.close(id, reason)) }
    members.removeAll()
    for request in requests { effects.append(.reply(request.id, reply)) }
    requests.removeAll()
  }

  mutating func end() {
    phase = .ended
    effects.append(.unload)
  }
}
