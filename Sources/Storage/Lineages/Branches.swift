import Workflow
import YCRDT

/// The branches of workflows: what clients of earlier histories wrote, and what became of it.
enum Branches {
  /// A branch with its document.
  struct Stored {
    let record: BranchRecord
    let state: [UInt8]
  }

  // MARK: Reading

  /// The branches of a workflow without their documents, oldest first: all, those of a status, or the one of a number.
  static func records(
    of workflowID: String, status: BranchRecord.Status? = nil, number: Int64? = nil, _ connection: PostgresConnection
  ) throws -> [BranchRecord] {
    let rows = try connection.execute(
      .branches, .uuid(workflowID), .text(status?.rawValue), number.map(Parameter.int8) ?? .null)
    return try (0..<rows.count).map { try record(rows, $0) }
  }

  /// The branches of one history.
  static func stored(
    of workflowID: String, root: ClientID, _ connection: PostgresConnection
  ) throws -> [Stored] {
    let rows = try connection.execute(.storedBranches, .uuid(workflowID), .int8(Int64(root)))
    return try (0..<rows.count).map { Stored(record: try record(rows, $0), state: rows.bytes($0, 11)) }
  }

  private static func record(_ rows: Rows, _ row: Int) throws -> BranchRecord {
    guard let content = WorkflowContent(json: try JSONValue(stored: rows.bytes(row, 2))),
      let status = BranchRecord.Status(rawValue: rows.text(row, 4))
    else { throw StoreError.damaged("a branch cannot be read") }
    let decidedBy =
      rows.isNull(row, 5)
      ? nil : Actor(type: rows.text(row, 5), id: rows.optionalText(row, 6), name: rows.optionalText(row, 7))
    return BranchRecord(
      number: rows.int8(row, 0), version: rows.int8(row, 1), content: content,
      base: try rows.optionalBytes(row, 3).flatMap { WorkflowContent(json: try JSONValue(stored: $0)) },
      status: status, decidedBy: decidedBy, decidedAt: rows.optionalText(row, 8), recordedAt: rows.text(row, 9),
      updatedAt: rows.text(row, 10))
  }

  /// What was saved under the version that a branch shows; nil where that is not kept any more.
  static func saved(
    under doc: Doc, _ content: WorkflowContent, of workflowID: String, _ connection: PostgresConnection
  ) throws -> WorkflowContent? {
    guard let version = WorkflowDocument.lockVersion(of: doc),
      var saved = try VersionReader.find(workflowID, version, connection)?.content
    else { return nil }
    // What was saved has neither.
    saved.positions = content.positions
    saved.concurrency = content.concurrency
    saved.enableJobLogs = content.enableJobLogs
    return saved.withoutDanglingReferences()
  }

  // MARK: Writing

  /// Has everything that the present history took over from others, and nobody saved, be asked for again: that history is
  /// lost. Before it is noted that it has ended.
  static func reopen(of workflowID: String, _ connection: PostgresConnection) throws {
    let id = Parameter.uuid(workflowID)
    let rows = try connection.execute(.reopenBranches, id)
    for row in 0..<rows.count {
      let doc = Doc()
      // One that cannot be read has no base; that is no reason not to make the document.
      guard (try? doc.apply(rows.bytes(row, 1))) != nil else { continue }
      let content = WorkflowDocument.salvage(doc, id: workflowID)
      guard let base = try saved(under: doc, content, of: workflowID, connection) else { continue }
      try connection.execute(.setBase, id, .int8(rows.int8(row, 0)), .bytes(base.json.serialized()))
    }
  }

  /// How many branches of a workflow nobody has decided.
  static func openCount(_ workflowID: String, _ connection: PostgresConnection) throws -> Int {
    try Int(connection.execute(.openBranches, .uuid(workflowID)).int8(0, 0))
  }

  /// Adds a branch and returns its number.
  static func insert(
    _ content: WorkflowContent, base: WorkflowContent?, state: [UInt8], root: ClientID, of workflowID: String,
    _ connection: PostgresConnection
  ) throws -> Int64 {
    try connection.execute(
      .insertBranch, .uuid(workflowID), .int8(Int64(root)), .bytes(state), .bytes(content.json.serialized()),
      base.map { .bytes($0.json.serialized()) } ?? .null
    ).int8(0, 0)
  }

  /// Gives a branch another state, which opens it again if it was decided.
  static func update(
    _ number: Int64, of workflowID: String, content: WorkflowContent, state: [UInt8], opens: Bool,
    _ connection: PostgresConnection
  ) throws {
    try connection.execute(
      .updateBranch, .uuid(workflowID), .int8(number), .bytes(state), .bytes(content.json.serialized()), .bool(opens))
  }

  /// Part of the transaction that merges a branch: what was merged is what the branch will be compared with. It stays open
  /// where people have gone on writing in it. False where somebody has decided about it since it was read: merged a second
  /// time from the same base, its edits would be there twice.
  static func merge(
    _ branch: BranchRecord, of workflowID: String, by actor: Actor, _ connection: PostgresConnection
  ) throws -> Bool {
    let decided: [Parameter] = [.text(branch.status.rawValue), .text(branch.decidedAt)]
    return try connection.execute(.mergeBranch, decision(branch, of: workflowID, by: actor) + decided).affected > 0
  }

