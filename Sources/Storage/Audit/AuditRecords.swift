/// What audits have found, in the database: for all servers, and for who asks.
enum AuditRecords {
  /// Notes what an audit of one document found, and that what it did not find any more is gone.
  static func note(_ found: [DocumentDifference], of workflowID: String, _ connection: PostgresConnection) throws {
    let id = Parameter.uuid(workflowID)
    try connection.execute(.dropDifferences, id, .texts(found.map(\.kind.rawValue)))
    for difference in found {
      try connection.execute(.noteDifference, id, .text(difference.kind.rawValue), .text(difference.detail))
    }
  }

  /// All that is known and not gone, newest first.
  static func list(limit: Int, _ connection: PostgresConnection) throws -> [KnownDifference] {
    let rows = try connection.execute(.listDifferences, .int8(Int64(limit)))
    return (0..<rows.count).compactMap { row in
      guard let kind = DocumentDifference.Kind(rawValue: rows.text(row, 1)) else { return nil }
      return KnownDifference(
        difference: DocumentDifference(workflowID: rows.uuid(row, 0), kind: kind, detail: rows.text(row, 2)),
        foundAt: rows.text(row, 3), seenAt: rows.text(row, 4))
    }
  }

  /// Some documents: those that follow a random place among all ids, and go on at the beginning.
  static func sample(_ count: Int, _ connection: PostgresConnection) throws -> [String] {
    let rows = try connection.execute(.auditSample, .int8(Int64(count)))
    return (0..<rows.count).map { rows.uuid($0, 0) }
  }

  /// Runs `body` unless another server audits the same document now; then the result is nil.
  static func exclusively<Result>(
    _ workflowID: String, _ connection: PostgresConnection, _ body: () throws -> Result
  ) throws -> Result? {
    let id = Parameter.uuid(workflowID)
    guard try connection.execute(.lockAudit, id).bool(0, 0) else { return nil }
    // Where this fails the connection is gone, and the lock with it.
    defer { _ = try? connection.execute(.unlockAudit, id) }
    return try body()
  }
}

extension Statement {
  private static let lock = "hashtextextended('audit ' || $1::uuid::text, 0)"
  fileprivate static let lockAudit = Statement("lock_audit", "select pg_try_advisory_lock(\(lock))")
  fileprivate static let unlockAudit = Statement("unlock_audit", "select pg_advisory_unlock(\(lock))")
  fileprivate static let auditSample = Statement(
    "audit_sample",
    """
    with place as materialized (select gen_random_uuid() as id), behind as (
      select workflow_id from documents where workflow_id >= (select id from place) order by workflow_id limit $1
    ), before as (
      select workflow_id from documents where workflow_id < (select id from place) order by workflow_id limit $1
    )
    select workflow_id from (
      select workflow_id, 0 as part from behind union all select workflow_id, 1 as part from before
    ) both_parts order by part, workflow_id limit $1
    """)
  fileprivate static let dropDifferences = Statement(
    "drop_differences", "delete from document_differences where workflow_id = $1 and kind <> all($2::text[])")
  fileprivate static let noteDifference = Statement(
    "note_difference",
    """
    insert into document_differences (workflow_id, kind, detail) values ($1, $2, $3)
    on conflict (workflow_id, kind) do update set detail = excluded.detail, seen_at = clock_timestamp()
    """)
  fileprivate static let listDifferences = Statement(
    "list_differences",
    """
    select workflow_id, kind, detail, \(Records.time("found_at")), \(Records.time("seen_at"))
    from document_differences order by found_at desc, workflow_id, kind limit $1
    """)
}
