import Logging
import Workflow

/// The thread that writes the logs of all documents: what came in while one transaction was being committed goes into
/// the next. One row per document and transaction.
final class Writer: Sendable {
  private let queue: Monitor<AppendQueue>
  private let health: Health
  private let configuration: StoreConfiguration

  init(queue: Monitor<AppendQueue>, health: Health, configuration: StoreConfiguration) {
    self.queue = queue
    self.health = health
    self.configuration = configuration
  }

  /// Works until the queue is stopped and empty, or stopped and the database away.
  func run() {
    let session = Session(
      configuration, role: "writer", health: health,
      commands: ["set lock_timeout = '5s'", "set synchronous_commit = on"])
    connectFirst(session)
    var members = MemberTexts()
    while true {
      let step = queue.wait { $0.next(maximumBytes: configuration.maximumBatchBytes) }
      switch step {
      case .write(let appends): write(appends, session, &members)
      case .pass(let body): body(.success(()))
      case .stop, nil: return
      }
    }
  }

  /// So that it is known whether the database can be reached before anybody wants something.
  private func connectFirst(_ session: Session) {
    while (try? session.connect()) == nil {
      health.setWriter(works: false)
      failBarriers()
      if wait(session.delay) { return }
    }
    health.setWriter(works: true)
  }

  /// Writes the batch, however often it takes. A repetition of what was written already does no harm: it is one more
  /// row of updates that change nothing.
  private func write(_ appends: [AppendQueue.Append], _ session: Session, _ members: inout MemberTexts) {
    let batch = Batch(appends, &members)
    while true {
      let begin = ContinuousClock.now
      do {
        try session.connect()
        let sequences = try append(batch, session.connection)
        health.committed(appends: appends.count, in: .now - begin)
        health.setWriter(works: true)
        return complete(appends, sequences)
      } catch let error as PostgresError {
        // Deadlocks and the like are nobody's outage; everything else is, also a full disk.
        if !error.isTransient { session.failed(error) }
        health.setWriter(works: error.isTransient)
      } catch {
        health.setWriter(works: false)
      }
      if !health.isReachable { failBarriers() }
      guard !wait(session.delay) else { return fail(appends) }
    }
  }

  /// Whether the store is stopped. Otherwise returns after the time.
  private func wait(_ duration: Duration) -> Bool {
    queue.wait(for: max(duration, .milliseconds(5))) { $0.isStopping ? true : nil } ?? false
  }

  /// One statement is one transaction: locks the documents in the order of their ids, gives each its next number.
  private func append(
    _ batch: Batch, _ connection: PostgresConnection
  ) throws(PostgresError) -> [String: Int64] {
    let rows = try connection.execute(
      .appendEntries, .uuids(batch.ids), .byteas(batch.entries), .texts(batch.authors.map(\.text)))
    return Dictionary((0..<rows.count).map { (rows.uuid($0, 0), rows.int8($0, 1)) }) { first, _ in first }
  }

  private func complete(_ batch: [AppendQueue.Append], _ sequences: [String: Int64]) {
    queue.change { $0.done(batch) }
    for append in batch {
      append.completion(sequences[append.document.workflowID].map(Result.success) ?? .failure(.unknownDocument))
    }
  }

  private func fail(_ batch: [AppendQueue.Append]) {
    queue.change { $0.done(batch) }
    for append in batch { append.completion(.failure(.stopped)) }
  }

  /// Nobody waits for the database's return with a save: that fails at once.
  private func failBarriers() {
    for body in queue.change({ $0.takeBarriers() }) { body(.failure(.unavailable)) }
  }
}

/// What one transaction writes: a row for each document.
private struct Batch {
  private(set) var ids: [String] = []
  private(set) var entries: [[UInt8]] = []
  private(set) var authors: [LogAuthors] = []

  init(_ appends: [AppendQueue.Append], _ members: inout MemberTexts) {
    var indices: [String: Int] = [:]
    for append in appends {
      let id = append.document.workflowID
      let index = indices[id] ?? ids.count
      if index == ids.count {
        indices[id] = index
        ids.append(id)
        entries.append([])
        authors.append(LogAuthors())
      }
      LogEntry.append(append.update, to: &entries[index])
      authors[index].append(members.text(append.author))
    }
  }
}

extension Statement {
  fileprivate static let appendEntries = Statement(
    "append_entries",
    """
    with input as materialized (
      select * from unnest($1::uuid[], $2::bytea[], $3::text[]) as i(workflow_id, data, authors)
    ), locked as materialized (
      select d.workflow_id, d.last_sequence from documents d join input i on i.workflow_id = d.workflow_id
      order by d.workflow_id for no key update of d
    ), advanced as (
      update documents d set last_sequence = l.last_sequence + 1 from locked l where d.workflow_id = l.workflow_id
      returning d.workflow_id, d.last_sequence
    )
    insert into document_updates (workflow_id, sequence, data, authors)
    select a.workflow_id, a.last_sequence, i.data, i.authors::json from advanced a join input i on i.workflow_id = a.workflow_id
    returning workflow_id, sequence
    """)
}