  /// Lets go of what a branch holds that is not merged. False where the branch is another one by now.
  static func discard(
    _ branch: BranchRecord, of workflowID: String, by actor: Actor, _ connection: PostgresConnection
  ) throws -> Bool {
    try connection.execute(.discardBranch, decision(branch, of: workflowID, by: actor)).affected > 0
  }

  private static func decision(_ branch: BranchRecord, of workflowID: String, by actor: Actor) -> [Parameter] {
    [
      .uuid(workflowID), .int8(branch.number), .int8(branch.version), .bytes(branch.content.json.serialized()),
      .text(actor.type), .text(actor.id), .text(actor.name),
    ]
  }

  /// As with conflicts: what is open expires, and what has been decided for as long is deleted. So is what could not be read of a
  /// history that was replaced.
  static let expiry: [Statement] = [.expireBranches, .deleteBranches, .deleteRemains]

  /// Has whoever else changes the branches of a workflow wait until the end of the transaction. Taken before row locks of
  /// branches and after that of the workflow.
  static func lock(_ workflowID: String, _ connection: PostgresConnection) throws {
    try connection.execute(.lockBranches, .uuid(workflowID))
  }
}

extension Statement {
  fileprivate static let lockBranches = Statement(
    "lock_branches", "select pg_advisory_xact_lock(hashtextextended('heddle branches ' || $1::uuid, 0))")
  private static let columns = """
    number, version, content::text, base::text, status, decided_by_type, decided_by_id, decided_by_name,
      \(Records.time("decided_at")), \(Records.time("inserted_at")), \(Records.time("updated_at"))
    """
  fileprivate static let branches = Statement(
    "branches",
    """
    select \(columns) from document_branches
    where workflow_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or number = $3)
    order by number
    """)
  fileprivate static let storedBranches = Statement(
    "stored_branches",
    """
    select \(columns), state from document_branches where workflow_id = $1 and root_client_id = $2 order by number
    """)
  fileprivate static let openBranches = Statement(
    "open_branches", "select count(*) from document_branches where workflow_id = $1 and status = 'open'")
  fileprivate static let insertBranch = Statement(
    "insert_branch",
    """
    insert into document_branches (workflow_id, number, root_client_id, state, content, base)
    select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 from document_branches where workflow_id = $1
    returning number
    """)
  fileprivate static let updateBranch = Statement(
    "update_branch",
    """
    update document_branches set state = $3, content = $4, version = version + 1, updated_at = clock_timestamp(),
      status = case when $5 then 'open' else status end
    where workflow_id = $1 and number = $2
    """)
  fileprivate static let mergeBranch = Statement(
    "merge_branch",
    """
    update document_branches set base = $4, status = case when version = $3 then 'merged' else status end,
      decided_by_type = $5, decided_by_id = $6, decided_by_name = $7, decided_at = clock_timestamp()
    where workflow_id = $1 and number = $2 and status = $8 and \(Records.time("decided_at")) is not distinct from $9
    """)
  /// What was saved since, or let go of by a reset, is settled. How an unsettled history ended does not tell any more what
  /// its clients have beyond the present one.
  fileprivate static let reopenBranches = Statement(
    "reopen_branches",
    """
    with settled as (
      select coalesce(max(inserted_at), '-infinity') as at from reconciliations
      where workflow_id = $1 and kind in ('save', 'reset')
    ), forgotten as (
      update document_lineages set content = null from settled where workflow_id = $1 and ended_at > at
    )
    update document_branches set base = null, status = 'open', version = version + 1, decided_by_type = null,
      decided_by_id = null, decided_by_name = null, decided_at = null, updated_at = clock_timestamp()
    from settled
    where workflow_id = $1 and (status in ('open', 'merged') and decided_at > at
      or status = 'open' and decided_at is null and root_client_id not in (
        select root_client_id from document_lineages where workflow_id = $1 and ended_at <= at))
    returning number, state
    """)
  fileprivate static let setBase = Statement(
    "set_base", "update document_branches set base = $3 where workflow_id = $1 and number = $2")
  fileprivate static let discardBranch = Statement(
    "discard_branch",
    """
    update document_branches set base = $4, status = 'discarded',
      decided_by_type = $5, decided_by_id = $6, decided_by_name = $7, decided_at = clock_timestamp()
    where workflow_id = $1 and number = $2 and version = $3
    """)
  fileprivate static let expireBranches = Statement(
    "expire_branches",
    """
    update document_branches b set status = 'expired', decided_at = clock_timestamp()
    from (
      select workflow_id, number from document_branches
      where status = 'open' and updated_at < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where b.status = 'open' and (b.workflow_id, b.number) = (old.workflow_id, old.number)
      and b.updated_at < clock_timestamp() - make_interval(secs => $1::bigint)
    """)
  fileprivate static let deleteBranches = Statement(
    "delete_branches",
    """
    delete from document_branches b using (
      select workflow_id, number from document_branches where status <> 'open'
        and greatest(decided_at, updated_at) < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where b.status <> 'open' and (b.workflow_id, b.number) = (old.workflow_id, old.number)
    """)
  fileprivate static let deleteRemains = Statement(
    "delete_remains",
    """
    delete from document_remains r using (
      select workflow_id, kind, sequence, inserted_at from document_remains
      where inserted_at < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where (r.workflow_id, r.kind, r.sequence, r.inserted_at)
      = (old.workflow_id, old.kind, old.sequence, old.inserted_at)
    """)
}
