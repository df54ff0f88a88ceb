import Workflow

/// A live document as one entry of its log left it, and what the log holds behind that.
public struct LogSection: Sendable {
  /// One entry: updates that were committed together.
  public struct Entry: Sendable {
    public var sequence: Int64
    public var updates: [[UInt8]]
    /// Who wrote each of them; nil where that is not noted.
    public var authors: [LogAuthor?]
    /// In ISO 8601.
    public var recordedAt: String
  }

  /// See `Lineage.incarnation`.
  public var incarnation: Int64
  /// The number of the newest entry of the log.
  public var lastSequence: Int64
  /// The rows' revision that the document was last merged with.
  public var baseRevision: Int64
  /// The updates that make the document as the entry left it; nil where the log does not reach back that far any more, or not
  /// that far yet.
  public var start: [[UInt8]]?
  /// What follows, oldest first.
  public var entries: [Entry]
}

/// How far a document's log goes.
public struct LogEnd: Hashable, Sendable {
  /// See `Lineage.incarnation`.
  public var incarnation: Int64
  /// The number of its newest entry.
  public var sequence: Int64
}

/// Reads what a document's log tells of the past.
enum LogHistory {
  /// The document as the entry `sequence` left it, with at most `limit` entries behind it; nil where there is no such document.
  static func section(
    of name: DocumentName, from sequence: Int64, limit: Int, _ connection: PostgresConnection
  ) throws -> LogSection? {
    let id = Parameter.uuid(name.workflowID)
    let rows = try connection.snapshot([
      (.logHead, [id]), (.checkpointAt, [id, .int8(sequence)]),
      (.logSection, [id, .int8(sequence), .int8(Int64(limit))]),
    ])
    guard !rows[0].isEmpty else { return nil }
    var section = LogSection(
      incarnation: rows[0].int8(0, 0), lastSequence: rows[0].int8(0, 1), baseRevision: rows[0].int8(0, 2), start: nil,
      entries: [])
    guard sequence <= section.lastSequence else { return section }
    let covered = rows[1].isEmpty ? 0 : rows[1].int8(0, 0)
    var start = rows[1].isEmpty ? [] : [rows[1].bytes(0, 1)]
    var expected = covered
    for row in 0..<rows[2].count {
      expected += 1
      guard rows[2].int8(row, 0) == expected else { return section }
      let entry = try entry(rows[2], row)
      if entry.sequence <= sequence { start += entry.updates } else { section.entries.append(entry) }
    }
    if expected >= sequence { section.start = start }
    return section
  }

  static func ends(
    of names: [DocumentName], _ connection: PostgresConnection
  ) throws -> [DocumentName: LogEnd] {
    let rows = try connection.execute(.logEnds, .uuids(names.map(\.workflowID)))
    var ends: [DocumentName: LogEnd] = [:]
    for row in 0..<rows.count {
      ends[DocumentName(workflowID: rows.text(row, 0))] = LogEnd(
        incarnation: rows.int8(row, 1), sequence: rows.int8(row, 2))
    }
    return ends
  }

  private static func entry(_ rows: Rows, _ row: Int) throws -> LogSection.Entry {
    let updates = try LogEntry.updates(of: rows.bytes(row, 1))
    return LogSection.Entry(
      sequence: rows.int8(row, 0), updates: updates,
      authors: try LogAuthors.decode(rows.optionalBytes(row, 2), count: updates.count), recordedAt: rows.text(row, 3))
  }
}

extension Statement {
  fileprivate static let logHead = Statement(
    "log_head", "select incarnation, last_sequence, base_revision from documents where workflow_id = $1")
  fileprivate static let logEnds = Statement(
    "log_ends",
    "select workflow_id::text, incarnation, last_sequence from documents where workflow_id = any($1::uuid[])")
  /// The oldest, because a checkpoint may hold a little more than its number says: what the log holds behind it, up to where
  /// it is wanted, makes up for that.
  fileprivate static let checkpointAt = Statement(
    "checkpoint_at",
    """
    select sequence, state from document_checkpoints where workflow_id = $1 and sequence <= $2 order by sequence desc limit 1
    """)
  fileprivate static let logSection = Statement(
    "log_section",
    """
    select sequence, data, authors::text, \(Records.time("inserted_at")) from document_updates
    where workflow_id = $1 and sequence <= $2::bigint + $3::bigint and sequence > coalesce(
      (select max(sequence) from document_checkpoints where workflow_id = $1 and sequence <= $2), 0)
    order by sequence
    """)
}
