import Workflow

/// The records of what servers did to documents, and of conflicts.
enum Records {
  /// The SQL that shows a time in ISO 8601.
  static func time(_ column: String) -> String {
    "to_char(\(column) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
  }

  /// The SQL for the last number that the record of a workflow's reconcile has, whose document's rows may be gone: $1.
  static let lastNumber = "(select coalesce(max(number), 0) from reconciliations where workflow_id = $1)"

  // MARK: Conflicts

  /// The query for the open conflicts of a workflow, to be read by `conflicts`.
  static func openConflicts(_ id: Parameter) -> (Statement, [Parameter]) {
    (.conflicts, [id, .text(ConflictRecord.Status.open.rawValue), .null, .null])
  }

  /// The conflicts of a workflow, oldest first.
  static func conflicts(
    of workflowID: String, status: ConflictRecord.Status?, ids: [ConflictRecord.ID]?, _ connection: PostgresConnection
  ) throws -> [ConflictRecord] {
    let rows = try connection.execute(
      .conflicts, .uuid(workflowID), .text(status?.rawValue), ids.map { .int8s($0.map(\.reconciliation)) } ?? .null,
      ids.map { .int8s($0.map { Int64($0.place) }) } ?? .null)
    return try conflicts(rows)
  }

  /// A page of a workflow's conflicts, newest first.
  static func conflicts(
    of workflowID: String, status: ConflictRecord.Status?, before id: ConflictRecord.ID, limit: Int,
    _ connection: PostgresConnection
  ) throws -> [ConflictRecord] {
    try conflicts(
      connection.execute(
        .conflictPage, .uuid(workflowID), .text(status?.rawValue), .int8(id.reconciliation), .int8(Int64(id.place)),
        .int8(Int64(limit))))
  }

  static func conflicts(_ rows: Rows) throws -> [ConflictRecord] {
    try (0..<rows.count).map { row in
      ConflictRecord(
        id: ConflictRecord.ID(reconciliation: rows.int8(row, 0), place: rows.int4(row, 1)),
        conflict: try conflict(rows, row), provenance: provenance(rows, row, 17), recordedAt: rows.text(row, 22),
        status: ConflictRecord.Status(rawValue: rows.text(row, 11)) ?? .open, outcome: rows.optionalText(row, 12),
        decidedBy: rows.isNull(row, 13) ? nil : actor(rows, row, 13), decidedAt: rows.optionalText(row, 16),
        recordedBy: ReconciliationRecord.Kind(rawValue: rows.text(row, 24)) ?? .reconcile,
        revision: rows.int8(row, 25))
    }
  }

  private static func conflict(_ rows: Rows, _ row: Int) throws -> Conflict {
    guard let kind = Conflict.Kind(rawValue: rows.text(row, 2)),
      let winner = Conflict.Winner(rawValue: rows.text(row, 8)),
      let unit = try JSONValue(stored: rows.bytes(row, 3)).array?.compactMap(\.string)
    else { throw StoreError.damaged("a conflict's record cannot be read") }
    let range = rows.optionalInt4(row, 7).flatMap { end in rows.optionalInt4(row, 23).map { $0..<max($0, end) } }
    return Conflict(
      kind: kind, unit: unit, base: try json(rows, row, 4), live: try json(rows, row, 5),
      database: try json(rows, row, 6), range: range, winner: winner, result: try json(rows, row, 9),
      editors: try JSONValue(stored: rows.bytes(row, 10)).array?.compactMap { $0.integer.map(UInt64.init) } ?? [])
  }

  /// What notes the conflicts of a record.
  static func insert(_ conflicts: [Conflict], of id: Parameter, _ number: Int64) -> (Statement, [Parameter]) {
    (
      .insertConflicts,
      [
        id, .int8(number), .texts(conflicts.map(\.kind.rawValue)), .texts(conflicts.map(\.unitText)),
        .texts(conflicts.map { $0.base?.text }), .texts(conflicts.map { $0.live?.text }),
        .texts(conflicts.map { $0.database?.text }), .int8s(conflicts.map { Int64($0.range?.lowerBound ?? -1) }),
        .int8s(conflicts.map { Int64($0.range?.upperBound ?? -1) }), .texts(conflicts.map(\.winner.rawValue)),
        .texts(conflicts.map { $0.result?.text }),
        .texts(conflicts.map { JSONValue.array($0.editors.map { .number(Double($0)) }).text }),
      ]
    )
  }

  /// Notes that open conflicts have nothing to choose any more.
  static func close(
    _ closed: [ConflictClosure], of workflowID: String, _ connection: PostgresConnection
  ) throws {
    try connection.execute(
      .closeConflicts, .uuid(workflowID), .int8s(closed.map(\.id.reconciliation)),
      .int8s(closed.map { Int64($0.id.place) }), .texts(closed.map(\.reason)))
  }

