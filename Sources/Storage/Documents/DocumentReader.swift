import Workflow
import YCRDT

/// Reads documents, each in one consistent state of the database.
enum DocumentReader {
  /// The document, made from the workflow's rows if there is none yet; nil where there are no rows either.
  static func open(_ name: DocumentName, _ connection: PostgresConnection) throws -> StoredDocument? {
    if let document = try readInThisLife(name, connection) { return document }
    guard try DocumentSeeder.seed(name, connection) else { return nil }
    guard let document = try read(name, connection) else { throw StoreError.damaged("the base of \(name) is lost") }
    return document
  }

  /// The document. When it is first opened after the database was started it becomes another incarnation: who still has what was
  /// there before a set-back must not write to it, and what servers write is under a client id that nobody has seen.
  private static func readInThisLife(
    _ name: DocumentName, _ connection: PostgresConnection
  ) throws -> StoredDocument? {
    let id = Parameter.uuid(name.workflowID)
    let outlived = try connection.execute(.outlived, id)
    if !outlived.isEmpty {
      let incarnation = try Lineages.newIncarnation(connection)
      let author = WorkflowDocument.authorClientID(name: name, incarnation: incarnation)
      try connection.execute(
        .renewIncarnation, id, .int8(incarnation), .int8(Int64(author)), .int8(outlived.int8(0, 0)))
    }
    return try read(name, connection)
  }

  /// The document; nil where nobody has opened it yet.
  static func read(_ name: DocumentName, _ connection: PostgresConnection) throws -> StoredDocument? {
    let id = Parameter.uuid(name.workflowID)
    let rows = try connection.snapshot([
      (.document, [id]), (.newestCheckpoint, [id]), (.updatesBehindCheckpoint, [id]), Records.openConflicts(id),
    ])
    let (head, checkpoint) = (rows[0], rows[1])
    guard !head.isEmpty else { return nil }
    let covered = checkpoint.isEmpty ? 0 : checkpoint.int8(0, 0)
    let lastSequence = head.int8(0, 2)
    try checkUnbroken(rows[2], after: covered, through: lastSequence, name)
    return StoredDocument(
      name: name, epoch: head.int8(0, 0), serverClientID: ClientID(head.int8(0, 1)),
      checkpoint: checkpoint.isEmpty ? nil : checkpoint.bytes(0, 1), updates: try updates(rows[2]),
      lastSequence: lastSequence, base: try base(head), serverClock: serverClock(head),
      currentRevision: head.optionalInt8(0, 7), lastReconciliation: head.int8(0, 9),
      openConflicts: try Records.conflicts(rows[3]), root: ClientID(head.int8(0, 11)),
      earlierRoots: try roots(head), incarnation: head.int8(0, 13), newInProject: head.optionalUUID(0, 15),
      projectID: head.optionalUUID(0, 16))
  }

  /// What is behind a sequence number, and behind the number of a reconciliation; nil where there is no such document.
  static func readLog(
    _ name: DocumentName, after sequence: Int64, reconciliation: Int64, _ connection: PostgresConnection
  ) throws -> LogTail? {
    let id = Parameter.uuid(name.workflowID)
    let rows = try connection.snapshot([
      (.document, [id]), (.newestCheckpoint, [id]), (.updatesBehind, [id, .int8(sequence)]),
      Records.newest(id, after: reconciliation), Records.openConflicts(id),
    ])
    let (head, checkpoint) = (rows[0], rows[1])
    guard !head.isEmpty else { return nil }
    var tail = LogTail(
      updates: try updates(rows[2]), lastSequence: head.int8(0, 2), base: try base(head),
      serverClock: serverClock(head), reconciliations: try Records.reconciliations(rows[3]).reversed(),
      openConflicts: try Records.conflicts(rows[4]), incarnation: head.int8(0, 13),
      newInProject: head.optionalUUID(0, 15))
    if sequence < tail.lastSequence, rows[2].isEmpty || rows[2].int8(0, 0) != sequence + 1 {
      // Compaction took what follows. The newest checkpoint covers it.
      guard !checkpoint.isEmpty else { throw broken(name, sequence + 1) }
      tail.updates.insert(checkpoint.bytes(0, 1), at: 0)
    }
    return tail
  }

