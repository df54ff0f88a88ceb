/// Which servers a database has, and what each has taken on.
struct NodeExamination {
  let connection: PostgresConnection

  func findings() throws(PostgresError) -> [Finding] {
    let rows = try connection.execute(.examineNodes)
    guard !rows.isEmpty else { return [Finding("nodes", .ok, "no server runs on this database")] }
    var findings = (0..<rows.count).map { finding(rows, $0) }
    let versions = Set((0..<rows.count).map { rows.text($0, 1) }).sorted()
    if versions.count > 1 {
      findings.append(
        Finding(
          "nodes", .warning, "servers of several versions: \(versions.joined(separator: ", "))",
          advice: "finish the upgrade"))
    }
    return findings
  }

  private func finding(_ rows: Rows, _ row: Int) -> Finding {
    let (address, version, id) = (rows.text(row, 0), rows.text(row, 1), rows.uuid(row, 2))
    let seen = "\(address) (\(version), \(id)) was seen \(rows.int8(row, 3)) s ago"
    guard rows.bool(row, 4) else {
      return Finding(
        "nodes", .warning, "\(seen): it has gone without a word, and no other server has noticed",
        advice: "start a server: it takes on what that one had")
    }
    let open = "\(rows.int8(row, 5)) documents open, \(rows.int8(row, 6)) members"
    let claims = rows.text(row, 7).isEmpty ? "none" : rows.text(row, 7)
    return Finding("nodes", .ok, "\(seen); \(open); claims: \(claims)")
  }
}

extension Statement {
  fileprivate static let examineNodes = Statement(
    "examine_nodes",
    """
    select n.address, n.version, n.id, extract(epoch from clock_timestamp() - n.seen_at)::bigint,
      n.lease_until >= clock_timestamp(),
      (select count(*) from document_presence p where p.node_id = n.id and p.members > 0),
      (select coalesce(sum(p.members), 0)::bigint from document_presence p where p.node_id = n.id),
      (select coalesce(string_agg(c.task || ' ' || c.tasks, ', ' order by c.task), '') from (
        select task, count(*) as tasks from document_claims
        where node_id = n.id and lease_until >= clock_timestamp() group by task) c)
    from nodes n order by n.started_at, n.id
    """)
}
