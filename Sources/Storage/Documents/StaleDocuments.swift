/// Finds the documents whose rows moved on.
enum StaleDocuments {
  /// Of the given workflows those whose document was last merged with another revision of the rows than there is now.
  static func find(among ids: [String], _ connection: PostgresConnection) throws -> [String] {
    guard !ids.isEmpty else { return [] }
    return list(try connection.execute(.staleAmong, .uuids(ids)))
  }

  /// All such workflows. Drops from the outbox what concerns no document, or a revision that is merged; what somebody is
  /// writing right now, the next time.
  static func findAll(_ connection: PostgresConnection) throws -> [String] {
    try connection.execute(.cleanOutbox)
    return list(try connection.execute(.allStale))
  }

  private static func list(_ rows: Rows) -> [String] {
    (0..<rows.count).map { rows.uuid($0, 0) }
  }
}

extension Statement {
  private static let stale = """
    select d.workflow_id from documents d left join workflows w on w.id = d.workflow_id
    where d.base_revision <> coalesce(w.revision, 0)
    """
  fileprivate static let staleAmong = Statement("stale_among", stale + " and d.workflow_id = any($1::uuid[])")
  fileprivate static let allStale = Statement("all_stale", stale)
  fileprivate static let cleanOutbox = Statement(
    "clean_outbox",
    """
    with superfluous as materialized (
      select o.workflow_id from workflow_outbox o where not exists (
        select from documents d left join workflows w on w.id = d.workflow_id
        where d.workflow_id = o.workflow_id and d.base_revision <> coalesce(w.revision, 0))
      for update of o skip locked
    )
    delete from workflow_outbox o using superfluous s where o.workflow_id = s.workflow_id
    """)
}
