import Workflow
import YCRDT

/// States that stand for the beginning of a document's log.
enum Checkpoints {
  /// Stores a state and drops what no retained checkpoint needs any more. An older state than the newest is not
  /// stored, nor that of a document that was there before.
  static func store(
    _ name: DocumentName, _ incarnation: Int64?, _ state: [UInt8], through sequence: Int64, retaining count: Int,
    _ limits: BlameLimits,
    _ connection: PostgresConnection
  ) throws {
    try connection.transaction {
      guard try insert(name, incarnation, state, through: sequence, connection) else { return }
      try prune(name, state: state, retaining: count, limits, connection)
    }
  }

  /// The same for a document that nobody may have open: a state is stored if there is none yet that covers as much, and what is
  /// superfluous is dropped in any case. Returns what was dropped.
  static func compact(
    _ name: DocumentName, retaining count: Int, _ limits: BlameLimits, _ connection: PostgresConnection
  ) throws -> Compaction {
    guard let stored = try DocumentReader.read(name, connection) else { return Compaction() }
    let doc = Doc()
    for update in [stored.checkpoint].compactMap({ $0 }) + stored.updates { try doc.apply(update) }
    let state = doc.encodeStateAsUpdate(includingPending: true)
    return try connection.transaction {
      _ = try insert(name, stored.lineage.incarnation, state, through: stored.lastSequence, connection)
      return try prune(name, state: state, retaining: count, limits, connection)
    }
  }

  private static func insert(
    _ name: DocumentName, _ incarnation: Int64?, _ state: [UInt8], through sequence: Int64,
    _ connection: PostgresConnection
  ) throws -> Bool {
    let stored = try connection.execute(
      .insertCheckpoint, .uuid(name.workflowID), .int8(sequence), .bytes(state), .int8(incarnation ?? 0))
    return stored.affected > 0
  }

  @discardableResult
  private static func prune(
    _ name: DocumentName, state: [UInt8], retaining count: Int, _ limits: BlameLimits, _ connection: PostgresConnection
  ) throws -> Compaction {
    let (id, count) = (Parameter.uuid(name.workflowID), Int64(max(1, count)))
    let checkpoints = try connection.execute(.dropCheckpoints, id, .int8(count))
    var dropped = Compaction(checkpoints: Int(checkpoints.int8(0, 0)), bytes: Int(checkpoints.int8(0, 1)))
    let oldest = try connection.execute(.oldestCheckpoint, id, .int8(count))
    guard !oldest.isEmpty else { return dropped }
    try Blame.keep(name, through: oldest.int8(0, 0), state: state, limits, connection)
    let entries = try connection.execute(.compactLog, id, .int8(oldest.int8(0, 0)))
    dropped.entries = Int(entries.int8(0, 0))
    dropped.bytes += Int(entries.int8(0, 1))
    return dropped
  }

  /// The documents of which something could be dropped: with so many entries of the log behind the newest state, or more states
  /// than are retained.
  static func compactable(
    entries: Int, retaining count: Int, _ connection: PostgresConnection
  ) throws -> [String] {
    let rows = try connection.execute(.compactable, .int8(Int64(max(1, entries))), .int8(Int64(max(1, count))))
    return (0..<rows.count).map { rows.uuid($0, 0) }
  }
}

/// What was dropped of documents that their newer states make superfluous.
public struct Compaction: Hashable, Sendable {
  public var checkpoints = 0
  /// Entries of the log.
  public var entries = 0
  /// What all this took in its tables, about.
  public var bytes = 0

  public init(checkpoints: Int = 0, entries: Int = 0, bytes: Int = 0) {
    (self.checkpoints, self.entries, self.bytes) = (checkpoints, entries, bytes)
  }

  public static func += (total: inout Compaction, part: Compaction) {
    total.checkpoints += part.checkpoints
    total.entries += part.entries
    total.bytes += part.bytes
  }
}

extension Statement {
  fileprivate static let insertCheckpoint = Statement(
    "insert_checkpoint",
    """
    insert into document_checkpoints (workflow_id, sequence, state)
    select d.workflow_id, $2, $3 from documents d
    where d.workflow_id = $1 and $2 <= d.last_sequence and $4::bigint in (0, d.incarnation)
      and not exists (select from document_checkpoints c where c.workflow_id = $1 and c.sequence >= $2)
    on conflict do nothing
    """)
  /// Those behind the newest ones.
  fileprivate static let dropCheckpoints = Statement(
    "drop_checkpoints",
    """
    with dropped as (
      delete from document_checkpoints where workflow_id = $1 and sequence in (
        select sequence from document_checkpoints where workflow_id = $1 order by sequence desc offset $2)
      returning pg_column_size(state) size)
    select count(*), coalesce(sum(size), 0)::bigint from dropped
    """)
  /// What the oldest retained checkpoint covers; nothing before there are as many as are to be retained.
  fileprivate static let oldestCheckpoint = Statement(
    "oldest_checkpoint",
    "select min(sequence) from document_checkpoints where workflow_id = $1 having count(*) >= $2")
  fileprivate static let compactLog = Statement(
    "compact_log",
    """
    with dropped as (
      delete from document_updates where workflow_id = $1 and sequence <= $2 returning pg_column_size(data) size)
    select count(*), coalesce(sum(size), 0)::bigint from dropped
    """)
  fileprivate static let compactable = Statement(
    "compactable_documents",
    """
    select d.workflow_id from documents d
    where (select count(*) from document_updates u where u.workflow_id = d.workflow_id
        and u.sequence > (select coalesce(max(sequence), 0) from document_checkpoints c where c.workflow_id = d.workflow_id)
      ) >= $1
      or (select count(*) from document_checkpoints c where c.workflow_id = d.workflow_id) > $2
    order by d.workflow_id
    """)
}