  /// Has all records of a workflow's conflicts, decided ones too, follow what they are about. O(records), and rare.
  static func rename(_ renames: [Rename], of workflowID: String, _ connection: PostgresConnection) throws {
    let records = try conflicts(of: workflowID, status: nil, ids: nil, connection)
    let changed = records.compactMap { record -> (id: ConflictRecord.ID, conflict: Conflict)? in
      let conflict = record.conflict.renamed(by: renames)
      return conflict == record.conflict ? nil : (record.id, conflict)
    }
    guard !changed.isEmpty else { return }
    try connection.execute(
      .renameConflicts, .uuid(workflowID), .int8s(changed.map(\.id.reconciliation)),
      .int8s(changed.map { Int64($0.id.place) }), .texts(changed.map(\.conflict.unitText)),
      .texts(changed.map { $0.conflict.base?.text }), .texts(changed.map { $0.conflict.live?.text }),
      .texts(changed.map { $0.conflict.database?.text }))
  }

  // MARK: Reconciliations

  private static let newestCount: Int64 = 32

  /// The query for the newest records of a document behind a number, newest first, to be read by `reconciliations`.
  static func newest(_ id: Parameter, after number: Int64) -> (Statement, [Parameter]) {
    (.newestReconciliations, [id, .int8(number), .int8(newestCount)])
  }

  static func reconciliations(
    of workflowID: String, before number: Int64, limit: Int, _ connection: PostgresConnection
  ) throws -> [ReconciliationRecord] {
    try reconciliations(
      connection.execute(.reconciliations, .uuid(workflowID), .int8(number), .int8(Int64(limit))))
  }

  static func reconciliations(_ rows: Rows) throws -> [ReconciliationRecord] {
    try (0..<rows.count).map { row in
      let changes = try JSONValue(stored: rows.bytes(row, 3)).array ?? []
      return ReconciliationRecord(
        number: rows.int8(row, 0), kind: ReconciliationRecord.Kind(rawValue: rows.text(row, 1)) ?? .reconcile,
        provenance: provenance(rows, row, 5), lockVersion: rows.int4(row, 2),
        changes: changes.compactMap(ContentChange.init), conflicts: rows.int4(row, 4),
        renames: try renames(rows, row, 11), updateBytes: rows.int4(row, 12), recordedAt: rows.text(row, 10),
        revision: rows.int8(row, 13))
    }
  }

  static func recentReconciliations(
    limit: Int, _ connection: PostgresConnection
  ) throws -> [RecentReconciliation] {
    let rows = try connection.execute(.recentReconciliations, .int8(Int64(limit)))
    return zip(try reconciliations(rows), 0..<rows.count).map { record, row in
      RecentReconciliation(
        workflowID: rows.uuid(row, 14), workflowName: rows.optionalText(row, 15), record: record)
    }
  }

  /// The entities that have got other ids since a record, in the order in which that happened.
  static func renames(
    of workflowID: String, after number: Int64, _ connection: PostgresConnection
  ) throws -> [Rename] {
    let rows = try connection.execute(.renames, .uuid(workflowID), .int8(number))
    return try (0..<rows.count).flatMap { try renames(rows, $0, 0) }
  }

  private static func renames(_ rows: Rows, _ row: Int, _ column: Int) throws -> [Rename] {
    (try JSONValue(stored: rows.bytes(row, column)).array ?? []).compactMap(Rename.init)
  }

  // MARK: Policy

  /// Open conflicts expire, and what has been decided for as long is deleted, with the records of what led to it.
  static let expiry: [Statement] = [.expireConflicts, .deleteConflicts, .deleteReconciliations]

  // MARK: Columns

  static func provenance(_ rows: Rows, _ row: Int, _ column: Int) -> Provenance {
    let source = Provenance.Source(rawValue: rows.text(row, column)) ?? .database
    return Provenance(source, actor: actor(rows, row, column + 1), commit: rows.optionalText(row, column + 4))
  }

  private static func actor(_ rows: Rows, _ row: Int, _ column: Int) -> Actor {
    Actor(
      type: rows.text(row, column), id: rows.optionalText(row, column + 1), name: rows.optionalText(row, column + 2))
  }

  private static func json(_ rows: Rows, _ row: Int, _ column: Int) throws -> JSONValue? {
    try rows.optionalBytes(row, column).map { try JSONValue(stored: $0) }
  }
}

extension Conflict {
  /// The unit as a JSON list.
  var unitText: String { JSONValue.array(unit.map(JSONValue.string)).text }
}

