public import Workflow

/// A plan of an import, as the store keeps it until it is applied or expires.
public struct StoredPlan: Hashable, Sendable {
  public var id: String
  public var projectID: String
  /// What is to be imported.
  public var document: JSONValue
  /// What it was computed for.
  public var versions: JSONValue
}

/// Why a plan cannot be applied.
public enum PlanError: Error, Hashable, Sendable {
  /// There is none of this id, or it was long ago.
  case unknown
  case expired
  /// It was applied before.
  case applied
}

/// The table of plans.
enum Plans {
  /// How long a plan that expired is still known to have been one.
  private static let remembered = Duration.seconds(86_400)

  /// Keeps a new plan and returns its id. Drops those that expired a while ago, and the oldest where there is no room.
  static func insert(
    _ document: JSONValue, of projectID: String, versions: JSONValue, _ configuration: StoreConfiguration,
    _ connection: PostgresConnection
  ) throws -> String {
    let id = UUIDText.random()
    try connection.execute(.dropExpiredPlans, .int8(remembered.wholeMilliseconds))
    try connection.execute(
      .insertPlan, .uuid(id), .uuid(projectID), .bytes(document.serialized()), .bytes(versions.serialized()),
      .int8(configuration.planRetention.wholeMilliseconds))
    try connection.execute(.dropOldestPlans, .uuid(id), .int8(Int64(configuration.maximumPlanBytes)))
    return id
  }

  /// What became of a plan.
  enum State {
    case open(StoredPlan)
    /// The attempt that applied it.
    case applied(by: String)
  }

  static func read(_ id: String, _ connection: PostgresConnection) throws -> State {
    let rows = try connection.execute(.plan, .uuid(id))
    guard !rows.isEmpty else { throw PlanError.unknown }
    if let attempt = rows.optionalUUID(0, 3) { return .applied(by: attempt) }
    guard rows.bool(0, 4) else { throw PlanError.expired }
    return .open(
      StoredPlan(
        id: id, projectID: rows.uuid(0, 0), document: try JSONValue(parsing: rows.bytes(0, 1)),
        versions: try JSONValue(parsing: rows.bytes(0, 2))))
  }

  /// Marks a plan as applied, in the transaction that applies it.
  static func claim(_ id: String, attempt: String, _ connection: PostgresConnection) throws {
    let rows = try connection.execute(.claimPlan, .uuid(id), .uuid(attempt))
    if rows.affected == 0 { throw PlanError.applied }
  }
}

extension Statement {
  fileprivate static let dropExpiredPlans = Statement(
    "drop_expired_plans",
    "delete from import_plans where expires_at < clock_timestamp() - $1::bigint * interval '1 millisecond'")
  /// All that together with those behind them have more bytes than there may be; never the one just made.
  fileprivate static let dropOldestPlans = Statement(
    "drop_oldest_plans",
    """
    delete from import_plans where id <> $1 and id in (
      select id from (
        select id, sum(coalesce(pg_column_size(document), 0) + pg_column_size(versions))
          over (order by created_at desc, id) as bytes from import_plans
      ) plans where bytes > $2)
    """)
  fileprivate static let insertPlan = Statement(
    "insert_plan",
    """
    insert into import_plans (id, project_id, document, versions, expires_at)
    values ($1, $2, $3, $4, clock_timestamp() + $5::bigint * interval '1 millisecond')
    """)
  fileprivate static let plan = Statement(
    "plan",
    """
    select project_id, document, versions, applied_by, expires_at > clock_timestamp() from import_plans where id = $1
    """)
  fileprivate static let claimPlan = Statement(
    "claim_plan",
    """
    update import_plans set state = 'applied', applied_by = $2, applied_at = clock_timestamp(), document = null
    where id = $1 and state = 'open'
    """)
}
