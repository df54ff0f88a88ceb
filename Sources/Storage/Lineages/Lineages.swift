import Workflow
import YCRDT

/// The histories of documents, the present one of each and those that it replaced.
enum Lineages {
  /// A history that ended, as far as it is kept.
  struct Ended {
    let root: ClientID
    /// What each client had written when it ended.
    let stateVector: StateVector?
    let state: [UInt8]?
    /// What it showed then.
    let content: WorkflowContent?
  }

  /// The first update of a document that is made now, and its epoch. Where the last history began with the same update it
  /// goes on: whoever has something of it builds on what is there.
  static func beginning(
    of name: DocumentName, _ rows: WorkflowRows, _ connection: PostgresConnection
  ) throws -> (epoch: Int64, seed: DocumentSeed) {
    let last = try connection.execute(.lastLineage, .uuid(name.workflowID))
    guard !last.isEmpty else { return (1, WorkflowDocument.seed(name: name, epoch: 1, rows: rows)) }
    let again = WorkflowDocument.seed(name: name, epoch: last.int8(0, 0), rows: rows)
    if again.clientID == ClientID(last.int8(0, 1)) { return (last.int8(0, 0), again) }
    return try next(name, rows, connection)
  }

  /// The first update of a history that none before began with, and its epoch.
  static func next(
    _ name: DocumentName, _ rows: WorkflowRows, _ connection: PostgresConnection
  ) throws -> (epoch: Int64, seed: DocumentSeed) {
    let known = try connection.execute(.lineageRoots, .uuid(name.workflowID))
    let roots = Set((0..<known.count).map { ClientID(known.int8($0, 1)) })
    var epoch = (0..<known.count).map { known.int8($0, 0) }.max() ?? 0
    while true {
      epoch += 1
      let seed = WorkflowDocument.seed(name: name, epoch: epoch, rows: rows)
      if !roots.contains(seed.clientID) { return (epoch, seed) }
    }
  }

  /// A number for a document that is made now, which none had before.
  static func newIncarnation(_ connection: PostgresConnection) throws -> Int64 {
    try connection.execute(.newIncarnation).int8(0, 0)
  }

  /// Notes that a history begins, and that whichever was there has ended.
  static func begin(
    _ epoch: Int64, root: ClientID, of name: DocumentName, replacing reason: String, _ connection: PostgresConnection
  ) throws {
    let id = Parameter.uuid(name.workflowID)
    try connection.execute(.endLineages, id, .text(reason))
    try connection.execute(.beginLineage, id, .int8(epoch), .int8(Int64(root)))
  }

  /// Keeps how the present history ends.
  static func keep(
    _ name: DocumentName, stateVector: StateVector, state: [UInt8]?, content: WorkflowContent?,
    _ connection: PostgresConnection
  ) throws {
    try connection.execute(
      .keepLineage, .uuid(name.workflowID), .bytes(stateVector.encoded()), state.map(Parameter.bytes) ?? .null,
      content.map { .bytes($0.json.serialized()) } ?? .null)
  }

  /// The histories that ended, the newest first.
  static func ended(of workflowID: String, _ connection: PostgresConnection) throws -> [Ended] {
    let rows = try connection.execute(.endedLineages, .uuid(workflowID))
    return try (0..<rows.count).map { row in
      Ended(
        root: ClientID(rows.int8(row, 0)),
        stateVector: try rows.optionalBytes(row, 1).map { try StateVector(decoding: $0) },
        state: rows.optionalBytes(row, 2),
        content: try rows.optionalBytes(row, 3).flatMap { WorkflowContent(json: try JSONValue(stored: $0)) })
    }
  }

  /// The workflows that have a document, or remains of one.
  static func documentIDs(_ connection: PostgresConnection) throws -> [String] {
    let rows = try connection.execute(.documentIDs)
    return (0..<rows.count).map { rows.uuid($0, 0) }
  }

  /// Lets go of what ended long ago, but for what it is known by.
  static let expiry: [Statement] = [.expireLineages]
}

extension Statement {
  fileprivate static let lastLineage = Statement(
    "last_lineage",
    "select epoch, root_client_id from document_lineages where workflow_id = $1 order by epoch desc limit 1")
  fileprivate static let lineageRoots = Statement(
    "lineage_roots", "select epoch, root_client_id from document_lineages where workflow_id = $1")
  fileprivate static let newIncarnation = Statement(
    "new_incarnation", "select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
  fileprivate static let endLineages = Statement(
    "end_lineages",
    """
    update document_lineages set ended_at = clock_timestamp(), reason = $2 where workflow_id = $1 and ended_at is null
    """)
  fileprivate static let beginLineage = Statement(
    "begin_lineage",
    """
    insert into document_lineages (workflow_id, epoch, root_client_id) values ($1, $2, $3)
    on conflict (workflow_id, epoch) do update set ended_at = null, reason = null
    """)
  fileprivate static let keepLineage = Statement(
    "keep_lineage",
    """
    update document_lineages set state_vector = $2, state = $3, content = $4
    where workflow_id = $1 and ended_at is null
    """)
  fileprivate static let endedLineages = Statement(
    "ended_lineages",
    """
    select root_client_id, state_vector, state, content::text from document_lineages
    where workflow_id = $1 and ended_at is not null order by epoch desc
    """)
  fileprivate static let documentIDs = Statement(
    "document_ids",
    """
    select workflow_id from documents union select workflow_id from document_updates
    union select workflow_id from document_checkpoints order by workflow_id
    """)
  fileprivate static let expireLineages = Statement(
    "expire_lineages",
    """
    update document_lineages l set state = null, content = null
    from (
      select workflow_id, epoch from document_lineages
      where ended_at < clock_timestamp() - make_interval(secs => $1::bigint)
        and (state is not null or content is not null) limit $2
    ) old
    where l.ended_at is not null and (l.workflow_id, l.epoch) = (old.workflow_id, old.epoch)
    """)
}
