/// Saved versions of workflows that the policy lets go of.
///
/// Kept in any case are the newest ones of each workflow, the one that its rows are at, the one that its document was last merged
/// with, and those that a record of what servers did refers to; and what a table of somebody else's refers to by a foreign key.
enum SavedVersions {
  /// How many workflows one statement looks at.
  private static let page = 20

  /// The next workflows behind one that have more versions than are kept in any case.
  static func candidates(
    after id: String, _ policy: RetentionPolicy, _ connection: PostgresConnection
  ) throws(PostgresError) -> [String] {
    guard policy.versionAge > .zero else { return [] }
    let rows = try connection.execute(
      .workflowsWithOldVersions, .uuid(id), .int8(Int64(policy.versions)), .int8(Int64(page)))
    return (0..<rows.count).map { rows.uuid($0, 0) }
  }

  /// What became of a batch.
  struct Step {
    var dropped = RetentionCount()
    /// The versions that stay since something refers to them, by their ids.
    var referenced: [String] = []

    var looked: Int { dropped.total + referenced.count }
  }

  /// Lets go of at most a batch of these workflows' versions, besides those that are known to stay.
  static func drop(
    of workflows: [String], besides referenced: [String], _ policy: RetentionPolicy, _ connection: PostgresConnection
  ) throws(PostgresError) -> Step {
    let parameters: [Parameter] = [
      .uuids(workflows), .int8(Int64(policy.versions)), .int8(policy.versionAge.wholeSeconds),
      .int8(Int64(policy.batch)), .uuids(referenced),
    ]
    do {
      return Step(dropped: count(try connection.execute(.dropVersions, parameters)))
    } catch  where error.isAboutReferences {
      let ids = try connection.execute(.versionsToDrop, parameters)
      return try dropEach((0..<ids.count).map { ids.uuid($0, 0) }, connection)
    }
  }

  /// One after the other, since one that is referred to keeps all that go with it.
  private static func dropEach(_ ids: [String], _ connection: PostgresConnection) throws(PostgresError) -> Step {
    var step = Step()
    for id in ids {
      do {
        step.dropped += count(try connection.execute(.dropVersion, .uuid(id)))
      } catch  where error.isAboutReferences {
        step.referenced.append(id)
      }
    }
    return step
  }

  private static func count(_ rows: Rows) -> RetentionCount {
    RetentionCount(.versions, rows: Int(rows.int8(0, 0)), bytes: Int(rows.int8(0, 1)))
  }

  /// What waits to be let go of. O(versions of workflows that have too many).
  static func due(_ policy: RetentionPolicy, _ connection: PostgresConnection) throws(PostgresError) -> RetentionCount {
    guard policy.versionAge > .zero else { return RetentionCount() }
    let due = try connection.execute(
      .dueVersions, .int8(Int64(policy.versions)), .int8(policy.versionAge.wholeSeconds))
    return RetentionCount(.versions, rows: Int(due.int8(0, 0)), bytes: Int(due.int8(0, 1)))
  }
}

extension Duration {
  fileprivate var wholeSeconds: Int64 { components.seconds }
}

extension Statement {
  private static let size =
    "pg_column_size(s.jobs) + pg_column_size(s.triggers) + pg_column_size(s.edges)"

  /// What may go of the versions of `workflows`, of which `$2` are kept in any case and those younger than `$3` seconds as well.
  private static func due(of workflows: String, kept: String, age: String) -> String {
    """
    select p.id from (
      select s.id, s.workflow_id, s.lock_version, s.inserted_at,
        row_number() over (partition by s.workflow_id order by s.lock_version desc) as place
      from workflow_snapshots s where s.workflow_id \(workflows)
    ) p join workflows w on w.id = p.workflow_id
    where p.place > \(kept) and p.inserted_at < clock_timestamp() - make_interval(secs => \(age))
      and p.lock_version <> w.lock_version
      and not exists (
        select from documents d where d.workflow_id = p.workflow_id and d.base_lock_version = p.lock_version)
      and not exists (
        select from reconciliations r where r.workflow_id = p.workflow_id and r.lock_version = p.lock_version)
    """
  }

  fileprivate static let workflowsWithOldVersions = Statement(
    "workflows_with_old_versions",
    """
    select workflow_id from workflow_snapshots where workflow_id > $1
    group by workflow_id having count(*) > $2 order by workflow_id limit $3
    """)
  private static let batch =
    due(of: "= any($1::uuid[])", kept: "$2", age: "$3::bigint") + " and p.id <> all($5::uuid[]) limit $4"
  fileprivate static let versionsToDrop = Statement("versions_to_drop", batch)
  fileprivate static let dropVersions = Statement(
    "drop_old_versions",
    """
    with due as materialized (
      \(batch)
    ), dropped as (
      delete from workflow_snapshots s using due where s.id = due.id returning \(size) as size
    )
    select count(*), coalesce(sum(size), 0)::bigint from dropped
    """)
  fileprivate static let dropVersion = Statement(
    "drop_old_version",
    """
    with dropped as (delete from workflow_snapshots s where s.id = $1 returning \(size) as size)
    select count(*), coalesce(sum(size), 0)::bigint from dropped
    """)
  private static let withTooMany =
    "in (select workflow_id from workflow_snapshots group by workflow_id having count(*) > $1)"

  fileprivate static let dueVersions = Statement(
    "due_versions",
    """
    select count(*), coalesce(sum(\(size)), 0)::bigint from workflow_snapshots s where s.id in (
      \(due(of: withTooMany, kept: "$1", age: "$2::bigint"))
    )
    """)
}
