import Workflow
import YCRDT
import YProtocol

/// The log that all nodes write: what others appended is read and passed on, and what all have is made a checkpoint.
extension Room {
  /// Whether the log holds entries that the document lacks. A hint alone is not worth a look while appends of ours are
  /// under way: it is most likely about them, and their numbers will show whether anything came in between.
  var isBehindLog: Bool {
    needsLog || highestSequence > knownSequence || (hintedSequence > knownSequence && !hasPendingAppends)
  }

  /// Says that the log reaches up to the number; the entries may be our own. While the document is being loaded it is
  /// only noted: what is under way may have been read before.
  mutating func logGrew(to sequence: Int64) {
    hintedSequence = max(hintedSequence, sequence)
    advance()
  }

  /// Another document may be there: if so its log tells.
  mutating func documentReplaced() {
    guard name.version == nil else { return }
    needsLog = true
    advance()
  }

  /// Another database answers, to which the newest entries of the log may never have come, though members were told that they are stored.
  /// What is here is all there: so it is written once more, whole, which changes nothing where nothing is lacking. Then the room ends, since
  /// base, numbers and the servers' client id are not what it knows, and members come back to a new one.
  mutating func failedOver() {
    guard name.version == nil, base != nil, restoringAppend == nil else { return }
    append(doc.encodeStateAsUpdate(includingPending: true), by: .system)
    restoringAppend = lastAppendIndex
    giveUpRequests(.unavailable)
  }

  /// Ends the room once all that it has is in the log of the other database.
  mutating func endIfRestored() {
    guard let restoringAppend, committedAppendIndex >= restoringAppend, phase != .ended else { return }
    abandon(.unavailable)
  }

  /// One of our own entries has this number. If it is not the next one, somebody else has written the ones between.
  mutating func heard(of sequence: Int64) {
    if sequence == knownSequence + 1 { knownSequence = sequence }
    highestSequence = max(highestSequence, sequence)
  }

  mutating func logRead(_ tail: LogTail) {
    guard operation == .readingLog else { return }
    operation = nil
    guard restoringAppend == nil else { return }
    // Another document, or the same as it once was: members still have what it lacks, and bring it to a new room.
    guard tail.incarnation ?? lineage?.incarnation == lineage?.incarnation, tail.lastSequence >= readAfter else {
      return makeWay()
    }
    for update in tail.updates {
      guard applyFromStore(update) else { return }
    }
    knownSequence = max(knownSequence, tail.lastSequence)
    highestSequence = max(highestSequence, knownSequence)
    base = tail.base
    serverClock = tail.serverClock
    newInProject = tail.newInProject
    deletedAt = WorkflowDocument.deletedAt(of: doc)
    tellOf(tail)
    logWasRead()
    advance()
  }

  /// Applies what is committed already, and passes it on. It was validated when it was written, so an update that cannot be
  /// applied means that this document is not what the store has: then the room ends, and nothing is stored of it.
  mutating func applyFromStore(_ update: [UInt8]) -> Bool {
    do {
      wholeState = nil
      guard let event = try doc.apply(update) else { return true }
      updatesSinceCheckpoint += 1
      bytesSinceCheckpoint += event.update.count
      mayHavePointlessConflicts = true
      if isServing { effects.append(.broadcast(.update(event.update), except: nil)) }
      return true
    } catch {
      abandon(.unreadable("a stored update of \(name) cannot be applied: \(error)"))
      return false
    }
  }

  /// A checkpoint claims to hold every entry of the log up to a number, so it is only taken without a gap, and holds
  /// what came too early as well. That it may hold more does no harm.
  mutating func checkpointIfDue(force: Bool = false) {
    guard base != nil, !needsLog, restoringAppend == nil, knownSequence == highestSequence else { return }
    let isDue =
      updatesSinceCheckpoint >= configuration.checkpointUpdates || bytesSinceCheckpoint >= configuration.checkpointBytes
    guard isDue || (force && updatesSinceCheckpoint > 0) else { return }
    updatesSinceCheckpoint = 0
    bytesSinceCheckpoint = 0
    statistics.checkpoints += 1
    effects.append(.checkpoint(doc.encodeStateAsUpdate(includingPending: true), through: knownSequence))
  }
}
