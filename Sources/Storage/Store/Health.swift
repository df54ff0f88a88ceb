import Logging
import Synchronization

/// Whether the database answers, put together from what the store's threads meet.
final class Health: Sendable {
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    /// Nil as long as no connection was tried.
    var writerWorks: Bool?
    var listenerWorks: Bool?
    var failures = 0
    /// The history of the database, as Postgres numbers it, where that is known.
    var timeline: String?
    var failovers = 0
    /// The last write for which Postgres lacked something, until one went through.
    var writeFailure: (message: String, instant: ContinuousClock.Instant)?
    var status = StoreStatus()
    /// When changed rows were last looked for, by this server and at all.
    var lastPoll = ContinuousClock.now
    var stale = StaleTimes()

    var isReachable: Bool { writerWorks == true && listenerWorks == true }
  }

  /// How long such a failure counts where nothing else was written: a sign of life needs no room, and says less than an edit or a save.
  private static let writeFailureMemory = Duration.seconds(60)

  init(logger: Logger) {
    self.logger = logger
  }

  var status: StoreStatus {
    state.withLock { state in
      var status = state.status
      status.isReachable = state.isReachable
      status.connectionFailures = state.failures
      status.writeFailure = state.writeFailure?.message
      status.failovers = state.failovers
      status.isListening = state.listenerWorks == true
      status.pollAge = (.now - state.lastPoll) / .seconds(1)
      (status.staleDocuments, status.staleTime) = state.stale.figures(at: .now)
      return status
    }
  }

  /// Whether it is known that nothing can be written. Right after the start that is not known yet. Who only listens in vain
  /// hears of rows later, which is no reason not to write.
  var isAway: Bool { state.withLock { $0.writerWorks == false } }

  func setWriter(works: Bool) { change { $0.writerWorks = works } }
  func setListener(works: Bool) { change { $0.listenerWorks = works } }

  func committed(appends: Int, in duration: Duration) {
    wrote()
    state.withLock { state in
      state.status.appends += appends
      state.status.commits += 1
      state.status.commitLatency.observe(duration / .seconds(1))
    }
  }

  /// Somebody asked which history of the database answers. Returns whether it is another one than before: a standby took over, or a
  /// backup was restored, and either may lack what was committed last.
  func isAnother(timeline: String) -> Bool {
    let before = state.withLock { state in
      defer { state.timeline = timeline }
      guard let before = state.timeline, before != timeline else { return String?.none }
      state.failovers += 1
      return before
    }
    guard let before else { return false }
    logger.error(
      "another database answers than before: it may lack what was stored last, so all open documents are stored again",
      metadata: ["timeline": "\(timeline)", "before": "\(before)"])
    return true
  }

  /// Something was written that may have needed room.
  func wrote() {
    let before = state.withLock { state in
      defer { state.writeFailure = nil }
      return state.writeFailure
    }
    if before != nil { logger.notice("the database can be written to again") }
  }

  /// A sign of life was written.
  func gaveSignOfLife() {
    let isOld = state.withLock { $0.writeFailure.map { .now - $0.instant > Self.writeFailureMemory } ?? false }
    if isOld { wrote() }
  }

  /// Postgres lacks what it needs for writing.
  func cannotWrite(_ error: PostgresError) {
    let before = state.withLock { state in
      defer { state.writeFailure = (error.description, .now) }
      return state.writeFailure
    }
    if before == nil { logger.error("the database cannot be written to", metadata: ["error": "\(error)"]) }
  }

  /// Changed rows were looked for.
  func polled() { state.withLock { $0.lastPoll = .now } }

  /// These documents are not merged with their rows. What is said counts for `limit`, since another server may look next.
  func found(stale ids: [String], for limit: Duration) {
    state.withLock { $0.stale.found(ids, at: .now, until: .now + limit) }
  }

  func audited(differences: Int) {
    state.withLock { state in
      state.status.auditedDocuments += 1
      state.status.auditDifferences += differences
    }
  }

  /// What waits to be let go of by policy is known; nil where another server does that.
  func cleared(due: RetentionCount?) {
    state.withLock { state in
      state.status.retentionDue = due ?? RetentionCount()
      if due != nil { state.status.retentionRounds += 1 } else { state.status.retentionReferenced = 0 }
    }
  }

  /// Some of it was let go of.
  func cleared(_ dropped: RetentionCount) {
    state.withLock { state in
      state.status.retentionDropped += dropped
      state.status.retentionDue -= dropped
    }
  }

  /// Everything was looked at. So many versions stay since something refers to them, and do not wait to be let go of.
  func cleared(besides referenced: Int) {
    state.withLock { state in
      state.status.retentionReferenced = referenced
      state.status.retentionDue -= RetentionCount(.versions, rows: referenced, bytes: 0)
    }
  }

  func report(_ error: PostgresError) {
    state.withLock { $0.failures += 1 }
    logger.warning("the database does not answer as it should", metadata: ["error": "\(error)"])
  }

  private func change(_ body: (inout State) -> Void) {
    let (before, after) = state.withLock { state in
      let before = state.isReachable
      body(&state)
      return (before, state.isReachable)
    }
    guard before != after else { return }
    if after {
      logger.notice("the database can be reached")
    } else {
      logger.error("the database cannot be reached: edits are kept in memory and not acknowledged")
    }
  }
}
