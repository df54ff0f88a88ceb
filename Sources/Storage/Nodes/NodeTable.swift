/// The table of nodes, each with a lease by the database's clock.
enum NodeTable {
  /// Renews a node's lease, or registers it.
  static func renew(_ id: String, _ configuration: NodeConfiguration, address: String, _ connection: PostgresConnection)
    throws
  {
    try connection.execute(
      .renewNode, .uuid(id), .text(configuration.version), .text(address), .int8(configuration.lease.wholeMilliseconds))
  }

  /// Removes those whose lease is over, with all that they left. Somebody else who is at it is not waited for.
  static func removeGone(_ connection: PostgresConnection) throws {
    try connection.execute(.removeGoneNodes)
  }

  /// The others that are there.
  static func others(than id: String, _ connection: PostgresConnection) throws -> Set<String> {
    let rows = try connection.execute(.otherNodes, .uuid(id))
    return Set((0..<rows.count).map { rows.uuid($0, 0) })
  }

  /// Removes a node, with all that it left.
  static func remove(_ id: String, _ connection: PostgresConnection) throws {
    try connection.execute(.removeNode, .uuid(id))
  }

  /// All that are there, by when they started.
  static func list(presenceAge: Duration, _ connection: PostgresConnection) throws -> [NodeRecord] {
    let rows = try connection.execute(.listNodes, .int8(presenceAge.wholeMilliseconds))
    return (0..<rows.count).map { row in
      NodeRecord(
        id: rows.uuid(row, 0), startedAt: rows.text(row, 1), seenAt: rows.text(row, 2),
        age: Double(rows.int8(row, 3)) / 1000, version: rows.text(row, 4), address: rows.text(row, 5),
        documents: Int(rows.int8(row, 6)), members: Int(rows.int8(row, 7)))
    }
  }

  /// What tells this database's servers from those of others.
  static func installation(_ connection: PostgresConnection) throws -> String {
    let rows = try connection.execute(.installation)
    guard !rows.isEmpty else { throw StoreError.damaged("the table installation has no row") }
    return rows.uuid(0, 0)
  }
}

extension Statement {
  fileprivate static let renewNode = Statement(
    "renew_node",
    """
    insert into nodes (id, version, address, lease_until)
    values ($1, $2, $3, clock_timestamp() + $4::bigint * interval '1 millisecond')
    on conflict (id) do update set version = excluded.version, address = excluded.address,
      seen_at = clock_timestamp(), lease_until = excluded.lease_until
    """)
  fileprivate static let removeGoneNodes = Statement(
    "remove_gone_nodes",
    """
    with gone as materialized (
      select id from nodes where lease_until < clock_timestamp() for update skip locked
    ), presences as (
      delete from document_presence where node_id in (select id from gone)
    ), claims as (
      delete from document_claims where node_id in (select id from gone)
    )
    delete from nodes where id in (select id from gone)
    """)
  fileprivate static let otherNodes = Statement(
    "other_nodes", "select id from nodes where id <> $1 and lease_until >= clock_timestamp()")
  fileprivate static let removeNode = Statement(
    "remove_node",
    """
    with presences as (
      delete from document_presence where node_id = $1
    ), claims as (
      delete from document_claims where node_id = $1
    )
    delete from nodes where id = $1
    """)
  fileprivate static let listNodes = Statement(
    "list_nodes",
    """
    select n.id, to_char(n.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      to_char(n.seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      (extract(epoch from clock_timestamp() - n.seen_at) * 1000)::bigint, n.version, n.address,
      count(p.workflow_id), coalesce(sum(p.members), 0)::bigint
    from nodes n left join document_presence p on p.node_id = n.id and p.members > 0
      and p.updated_at > clock_timestamp() - $1::bigint * interval '1 millisecond'
    where n.lease_until >= clock_timestamp()
    group by n.id order by n.started_at, n.id
    """)
  fileprivate static let installation = Statement("installation", "select id from installation")
}
