import Workflow
import YCRDT

/// Who wrote what in documents: what the log says, and what is kept of the part of it that was dropped.
enum Blame {
  /// A document's state and who wrote it; nil where there is no such document.
  static func read(
    _ name: DocumentName, precision: Int64, _ connection: PostgresConnection
  ) throws -> StoredBlame? {
    let id = Parameter.uuid(name.workflowID)
    let rows = try connection.snapshot([
      (.blame, [id]), (.newestState, [id]), (.logWithAuthors, [id, .int8(.max)]),
    ])
    guard var authorship = try authorship(rows[0], precision) else { return nil }
    let covered = rows[1].isEmpty ? 0 : rows[1].int8(0, 0)
    var updates: [[UInt8]] = rows[1].isEmpty ? [] : [rows[1].bytes(0, 1)]
    try forEachEntry(rows[2]) { entry in
      if entry.sequence > covered { updates += entry.updates }
      entry.note(in: &authorship)
    }
    return StoredBlame(updates: updates, authorship: authorship)
  }

  /// Takes over what a part of the log says that is about to be dropped, at the beginning of the log up to a number. Runs inside
  /// the transaction that drops it. `state` is the document at that number or later.
  static func keep(
    _ name: DocumentName, through sequence: Int64, state: [UInt8], _ limits: BlameLimits,
    _ connection: PostgresConnection
  ) throws {
    let id = Parameter.uuid(name.workflowID)
    // Its lock has servers do this one after the other.
    try connection.execute(.addBlame, id)
    let kept = try connection.execute(.lockBlame, id)
    let log = try connection.execute(.logWithAuthors, id, .int8(sequence))
    guard !log.isEmpty, var authorship = try authorship(kept, limits.precision) else { return }
    try forEachEntry(log) { $0.note(in: &authorship) }
    authorship.limit(to: limits.maximumStretches) { (try? Update.deletions(of: state)) ?? IdSet() }
    try connection.execute(.replaceBlame, id, .bytes(authorship.json.serialized()))
  }

  private static func authorship(_ rows: Rows, _ precision: Int64) throws -> Authorship? {
    guard !rows.isEmpty else { return nil }
    guard let text = rows.optionalBytes(0, 1) else { return Authorship(start: rows.int8(0, 0), precision: precision) }
    guard let authorship = Authorship(json: try JSONValue(stored: text), precision: precision) else {
      throw StoreError.damaged("what is kept of who wrote a document cannot be read")
    }
    return authorship
  }

  private struct Entry {
    let sequence: Int64
    let updates: [[UInt8]]
    let authors: [LogAuthor?]
    let time: Int64

    func note(in authorship: inout Authorship) {
      for (update, author) in zip(updates, authors) {
        // What cannot be read says nothing: whoever loads the document says so.
        guard let ids = try? Update.insertions(of: update) else { continue }
        authorship.note(ids, by: author, at: time)
      }
    }
  }

  private static func forEachEntry(_ rows: Rows, _ body: (Entry) throws -> Void) throws {
    for row in 0..<rows.count {
      let updates = try LogEntry.updates(of: rows.bytes(row, 1))
      try body(
        Entry(
          sequence: rows.int8(row, 0), updates: updates,
          authors: try LogAuthors.decode(rows.optionalBytes(row, 2), count: updates.count), time: rows.int8(row, 3)))
    }
  }
}

extension Statement {
  private static func seconds(_ column: String) -> String { "floor(extract(epoch from \(column)))::bigint" }

  fileprivate static let blame = Statement(
    "blame",
    """
    select \(seconds("coalesce(b.inserted_at, clock_timestamp())")), b.authorship::text
    from documents d left join document_blame b using (workflow_id) where d.workflow_id = $1
    """)
  static let addBlame = Statement(
    "add_blame", "insert into document_blame (workflow_id) values ($1) on conflict do nothing")
  fileprivate static let lockBlame = Statement(
    "lock_blame",
    "select \(seconds("inserted_at")), authorship::text from document_blame where workflow_id = $1 for update")
  fileprivate static let replaceBlame = Statement(
    "replace_blame", "update document_blame set authorship = $2 where workflow_id = $1")
  fileprivate static let newestState = Statement(
    "newest_state",
    "select sequence, state from document_checkpoints where workflow_id = $1 order by sequence desc limit 1")
  fileprivate static let logWithAuthors = Statement(
    "log_with_authors",
    """
    select sequence, data, authors::text, \(seconds("inserted_at")) from document_updates
    where workflow_id = $1 and sequence <= $2 order by sequence
    """)
}
