/// Who does what of a document, so that not every node does it. A claim ends with its lease, or with its node.
enum Claims {
  enum Task: String {
    /// Merging changed rows into a document.
    case reconcile
    case checkpoint
    /// Looking for documents that nobody has open and whose rows changed.
    case poll
    /// Letting go of what the policy does not keep.
    case retention
  }

  /// What stands in the place of a document for what concerns all of them.
  private static let allDocuments = "00000000-0000-0000-0000-000000000000"

  /// Takes those of the tasks that nobody else has; what the node has itself it keeps for longer. Returns what it has then.
  ///
  /// Of the documents in `cold` only those that nobody has open elsewhere: whoever has one open has it in memory already.
  static func take(
    _ task: Task, of open: [String], cold: [String], node: String, lease: Duration, presenceAge: Duration,
    _ connection: PostgresConnection
  ) throws -> Set<String> {
    guard !open.isEmpty || !cold.isEmpty else { return [] }
    let rows = try connection.execute(
      .takeClaims, .text(task.rawValue), .uuid(node), .int8(lease.wholeMilliseconds), .uuids(open), .uuids(cold),
      .int8(presenceAge.wholeMilliseconds))
    return Set((0..<rows.count).map { rows.uuid($0, 0) })
  }

  /// Takes what concerns all documents, unless somebody else has it.
  static func take(_ task: Task, node: String, lease: Duration, _ connection: PostgresConnection) throws -> Bool {
    try !take(task, of: [allDocuments], cold: [], node: node, lease: lease, presenceAge: .zero, connection).isEmpty
  }

  /// Gives back all that a node has.
  static func release(node: String, _ connection: PostgresConnection) throws {
    try connection.execute(.releaseClaims, .uuid(node))
  }

  /// Forgets those whose lease has long been over.
  static func removeOld(_ connection: PostgresConnection) throws {
    try connection.execute(.removeOldClaims)
  }
}

extension Statement {
  fileprivate static let takeClaims = Statement(
    "take_claims",
    """
    with wanted as (
      select id from unnest($4::uuid[]) as o(id)
      union
      select id from unnest($5::uuid[]) as c(id) where not exists (
        select from document_presence p where p.workflow_id = c.id and p.node_id <> $2::uuid and p.members > 0
          and p.updated_at > clock_timestamp() - $6::bigint * interval '1 millisecond')
    )
    insert into document_claims as c (workflow_id, task, node_id, lease_until)
    select id, $1, $2::uuid, clock_timestamp() + $3::bigint * interval '1 millisecond' from wanted order by id
    on conflict (workflow_id, task) do update set node_id = excluded.node_id, lease_until = excluded.lease_until
      where c.node_id = excluded.node_id or c.lease_until < clock_timestamp()
    returning workflow_id
    """)
  fileprivate static let releaseClaims = Statement(
    "release_claims", "delete from document_claims where node_id = $1")
  fileprivate static let removeOldClaims = Statement(
    "remove_old_claims",
    """
    with old as materialized (
      select workflow_id, task from document_claims where lease_until < clock_timestamp() - interval '1 minute'
      for update skip locked
    )
    delete from document_claims c using old o where c.workflow_id = o.workflow_id and c.task = o.task
    """)
}
