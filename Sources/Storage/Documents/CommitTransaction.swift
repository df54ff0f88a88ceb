import Workflow

/// A `ServerCommit` as one database transaction.
///
/// Row locks are taken in the order that every other writer takes them too: the workflow first, which may have to
/// wait, and the document last, so that nobody's appends wait with it.
struct CommitTransaction {
  let commit: ServerCommit
  /// Names this attempt for good: by it one finds out whether a commit happened whose answer was lost.
  let token: String
  let connection: PostgresConnection

  /// Breaks the transaction off with an outcome that is no error.
  private struct Refusal: Error {
    let outcome: CommitOutcome
  }

  private var id: Parameter { .uuid(commit.document.workflowID) }

  func run() throws -> CommitOutcome {
    do {
      return try connection.transaction {
        var base = commit.base
        if case .save(let rows) = commit.kind {
          let saved = try save(rows)
          base.revision = saved.revision
          base.lockVersion = saved.lockVersion
        }
        return .committed(try write(base))
      }
    } catch let refusal as Refusal {
      return refusal.outcome
    }
  }

  /// What became of an earlier attempt under the same token; nil where it did not happen.
  func earlierResult() throws -> CommitResult? {
    let rows = try connection.execute(.reconciliation, id, .uuid(token))
    guard !rows.isEmpty else { return nil }
    return CommitResult(lastSequence: rows.int8(0, 0), revision: rows.int8(0, 1), lockVersion: rows.int4(0, 2))
  }

  // MARK: The rows

  private func save(_ new: WorkflowRows) throws -> (revision: Int64, lockVersion: Int) {
    let locked = try connection.execute(.lockWorkflow, id)
    guard !locked.isEmpty, locked.int8(0, 0) == new.revision,
      let old = try WorkflowReader.readLocked(commit.document.workflowID, connection)
    else { throw Refusal(outcome: .stale(.rows)) }
    do {
      let saved = try WorkflowUpdate(old: old, new: new, actor: commit.actor, event: "saved").run(connection)
      try connection.execute(.checkConstraints)
      return saved
    } catch let errors as ValidationErrors {
      throw Refusal(outcome: .invalid(errors))
    } catch let error as PostgresError {
      guard let errors = ValidationErrors(error, new.content) else { throw error }
      throw Refusal(outcome: .invalid(errors))
    }
  }

  // MARK: The document

  private func write(_ base: Base) throws -> CommitResult {
    let head = try connection.execute(.lockDocument, id)
    guard !head.isEmpty else { throw StoreError.unknownDocument }
    guard head.int8(0, 0) == commit.expectedBaseRevision,
      UInt64(bitPattern: head.int8(0, 1)) == commit.expectedServerClock
    else { throw Refusal(outcome: .stale(.document)) }
    let sequence = head.int8(0, 2) + (commit.update.isEmpty ? 0 : 1)
    let result = CommitResult(lastSequence: sequence, revision: base.revision, lockVersion: base.lockVersion)
    _ = try connection.pipeline(statements(base, result))
    return result
  }

  private func statements(_ base: Base, _ result: CommitResult) -> [(Statement, [Parameter])] {
    var statements: [(Statement, [Parameter])] = [
      (
        .advanceDocument,
        [
          id, .int8(Int64(bitPattern: commit.serverClock)), .int8(result.lastSequence), .int8(base.revision),
          .int4(base.lockVersion),
        ]
      ),
      (.replaceBase, [id, .bytes(base.content.json.serialized()), .bytes(base.ids.encoded())]),
      (.insertReconciliation, reconciliation(result)),
      (.clearOutbox, [id, .int8(base.revision)]),
    ]
    if !commit.update.isEmpty {
      var entry: [UInt8] = []
      LogEntry.append(commit.update, to: &entry)
      statements.append((.insertUpdate, [id, .int8(result.lastSequence), .bytes(entry)]))
    }
    if !commit.conflicts.isEmpty { statements.append((.insertConflicts, conflicts())) }
    return statements
  }

  private func reconciliation(_ result: CommitResult) -> [Parameter] {
    let kind =
      switch commit.kind {
      case .reconcile: "reconcile"
      case .save: "save"
      case .reset: "reset"
      }
    return [
      id, .uuid(token), .text(kind), .text(commit.actor.type), .text(commit.actor.id), .text(commit.actor.name),
      .int8(commit.expectedBaseRevision), .int8(result.revision), .int4(result.lockVersion),
      .int8(result.lastSequence), .int4(commit.update.count), .int4(commit.conflicts.count),
    ]
  }

  private func conflicts() -> [Parameter] {
    let conflicts = commit.conflicts
    return [
      id, .uuid(token), .texts(conflicts.map(\.kind.rawValue)),
      .texts(conflicts.map { JSONValue.array($0.unit.map(JSONValue.string)).text }),
      .texts(conflicts.map { $0.base?.text }),
      .texts(conflicts.map { $0.live?.text }), .texts(conflicts.map { $0.database?.text }),
      .int8s(conflicts.map { Int64($0.range?.lowerBound ?? -1) }),
      .int8s(conflicts.map { Int64($0.range?.upperBound ?? -1) }), .texts(conflicts.map(\.winner.rawValue)),
    ]
  }
}

extension Statement {
  static let checkConstraints = Statement("check_constraints", "set constraints all immediate")
  fileprivate static let reconciliation = Statement(
    "reconciliation",
    "select last_sequence, revision, lock_version from reconciliations where workflow_id = $1 and id = $2")
  fileprivate static let lockDocument = Statement(
    "lock_document",
    "select base_revision, server_clock, last_sequence from documents where workflow_id = $1 for no key update")
  fileprivate static let advanceDocument = Statement(
    "advance_document",
    """
    update documents set server_clock = $2, last_sequence = $3, base_revision = $4, base_lock_version = $5
    where workflow_id = $1
    """)
  fileprivate static let replaceBase = Statement(
    "replace_base", "update document_bases set content = $2, ids = $3 where workflow_id = $1")
  fileprivate static let insertReconciliation = Statement(
    "insert_reconciliation",
    """
    insert into reconciliations (workflow_id, id, kind, actor_type, actor_id, actor_name, from_revision, revision,
      lock_version, last_sequence, update_bytes, conflicts)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    """)
  fileprivate static let insertConflicts = Statement(
    "insert_conflicts",
    """
    insert into conflicts
      (workflow_id, reconciliation_id, kind, unit, base, live, database, range_start, range_end, winner)
    select $1::uuid, $2::uuid, kind, array(select json_array_elements_text(unit::json)), base::json, live::json,
      database::json, nullif(range_start, -1), nullif(range_end, -1), winner
    from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[])
      as n(kind, unit, base, live, database, range_start, range_end, winner)
    """)
}
