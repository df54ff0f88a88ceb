import Workflow

/// A `ServerCommit` as one database transaction.
///
/// Row locks are taken in the order that every other writer takes them too: the workflow first, which may have to
/// wait, and the document last, so that nobody's appends wait with it.
struct CommitTransaction {
  let commit: ServerCommit
  /// Names this attempt for good: by it one finds out whether a commit happened whose answer was lost.
  let token: String
  var limit: (any ActivationLimit)?
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
        guard try CommitPermission.holds(for: commit, connection) else { throw Refusal(outcome: .forbidden) }
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
    return CommitResult(
      lastSequence: rows.int8(0, 0), revision: rows.int8(0, 1), lockVersion: rows.int4(0, 2), number: rows.int8(0, 3),
      recordedAt: rows.text(0, 4), followsUnknown: followsUnknown(rows.int8(0, 3) - 1))
  }

  /// Whether who made the commit did not know of the newest record before it.
  private func followsUnknown(_ number: Int64) -> Bool { commit.knownReconciliation.map { number > $0 } ?? false }

  // MARK: The rows

  private func save(_ new: WorkflowRows) throws -> (revision: Int64, lockVersion: Int) {
    let old = try lockedRows(at: new.revision)
    if let why = try Activation(limit: limit, connection: connection).refusal(of: new, replacing: old) {
      throw Refusal(outcome: .limited(why))
    }
    do {
      let event = old == nil ? "created" : "saved"
      let saved = try WorkflowUpdate(old: old, new: new, provenance: commit.provenance, event: event).run(connection)
      try connection.execute(.checkConstraints)
      return saved
    } catch let errors as ValidationErrors {
      throw Refusal(outcome: .invalid(errors))
    } catch let error as PostgresError {
      // Somebody else has written rows of the new workflow.
      if old == nil, error.constraint == "workflows_pkey" { throw Refusal(outcome: .stale(.rows)) }
      guard let errors = ValidationErrors(error, new.content) else { throw error }
      throw Refusal(outcome: .invalid(errors))
    }
  }

  /// The rows, locked, if they have this revision; nil where it says that there are none yet.
  private func lockedRows(at revision: Int64) throws -> WorkflowRows? {
    let locked = try connection.execute(.lockWorkflow, id)
    if revision == Base.noRows, locked.isEmpty { return nil }
    guard !locked.isEmpty, locked.int8(0, 0) == revision,
      let rows = try WorkflowReader.readLocked(commit.document.workflowID, connection)
    else { throw Refusal(outcome: .stale(.rows)) }
    return rows
  }

  // MARK: The document

  private func write(_ base: Base) throws -> CommitResult {
    let head = try connection.execute(.lockDocument, id)
    guard !head.isEmpty else { throw StoreError.unknownDocument }
    guard head.int8(0, 0) == commit.expectedBaseRevision,
      UInt64(bitPattern: head.int8(0, 1)) == commit.expectedServerClock,
      commit.incarnation.map({ $0 == head.int8(0, 7) }) ?? true,
      commit.kind.newProject.map({ $0 == head.optionalUUID(0, 8) }) ?? true
    else { throw Refusal(outcome: .stale(.document)) }
    let canAppend = Self.canAppend(count: head.int4(0, 4), bytes: head.int4(0, 5))
    let sequence = head.int8(0, 2) + (commit.update.isEmpty ? 0 : 1)
    var result = CommitResult(
      lastSequence: sequence, revision: base.revision, lockVersion: base.lockVersion,
      number: head.int8(0, 3) + (commit.kind.recordName == nil ? 0 : 1), followsUnknown: followsUnknown(head.int8(0, 3))
    )
    if !commit.renames.isEmpty {
      try Records.rename(commit.renames, of: commit.document.workflowID, connection)
    }
    if case .recover(let branch) = commit.kind {
      let id = commit.document.workflowID
      guard try Branches.merge(branch, of: id, by: commit.provenance.actor, connection) else {
        throw Refusal(outcome: .stale(.branch))
      }
    }
    let answers = try connection.pipeline(
      statements(base, result, appending: canAppend, oldLockVersion: head.int4(0, 6)))
    if commit.kind.recordName != nil { result.recordedAt = answers[0].text(0, 0) }
    return result
  }

  /// How many differences a stored base consists of at most, and of how many bytes; then it is written whole again.
  private static let maximumDifferences = (count: 32, bytes: 64 << 10)

  private static func canAppend(count: Int, bytes: Int) -> Bool {
    count < maximumDifferences.count && bytes < maximumDifferences.bytes
  }

  /// Writes the base, as far as it differs from what is there.
  private func write(_ base: Base, appending: Bool) -> (Statement, [Parameter]) {
    let ids = Parameter.bytes(base.ids.encoded())
    let known = base.stateVector.map { Parameter.bytes($0.encoded()) } ?? .null
    switch commit.contentWrite {
    case .unchanged: return (.replaceIDs, [id, ids, known])
    case .difference(let difference) where appending:
      let bytes = difference.serialized()
      guard bytes.count < Self.maximumDifferences.bytes else { break }
      return (.appendDifference, [id, .bytes(bytes), ids, known])
    case .difference, .whole: break
    }
    return (.replaceBase, [id, .bytes(base.content.json.serialized()), ids, known])
  }

  private func statements(
    _ base: Base, _ result: CommitResult, appending: Bool, oldLockVersion: Int
  ) -> [(Statement, [Parameter])] {
    var statements: [(Statement, [Parameter])] = []
    if let name = commit.kind.recordName { statements.append((.insertReconciliation, reconciliation(name, result))) }
    statements.append(
      (
        .advanceDocument,
        [
          id, .int8(Int64(bitPattern: commit.serverClock)), .int8(result.lastSequence), .int8(base.revision),
          .int4(base.lockVersion), .int8(result.number),
        ]
      ))
    switch commit.kind {
    case .resolve(let ids, let outcome, let texts):
      statements.append((.resolveConflicts, resolution(ids, outcome, texts)))
    case .recover, .patch, .report: break
    case .reconcile, .save, .reset:
      statements.append(write(base, appending: appending))
      statements.append((.clearOutbox, [id, .int8(base.revision)]))
    }
    if !commit.update.isEmpty {
      var entry: [UInt8] = []
      LogEntry.append(commit.update, to: &entry)
      let authors = LogAuthors.one(author(of: result, oldLockVersion: oldLockVersion))
      statements.append((.insertUpdate, [id, .int8(result.lastSequence), .bytes(entry), .text(authors)]))
    }
    if !commit.conflicts.isEmpty { statements.append(Records.insert(commit.conflicts, of: id, result.number)) }
    return statements
  }

  /// Who the update is by. Rows that somebody wrote past us have the version that they had, which does not hold the change.
  private func author(of result: CommitResult, oldLockVersion: Int) -> LogAuthor {
    var author = LogAuthor(commit.provenance, number: result.number)
    switch commit.kind {
    case .reconcile: author.version = result.lockVersion > oldLockVersion ? result.lockVersion : nil
    case .save, .reset: author.version = result.lockVersion
    case .resolve, .recover, .patch, .report: break
    }
    author.covered = commit.covered
    return author
  }

  private func reconciliation(_ kind: String, _ result: CommitResult) -> [Parameter] {
    let (provenance, actor) = (commit.provenance, commit.provenance.actor)
    return [
      id, .uuid(token), .text(kind), .text(actor.type), .text(actor.id), .text(actor.name),
      .int8(commit.expectedBaseRevision), .int8(result.revision), .int4(result.lockVersion),
      .int8(result.lastSequence), .int4(commit.update.count), .int4(commit.conflicts.count), .int8(result.number),
      .text(provenance.source.rawValue), .text(provenance.commit),
      .bytes(JSONValue.array(commit.changes.map(\.json)).serialized()),
      .bytes(JSONValue.array(commit.renames.map(\.json)).serialized()),
    ]
  }

  private func resolution(
    _ ids: [ConflictRecord.ID], _ outcome: String, _ texts: [ConflictRecord.ID: String]
  ) -> [Parameter] {
    let actor = commit.provenance.actor
    return [
      id, .int8s(ids.map(\.reconciliation)), .int8s(ids.map { Int64($0.place) }), .text(outcome), .text(actor.type),
      .text(actor.id), .text(actor.name), .texts(ids.map { texts[$0].map { JSONValue.string($0).text } }),
    ]
  }
}

