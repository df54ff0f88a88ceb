import YProtocol

extension Room {
  mutating func tick() {
    wholeState = nil
    if let removal = awareness.removeSilentClients(now: now) { tellEverybody(removal) }
    keepAlive()
    stopWaitingForAnswers()
    reviewDetentions()
    closePointlessConflicts()
    keepWhatStrangersWrote()
    keepStrangersAlive()
    if let due = retryAt, now >= due { retryAt = nil }
    if case .catchingUp(let deadline) = phase, now >= deadline { startServing() }
    advance()
    unloadIfIdle()
  }

  /// Awareness goes to everybody, its sender included.
  mutating func tellEverybody(_ update: [UInt8]) {
    effects.append(.broadcast(.awareness(update), except: nil))
    lastToldEverybody = now
  }

  /// Clients take silence for a broken connection. Where nobody shows anything there is no awareness to break it, so
  /// everybody is told nothing.
  private mutating func keepAlive() {
    guard isServing, !members.isEmpty, now - lastToldEverybody >= configuration.keepAliveInterval else { return }
    tellEverybody(awareness.encoded([]))
  }

  /// Nobody new comes in; who is here is told to come back, once everything is stored.
  mutating func drain() {
    isDraining = true
    keepWhatStrangersWrote()
    for waiting in requests where operation == nil { effects.append(.reply(waiting.id, .restarting)) }
    if operation == nil { requests.removeAll() }
    unloadIfIdle()
  }

  /// Whether the room has nothing to do that must not be interrupted.
  private var isSettled: Bool { operation == nil && requests.isEmpty && !hasPendingAppends && !hasUnkeptBranches }

  mutating func unloadIfIdle() {
    guard phase != .loading, phase != .ended, phase != .new || isDraining, isSettled else { return }
    if isDraining {
      for id in members.keys.sorted() { effects.append(.close(id, .restarting)) }
      members.removeAll()
    } else {
      guard members.isEmpty, !needsReconcile else { return }
      // A room that nobody ever joined was opened for a reconcile or a request: no reason to wait.
      guard let emptySince else { return checkpointAndEnd() }
      guard now - emptySince >= configuration.unloadGrace else { return }
    }
    checkpointAndEnd()
  }

  private mutating func checkpointAndEnd() {
    checkpointIfDue(force: true)
    end()
  }
}
