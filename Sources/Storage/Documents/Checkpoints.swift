import Workflow

/// States that stand for the beginning of a document's log.
enum Checkpoints {
  /// Stores a state and drops what no retained checkpoint needs any more. An older state than the newest is not
  /// stored, nor that of a document that was there before.
  static func store(
    _ name: DocumentName, _ incarnation: Int64?, _ state: [UInt8], through sequence: Int64, retaining count: Int,
    _ limits: BlameLimits,
    _ connection: PostgresConnection
  ) throws {
    let count = Int64(max(1, count))
    let id = Parameter.uuid(name.workflowID)
    try connection.transaction {
      let stored = try connection.execute(
        .insertCheckpoint, id, .int8(sequence), .bytes(state), .int8(incarnation ?? 0))
      guard stored.affected > 0 else { return }
      try connection.execute(.dropCheckpoints, id, .int8(count))
      let oldest = try connection.execute(.oldestCheckpoint, id, .int8(count))
      guard !oldest.isEmpty else { return }
      try Blame.keep(name, through: oldest.int8(0, 0), state: state, limits, connection)
      try connection.execute(.compactLog, id, .int8(oldest.int8(0, 0)))
    }
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
    delete from document_checkpoints where workflow_id = $1 and sequence in (
      select sequence from document_checkpoints where workflow_id = $1 order by sequence desc offset $2)
    """)
  /// What the oldest retained checkpoint covers; nothing before there are as many as are to be retained.
  fileprivate static let oldestCheckpoint = Statement(
    "oldest_checkpoint",
    "select min(sequence) from document_checkpoints where workflow_id = $1 having count(*) >= $2")
  fileprivate static let compactLog = Statement(
    "compact_log", "delete from document_updates where workflow_id = $1 and sequence <= $2")
}