extension ServerCommit.Kind {
  /// The project in which a first save makes the rows; nil for all else.
  fileprivate var newProject: String? {
    if case .save(let rows) = self, rows.revision == Base.noRows { rows.projectID } else { nil }
  }

  /// What the record of it calls it; nil for what none is made of. Done twice, that is the same as once.
  fileprivate var recordName: String? {
    switch self {
    case .reconcile: "reconcile"
    case .save: "save"
    case .reset: "reset"
    case .resolve: "resolve"
    case .recover, .patch: "recover"
    case .report: nil
    }
  }
}

extension Statement {
  static let checkConstraints = Statement("check_constraints", "set constraints all immediate")
  fileprivate static let reconciliation = Statement(
    "reconciliation",
    """
    select last_sequence, revision, lock_version, number, \(Records.time("inserted_at"))
    from reconciliations where workflow_id = $1 and id = $2
    """)
  fileprivate static let lockDocument = Statement(
    "lock_document",
    """
    select d.base_revision, d.server_clock, d.last_sequence, d.last_reconciliation, cardinality(b.differences),
      pg_column_size(b.differences), d.base_lock_version, d.incarnation, d.new_in_project
    from documents d join document_bases b using (workflow_id) where d.workflow_id = $1 for no key update of d
    """)
  fileprivate static let advanceDocument = Statement(
    "advance_document",
    """
    update documents set server_clock = $2, last_sequence = $3, base_revision = $4, base_lock_version = $5,
      last_reconciliation = $6, new_in_project = case when $4::bigint = 0 then new_in_project end
    where workflow_id = $1
    """)
  fileprivate static let appendDifference = Statement(
    "append_difference",
    """
    update document_bases set differences = differences || $2::json, ids = $3, state_vector = $4 where workflow_id = $1
    """)
  fileprivate static let replaceIDs = Statement(
    "replace_ids",
    """
    update document_bases set ids = $2, state_vector = $3
    where workflow_id = $1 and (ids <> $2 or state_vector is distinct from $3)
    """)
  fileprivate static let replaceBase = Statement(
    "replace_base", "update document_bases set content = $2, ids = $3, state_vector = $4 where workflow_id = $1")
  static let insertReconciliation = Statement(
    "insert_reconciliation",
    """
    insert into reconciliations (workflow_id, id, kind, actor_type, actor_id, actor_name, from_revision, revision,
      lock_version, last_sequence, update_bytes, conflicts, number, source, git_commit, changes, renames)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    returning \(Records.time("inserted_at"))
    """)
  fileprivate static let resolveConflicts = Statement(
    "resolve_conflicts",
    """
    update conflicts c set status = 'resolved', outcome = $4, decided_by_type = $5, decided_by_id = $6,
      decided_by_name = $7, decided_at = clock_timestamp(), result = coalesce(n.result::json, c.result)
    from unnest($2::bigint[], $3::bigint[], $8::text[]) as n(reconciliation, place, result)
    where c.workflow_id = $1 and c.reconciliation = n.reconciliation and c.place = n.place
    """)
}
