/// How much the database takes, of what most, and how much room is left where that is on this machine.
struct SizeExamination {
  let connection: PostgresConnection

  func findings() throws(PostgresError) -> [Finding] {
    var findings = [try size()]
    if let disk = try disk() { findings.append(disk) }
    return findings
  }

  private func size() throws(PostgresError) -> Finding {
    let whole = try connection.run("select pg_database_size(current_database())::text").text(0, 0)
    var text = "the database has \(Self.mebibytes(Int64(whole) ?? 0))"
    let largest = try connection.execute(.largestTables)
    if !largest.isEmpty {
      let tables = (0..<largest.count).map { "\(largest.text($0, 0)) \(Self.mebibytes(largest.int8($0, 1)))" }
      text += ", most of it " + tables.joined(separator: ", ")
    }
    let growing = try connection.execute(.fastestTables)
    if !growing.isEmpty {
      let tables = (0..<growing.count).map { "\(growing.text($0, 0)) by \(growing.int8($0, 1)) rows" }
      text += "; since \(growing.text(0, 2)) grew \(tables.joined(separator: ", "))"
    }
    return Finding("size", .ok, text)
  }

  private static func mebibytes(_ bytes: Int64) -> String { "\((bytes + 1 << 19) >> 20) MiB" }

  /// Postgres says where its data is to some only, and that is of use where it runs on this machine.
  private func disk() throws(PostgresError) -> Finding? {
    let rows = try connection.execute(.dataDirectory)
    guard !rows.isEmpty, rows.bool(0, 1) else { return nil }
    let path = rows.text(0, 0)
    return DiskSpace(of: path)?.finding(below: path)
  }
}

extension Statement {
  fileprivate static let largestTables = Statement(
    "largest_tables",
    """
    select relname::text, pg_total_relation_size(relid) from pg_stat_user_tables
    where pg_total_relation_size(relid) > 0 order by 2 desc, 1 limit 3
    """)
  /// Rows that came and did not go again since the statistics were last begun.
  fileprivate static let fastestTables = Statement(
    "fastest_tables",
    """
    select t.relname::text, t.n_tup_ins - t.n_tup_del,
      to_char(coalesce(d.stats_reset, pg_postmaster_start_time()) at time zone 'UTC', 'YYYY-MM-DD')
    from pg_stat_user_tables t, pg_stat_database d
    where d.datname = current_database() and t.n_tup_ins > t.n_tup_del order by 2 desc, 1 limit 3
    """)
  fileprivate static let dataDirectory = Statement(
    "data_directory",
    """
    select setting, inet_server_addr() is null or inet_server_addr() = inet_client_addr()
    from pg_settings where name = 'data_directory'
    """)
}
