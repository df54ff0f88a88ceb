import Glibc
import Logging
import Workflow

/// The thread that writes the logs of all documents: what came in while one transaction was being committed goes into
/// the next. One row per document and transaction.
final class Writer: Sendable {
  private let queue: Monitor<AppendQueue>
  private let health: Health
  private let configuration: StoreConfiguration
  private let nodes: Nodes?

  init(queue: Monitor<AppendQueue>, health: Health, configuration: StoreConfiguration, nodes: Nodes? = nil) {
    self.queue = queue
    self.health = health
    self.configuration = configuration
    self.nodes = nodes
  }

  /// Works until the queue is stopped and empty, or stopped and the database away.
  func run() {
    let session = Session(
      configuration, role: "writer", health: health,
      commands: ["set lock_timeout = '5s'", "set synchronous_commit = on"])
    connectFirst(session)
    var members = MemberTexts()
    var nextCommit = ContinuousClock.now
    while true {
      // Asleep, and not waiting for the queue, which would wake it with each update.
      Self.sleep(until: nextCommit)
      let step = queue.wait { $0.next(maximumBytes: configuration.maximumBatchBytes) }
      switch step {
      case .write(let appends):
        nextCommit = .now + configuration.commitInterval
        write(appends, session, &members)
      case .pass(let body): body(.success(()))
      case .stop, nil: return
      }
    }
  }

  private static func sleep(until time: ContinuousClock.Instant) {
    let rest = time - .now
    guard rest > .zero else { return }
    usleep(UInt32(clamping: Int64(rest / .microseconds(1))))
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
        complete(appends, batch, sequences)
        nodes?.grew(batch.growth(sequences))
        return
      } catch let error as PostgresError where error.isAboutValues {
        return writeApart(appends, error, session, &members)
      } catch let error as PostgresError {
        session.note(error)
        // Deadlocks and the like are nobody's outage; everything else is, also a full disk.
        if !error.isTransient { session.failed(error) }
        health.setWriter(works: error.isTransient)
      } catch {
        health.setWriter(works: false)
      }
      if health.isAway { failBarriers() }
      guard !wait(session.delay) else { return fail(appends) }
    }
  }

  /// Something in the batch is what the database will never take. Each document is written alone, so that only that one fails.
  private func writeApart(
    _ appends: [AppendQueue.Append], _ error: PostgresError, _ session: Session, _ members: inout MemberTexts
  ) {
    var groups: [Batch.Key: [AppendQueue.Append]] = [:]
    for append in appends { groups[Batch.Key(append), default: []].append(append) }
    guard groups.count > 1 else { return refuse(appends, error) }
    for group in groups.values { write(group, session, &members) }
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

  /// One statement is one transaction: locks the documents in the order of their ids, gives each its next number. Nothing is
  /// written to a document that is another one now. Returns the numbers by the place in the batch.
  private func append(
    _ batch: Batch, _ connection: PostgresConnection
  ) throws(PostgresError) -> [Int: Int64] {
    let rows = try connection.execute(
      .appendEntries, .uuids(batch.keys.map(\.id)), .byteas(batch.entries),
      .int8s(batch.keys.map { $0.incarnation ?? 0 }), .texts(batch.authors.map(\.text)))
    return Dictionary((0..<rows.count).map { (Int(rows.int8($0, 0)) - 1, rows.int8($0, 1)) }) { first, _ in first }
  }

  private func complete(_ appends: [AppendQueue.Append], _ batch: Batch, _ sequences: [Int: Int64]) {
    queue.change { $0.done(appends) }
    for append in appends {
      let sequence = batch.indices[Batch.Key(append)].flatMap { sequences[$0] }
      append.completion(sequence.map(Result.success) ?? .failure(.unknownDocument))
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
  struct Key: Hashable {
    let id: String
    let incarnation: Int64?

    init(_ append: AppendQueue.Append) {
      id = append.document.workflowID
      incarnation = append.incarnation
    }
  }

  private(set) var keys: [Key] = []
  private(set) var entries: [[UInt8]] = []
  private(set) var authors: [LogAuthors] = []
  private(set) var indices: [Key: Int] = [:]

  init(_ appends: [AppendQueue.Append], _ members: inout MemberTexts) {
    for append in appends {
      let key = Key(append)
      let index = indices[key] ?? keys.count
      if index == keys.count {
        indices[key] = index
        keys.append(key)
        entries.append([])
        authors.append(LogAuthors())
      }
      LogEntry.append(append.update, to: &entries[index])
      authors[index].append(members.text(append.author))
    }
  }

  /// What became of the documents, by the numbers that their entries got.
  func growth(_ sequences: [Int: Int64]) -> [DocumentGrowth] {
    sequences.map { DocumentGrowth(workflowID: keys[$0.key].id, sequence: $0.value) }
  }
}

extension Statement {
  fileprivate static let appendEntries = Statement(
    "append_entries",
    """
    with input as materialized (
      select * from unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::text[]) with ordinality
        as i(workflow_id, data, incarnation, authors, place)
    ), locked as materialized (
      select d.workflow_id, d.last_sequence, d.incarnation
      from documents d where d.workflow_id in (select workflow_id from input)
      order by d.workflow_id for no key update of d
    ), fitting as materialized (
      select distinct on (l.workflow_id) l.workflow_id, i.place, i.data, i.authors
      from locked l join input i on i.workflow_id = l.workflow_id and i.incarnation in (0, l.incarnation)
      order by l.workflow_id, i.place
    ), advanced as (
      update documents d set last_sequence = d.last_sequence + 1 from fitting f where d.workflow_id = f.workflow_id
      returning d.workflow_id, d.last_sequence
    ), written as (
      insert into document_updates (workflow_id, sequence, data, authors)
      select a.workflow_id, a.last_sequence, f.data, f.authors::json from advanced a join fitting f on f.workflow_id = a.workflow_id
      returning workflow_id, sequence
    )
    select f.place, w.sequence from written w join fitting f on f.workflow_id = w.workflow_id
    """)
}
