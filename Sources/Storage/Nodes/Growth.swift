/// Finds out what happened to documents that are open here.
enum Growth {
  struct Finding {
    var growth: [DocumentGrowth] = []
    /// Those whose rows moved on.
    var stale: [String] = []
  }

  static func find(_ ids: some Collection<String>, _ connection: PostgresConnection) throws -> Finding {
    guard !ids.isEmpty else { return Finding() }
    let rows = try connection.execute(.growth, .uuids(Array(ids)))
    var finding = Finding()
    for row in 0..<rows.count {
      let id = rows.uuid(row, 0)
      finding.growth.append(DocumentGrowth(workflowID: id, sequence: rows.int8(row, 1)))
      if rows.bool(row, 2) { finding.stale.append(id) }
    }
    return finding
  }
}

extension Statement {
  fileprivate static let growth = Statement(
    "growth",
    """
    select d.workflow_id, d.last_sequence, d.base_revision <> coalesce(w.revision, 0)
    from documents d left join workflows w on w.id = d.workflow_id where d.workflow_id = any($1::uuid[])
    """)
}