  /// What rows and document last agreed on; nil where that is lost.
  static func base(of name: DocumentName, _ connection: PostgresConnection) throws -> Base? {
    let head = try connection.execute(.document, .uuid(name.workflowID))
    return head.isEmpty ? nil : try? base(head)
  }

  private static func roots(_ head: Rows) throws -> Set<ClientID> {
    Set((try JSONValue(stored: head.bytes(0, 12)).array ?? []).compactMap { $0.integer.map { ClientID($0) } })
  }

  private static func serverClock(_ head: Rows) -> UInt64 { UInt64(bitPattern: head.int8(0, 8)) }

  /// Of a row of the statement `document`.
  static func base(_ head: Rows) throws -> Base {
    let json = try JSONValue(stored: head.bytes(0, 5))
    guard var content = WorkflowContent(json: json) else {
      throw StoreError.damaged("a document's base is no workflow")
    }
    for difference in try JSONValue(stored: head.bytes(0, 10)).array ?? [] {
      guard let next = content.applying(difference) else {
        throw StoreError.damaged("a difference of a document's base cannot be read")
      }
      content = next
    }
    return Base(
      content: content, ids: try IdSet(decoding: head.bytes(0, 6)),
      stateVector: try head.optionalBytes(0, 14).map { try StateVector(decoding: $0) }, revision: head.int8(0, 3),
      lockVersion: head.int4(0, 4))
  }

  private static func updates(_ rows: Rows) throws -> [[UInt8]] {
    var updates: [[UInt8]] = []
    for row in 0..<rows.count { updates += try LogEntry.updates(of: rows.bytes(row, 1)) }
    return updates
  }

  /// A log with a hole must not be served: what is made of it would be stored as if it were the whole.
  private static func checkUnbroken(
    _ rows: Rows, after start: Int64, through end: Int64, _ name: DocumentName
  ) throws(StoreError) {
    for row in 0..<rows.count {
      let expected = start + Int64(row) + 1
      guard rows.int8(row, 0) == expected else { throw broken(name, expected) }
    }
    guard Int64(rows.count) >= end - start else { throw broken(name, start + Int64(rows.count) + 1) }
    guard Int64(rows.count) == end - start else {
      throw .damaged("the log of \(name) goes on behind entry \(end), which is to be its last")
    }
  }

  private static func broken(_ name: DocumentName, _ sequence: Int64) -> StoreError {
    .damaged("the log of \(name) lacks entry \(sequence)")
  }
}

extension Statement {
  fileprivate static let outlived = Statement(
    "outlived",
    """
    select incarnation from documents where workflow_id = $1 and database_life is distinct from heddle_database_life()
    """)
  fileprivate static let renewIncarnation = Statement(
    "renew_incarnation",
    """
    update documents set incarnation = $2, server_client_id = $3, server_clock = 0, database_life = heddle_database_life()
    where workflow_id = $1 and incarnation = $4
    """)
  static let document = Statement(
    "document",
    """
    select d.epoch, d.server_client_id, d.last_sequence, d.base_revision, d.base_lock_version, b.content, b.ids,
      w.revision, d.server_clock, d.last_reconciliation, to_json(b.differences)::text, d.root_client_id,
      to_json(array(select l.root_client_id from document_lineages l where l.workflow_id = d.workflow_id))::text,
      d.incarnation, b.state_vector, d.new_in_project, coalesce(w.project_id, d.new_in_project)
    from documents d join document_bases b using (workflow_id) left join workflows w on w.id = d.workflow_id
    where d.workflow_id = $1
    """)
  fileprivate static let newestCheckpoint = Statement(
    "newest_checkpoint",
    """
    select sequence, state from document_checkpoints where workflow_id = $1 order by sequence desc limit 1
    """)
  fileprivate static let updatesBehindCheckpoint = Statement(
    "updates_behind_checkpoint",
    """
    select sequence, data from document_updates where workflow_id = $1 and sequence >
      coalesce((select max(sequence) from document_checkpoints where workflow_id = $1), 0)
    order by sequence
    """)
  fileprivate static let updatesBehind = Statement(
    "updates_behind",
    "select sequence, data from document_updates where workflow_id = $1 and sequence > $2 order by sequence")
}
