import Workflow

/// The table of who has which documents open.
enum Presences {
  /// Those of the given workflows that somebody has open. Rows that were not renewed within `age` do not count.
  static func read(
    _ workflowIDs: [String], age: Duration, _ connection: PostgresConnection
  ) throws -> [String: DocumentPresence] {
    guard !workflowIDs.isEmpty else { return [:] }
    let rows = try connection.execute(.presences, .uuids(workflowIDs), .int8(age.wholeMilliseconds))
    var presences: [String: DocumentPresence] = [:]
    for row in 0..<rows.count {
      let names = try JSONValue(parsing: rows.bytes(row, 2)).array?.compactMap(\.string) ?? []
      let presence = DocumentPresence(members: rows.int4(row, 1), names: names)
      presences[rows.uuid(row, 0)] = presences[rows.uuid(row, 0)]?.adding(presence) ?? presence
    }
    return presences
  }

  /// Writes what a server knows, takes back what it no longer has open, and drops what servers that are gone left.
  static func write(
    _ presences: [String: DocumentPresence], gone: [String], node: String, age: Duration,
    _ connection: PostgresConnection
  ) throws {
    let entries = presences.sorted { $0.key < $1.key }
    try connection.execute(
      .writePresences, .uuid(node), .uuids(gone), .int8(age.wholeMilliseconds), .uuids(entries.map(\.key)),
      .int8s(entries.map { Int64($0.value.members) }),
      .texts(entries.map { JSONValue.array($0.value.names.map(JSONValue.string)).text }))
  }

  /// Takes back everything of a server.
  static func remove(node: String, _ connection: PostgresConnection) throws {
    try connection.execute(.removePresences, .uuid(node))
  }
}

extension Duration {
  /// Whole milliseconds.
  var wholeMilliseconds: Int64 { Int64(self / .milliseconds(1)) }
}

extension Statement {
  fileprivate static let presences = Statement(
    "presences",
    """
    select workflow_id, members, names from document_presence where workflow_id = any($1::uuid[]) and members > 0
      and updated_at > clock_timestamp() - $2::bigint * interval '1 millisecond'
    order by workflow_id, node_id
    """)
  fileprivate static let writePresences = Statement(
    "write_presences",
    """
    with gone as (
      delete from document_presence where node_id = $1::uuid and workflow_id = any($2::uuid[])
    ), left_behind as (
      delete from document_presence
      where node_id <> $1::uuid and updated_at < clock_timestamp() - $3::bigint * interval '1 millisecond'
    )
    insert into document_presence (workflow_id, node_id, members, names)
    select workflow_id, $1::uuid, members, names::json
    from unnest($4::uuid[], $5::bigint[], $6::text[]) as n(workflow_id, members, names)
    on conflict (workflow_id, node_id) do update
    set members = excluded.members, names = excluded.names, updated_at = excluded.updated_at
    """)
  fileprivate static let removePresences = Statement(
    "remove_presences", "delete from document_presence where node_id = $1")
}
