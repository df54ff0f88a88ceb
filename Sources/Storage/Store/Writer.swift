import Logging
import Workflow

/// The thread that writes the logs of all documents: what came in while one transaction was being committed goes into
/// the next. One row per document and transaction.
final class Writer: Sendable {
  private let queue: Monitor<AppendQueue>
  private let health: Health
  private let configuration: StoreConfiguration
  private let nodes: Nodes?
  private let isStopping = Monitor(false)

  init(queue: Monitor<AppendQueue>, health: Health, configuration: StoreConfiguration, nodes: Nodes? = nil) {
    self.queue = queue
    self.health = health
    self.configuration = configuration
    self.nodes = nodes
  }

  /// What the thread knows from one transaction to the next.
  private struct Work {
    let session: Session
    var members = MemberTexts()
    /// What was not written because somebody else has its document locked, in order. It goes with whatever is written next.
    var held: [AppendQueue.Append] = []

    func holds(_ document: DocumentName) -> Bool { held.contains { $0.document == document } }
  }

  /// How soon what was left out is tried again where nothing else is written.
  private static let holdInterval = Duration.milliseconds(100)

  /// Has `run` end as soon as nothing is left to write that can be written.
  func stop() {
    queue.change { $0.isStopping = true }
    isStopping.change { $0 = true }
  }

  /// Works until the queue is stopped and empty, or stopped and the database away.
  func run() {
    let session = Session(
      configuration, role: "writer", health: health,
      commands: [
        "set lock_timeout = \(configuration.appendLockTimeout.wholeMilliseconds)", "set synchronous_commit = on",
      ])
    connectFirst(session)
    var work = Work(session: session)
    var nextCommit = ContinuousClock.now
    while true {
      rest(until: nextCommit)
      let step = queue.wait(for: work.held.isEmpty ? nil : Self.holdInterval) {
        $0.next(maximumBytes: configuration.maximumBatchBytes)
      }
      switch step {
      case .write(let appends):
        nextCommit = .now + configuration.commitInterval
        write(appends, &work)
      case .pass(let barrier): barrier.body(work.holds(barrier.document) ? .failure(.busy) : .success(()))
      case .stop:
        write([], &work)
        return fail(work.held)
      case nil: write([], &work)
      }
    }
  }

  /// Not by waiting for the queue, which would wake it with each update.
  private func rest(until time: ContinuousClock.Instant) {
    let rest = time - .now
    guard rest > .zero else { return }
    _ = isStopping.wait(for: rest) { $0 ? true : nil }
  }

  /// So that it is known whether the database can be reached before anybody wants something.
  private func connectFirst(_ session: Session) {
    while (try? session.connect()) == nil {
      health.setWriter(works: false)
      failBarriers(.unavailable)
      if wait(session.delay) { return }
    }
    health.setWriter(works: true)
  }

  /// Writes what was held back, and these.
  private func write(_ appends: [AppendQueue.Append], _ work: inout Work) {
    let (all, waiting) = (work.held + appends, work.held.isEmpty)
    guard !all.isEmpty else { return }
    work.held = []
    work.held = write(all, waiting: waiting, &work)
  }

  /// Writes a batch, however often it takes, but for what is in documents that somebody else has locked for too long: that is returned, so
  /// that nobody else has to wait with it. A repetition of what was written already does no harm: it is one more row of updates that
  /// change nothing.
  private func write(_ appends: [AppendQueue.Append], waiting: Bool, _ work: inout Work) -> [AppendQueue.Append] {
    let (batch, session) = (AppendBatch(appends, &work.members), work.session)
    var waiting = waiting
    while true {
      let begin = ContinuousClock.now
      do {
        try session.connect()
        let outcome = try batch.write(waiting: waiting, session.connection)
        health.setWriter(works: true)
        return complete(appends, batch, outcome, in: .now - begin)
      } catch let error as PostgresError where error.isAboutValues {
        return writeApart(appends, error, &work)
      } catch let error as PostgresError where error.isLockTimeout {
        health.report(error)
        health.setWriter(works: true)
        // If it is the whole table that is locked, then it may be so for long.
        if !waiting { failBarriers(.busy) }
        waiting = false
      } catch let error as PostgresError {
        session.note(error)
        // Deadlocks and the like are nobody's outage; everything else is, also a full disk.
        if !error.isTransient { session.failed(error) }
        health.setWriter(works: error.isTransient)
      } catch {
        health.setWriter(works: false)
      }
      if health.isAway { failBarriers(.unavailable) }
      guard !wait(session.delay) else {
        fail(appends)
        return []
      }
    }
  }

  /// Something in the batch is what the database will never take. Each document is written alone, so that only that one fails.
  private func writeApart(
    _ appends: [AppendQueue.Append], _ error: PostgresError, _ work: inout Work
  ) -> [AppendQueue.Append] {
    var groups: [AppendBatch.Key: [AppendQueue.Append]] = [:]
    for append in appends { groups[AppendBatch.Key(append), default: []].append(append) }
    guard groups.count > 1 else {
      refuse(appends, error)
      return []
    }
    return groups.values.flatMap { write($0, waiting: true, &work) }
  }

  /// What follows in the same document may build on what is refused, so that goes as well.
  private func refuse(_ appends: [AppendQueue.Append], _ error: PostgresError) {
    health.setWriter(works: true)
    health.report(error)
    let followers = queue.change { queue in
      queue.done(appends)
      return appends.first.map { queue.refuse($0.document) } ?? []
    }
    for append in appends + followers { append.completion(.failure(.database(error))) }
  }

  /// Whether the store is stopped. Otherwise returns after the time.
  private func wait(_ duration: Duration) -> Bool {
    queue.wait(for: max(duration, .milliseconds(5))) { $0.isStopping ? true : nil } ?? false
  }

  /// Says what was written, and returns the rest.
  private func complete(
    _ appends: [AppendQueue.Append], _ batch: AppendBatch, _ outcome: AppendBatch.Outcome, in duration: Duration
  ) -> [AppendQueue.Append] {
    var (done, held) = (appends, [AppendQueue.Append]())
    if !outcome.locked.isEmpty {
      let isLocked = { (append: AppendQueue.Append) in
        batch.indices[AppendBatch.Key(append)].map(outcome.locked.contains) ?? false
      }
      (done, held) = (appends.filter { !isLocked($0) }, appends.filter(isLocked))
    }
    guard !done.isEmpty else { return held }
    health.committed(appends: done.count, in: duration)
    queue.change { $0.done(done) }
    for append in done {
      let sequence = batch.indices[AppendBatch.Key(append)].flatMap { outcome.sequences[$0] }
      append.completion(sequence.map(Result.success) ?? .failure(.unknownDocument))
    }
    nodes?.grew(batch.growth(outcome))
    return held
  }

  private func fail(_ batch: [AppendQueue.Append]) {
    queue.change { $0.done(batch) }
    for append in batch { append.completion(.failure(.stopped)) }
  }

  /// Nobody waits for the database's return with a save: that fails at once.
  private func failBarriers(_ error: StoreError) {
    for barrier in queue.change({ $0.takeBarriers() }) { barrier.body(.failure(error)) }
  }
}
