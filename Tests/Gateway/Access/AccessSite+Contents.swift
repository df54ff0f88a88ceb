import TestSupport

extension AccessSite {
  /// All rows of all tables, by table.
  func contents() throws -> [String: [String]] {
    let tables = try psql.run(
      "select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'"
    )
    var contents: [String: [String]] = [:]
    for table in tables.compactMap({ $0[0] }) where !Self.restless.contains(table) {
      contents[table] = try psql.run("select t::text from \(table) t order by 1").compactMap { $0[0] }
    }
    return contents
  }

  /// Which rows there are now and were not before, and the other way round.
  func changes(since before: [String: [String]]) throws -> [String] {
    let now = try contents()
    return Set(before.keys).union(now.keys).sorted().flatMap { table in
      let (old, new) = (before[table] ?? [], now[table] ?? [])
      return new.filter { !old.contains($0) }.map { "\(table) + \($0)" }
        + old.filter { !new.contains($0) }.map { "\(table) - \($0)" }
    }
  }

  /// What servers write about themselves, and what they keep to look at: with each poll what needs no merge goes.
  private static let restless: Set = ["document_presence", "workflow_outbox"]

  /// The rows that mention an id.
  func contents(about id: String) throws -> [String: [String]] {
    try contents().mapValues { $0.filter { $0.contains(id) } }.filter { !$0.value.isEmpty }
  }
}