extension Statement {
  fileprivate static let insertConflicts = Statement(
    "insert_conflicts",
    """
    insert into conflicts (workflow_id, reconciliation, place, kind, unit, base, live, database, range_start, range_end,
      winner, result, editors)
    select $1::uuid, $2::bigint, place, kind, array(select json_array_elements_text(unit::json)), base::json,
      live::json, database::json, nullif(range_start, -1), nullif(range_end, -1), winner, result::json,
      array(select json_array_elements_text(editors::json)::bigint)
    from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[],
      $11::text[], $12::text[])
      with ordinality as n(kind, unit, base, live, database, range_start, range_end, winner, result, editors, place)
    """)
  fileprivate static let renameConflicts = Statement(
    "rename_conflicts",
    """
    update conflicts c set unit = array(select json_array_elements_text(n.unit::json)), base = n.base::json,
      live = n.live::json, database = n.database::json
    from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
      as n(reconciliation, place, unit, base, live, database)
    where c.workflow_id = $1 and c.reconciliation = n.reconciliation and c.place = n.place
    """)
  private static let conflictColumns =
    """
    select c.reconciliation, c.place, c.kind, to_json(c.unit)::text, c.base::text, c.live::text, c.database::text,
      c.range_end, c.winner, c.result::text, to_json(c.editors)::text, c.status, c.outcome, c.decided_by_type,
      c.decided_by_id, c.decided_by_name, \(Records.time("c.decided_at")), r.source, r.actor_type, r.actor_id,
      r.actor_name, r.git_commit, \(Records.time("c.inserted_at")), c.range_start, r.kind, r.revision
    from conflicts c join reconciliations r on r.workflow_id = c.workflow_id and r.number = c.reconciliation
    where c.workflow_id = $1 and ($2::text is null or c.status = $2)
    """
  fileprivate static let conflicts = Statement(
    "conflicts",
    """
    \(conflictColumns)
      and ($3::bigint[] is null or (c.reconciliation, c.place) in (select * from unnest($3, $4::bigint[])))
    order by c.reconciliation, c.place
    """)
  fileprivate static let conflictPage = Statement(
    "conflict_page",
    """
    \(conflictColumns) and (c.reconciliation, c.place) < ($3::bigint, $4::bigint)
    order by c.reconciliation desc, c.place desc limit $5
    """)
  fileprivate static let closeConflicts = Statement(
    "close_conflicts",
    """
    update conflicts c set status = 'closed', outcome = n.reason, decided_at = clock_timestamp()
    from unnest($2::bigint[], $3::bigint[], $4::text[]) as n(reconciliation, place, reason)
    where c.workflow_id = $1 and c.status = 'open' and c.reconciliation = n.reconciliation and c.place = n.place
    """)
  private static let reconciliationColumns =
    """
    select r.number, r.kind, r.lock_version, r.changes::text, r.conflicts, r.source, r.actor_type, r.actor_id,
      r.actor_name, r.git_commit, \(Records.time("r.inserted_at")), r.renames::text, r.update_bytes, r.revision
    """
  fileprivate static let reconciliations = Statement(
    "reconciliations",
    """
    \(reconciliationColumns)
    from reconciliations r where r.workflow_id = $1 and r.number < $2 order by r.number desc limit $3
    """)
  fileprivate static let newestReconciliations = Statement(
    "newest_reconciliations",
    """
    \(reconciliationColumns)
    from reconciliations r where r.workflow_id = $1 and r.number > $2 order by r.number desc limit $3
    """)
  fileprivate static let recentReconciliations = Statement(
    "recent_reconciliations",
    """
    \(reconciliationColumns), r.workflow_id, w.name
    from reconciliations r left join workflows w on w.id = r.workflow_id
    where r.kind in ('reconcile', 'recover') order by r.inserted_at desc, r.number desc limit $1
    """)
  fileprivate static let renames = Statement(
    "renames",
    """
    select renames::text from reconciliations
    where workflow_id = $1 and number > $2 and json_array_length(renames) > 0 order by number
    """)
  fileprivate static let expireConflicts = Statement(
    "expire_conflicts",
    """
    update conflicts c set status = 'expired', decided_at = clock_timestamp()
    from (
      select workflow_id, reconciliation, place from conflicts
      where status = 'open' and inserted_at < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where c.status = 'open'
      and (c.workflow_id, c.reconciliation, c.place) = (old.workflow_id, old.reconciliation, old.place)
    """)
  fileprivate static let deleteConflicts = Statement(
    "delete_conflicts",
    """
    delete from conflicts c using (
      select workflow_id, reconciliation, place from conflicts where status <> 'open'
        and coalesce(decided_at, inserted_at) < clock_timestamp() - make_interval(secs => $1::bigint) limit $2
    ) old
    where (c.workflow_id, c.reconciliation, c.place) = (old.workflow_id, old.reconciliation, old.place)
    """)
  fileprivate static let deleteReconciliations = Statement(
    "delete_reconciliations",
    """
    delete from reconciliations r using (
      select workflow_id, number from reconciliations r
      where inserted_at < clock_timestamp() - make_interval(secs => $1::bigint)
        and not exists (select from conflicts c where c.workflow_id = r.workflow_id and c.reconciliation = r.number)
      limit $2
    ) old
    where (r.workflow_id, r.number) = (old.workflow_id, old.number)
    """)
}
