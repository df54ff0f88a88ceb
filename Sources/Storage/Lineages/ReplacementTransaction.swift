import Workflow
import YCRDT

/// Replaces the history of a document, as one transaction.
struct ReplacementTransaction {
  let name: DocumentName
  let maximumBytes: Int
  let connection: PostgresConnection
  let body: (ReplacedDocument) throws -> DocumentReplacement

  private var id: Parameter { .uuid(name.workflowID) }

  /// False where there are no rows, or those of a deleted workflow.
  func run() throws -> Bool {
    try connection.transaction {
      guard !(try connection.execute(.lockWorkflow, id).isEmpty),
        let rows = try WorkflowReader.readLocked(name.workflowID, connection), rows.deletedAt == nil
      else { return false }
      let head = try connection.execute(.lockHead, id)
      let traces = try connection.execute(.lastTrace, id)
      // What nobody ever opened has no history.
      guard !head.isEmpty || !traces.isNull(0, 0) else { return true }
      let sequence = max(head.isEmpty ? 0 : head.int8(0, 0), traces.optionalInt8(0, 0) ?? 0) + 1
      try replace(rows, base: try DocumentReader.base(of: name, connection), sequence)
      return true
    }
  }

  private func replace(_ rows: WorkflowRows, base: Base?, _ sequence: Int64) throws {
    let (updates, damage) = try readable()
    let incarnation = try Lineages.newIncarnation(connection)
    let author = WorkflowDocument.authorClientID(name: name, incarnation: incarnation)
    let new = try body(
      ReplacedDocument(
        author: author, rows: rows, updates: updates, damage: damage ?? (base == nil ? "its base is lost" : nil),
        base: base, begin: { try Lineages.next(name, $0, connection) }))
    try Branches.lock(name.workflowID, connection)
    if !new.isComplete { try Branches.reopen(of: name.workflowID, connection) }
    try keepEnd(of: new, base)
    let unread = damage ?? new.damage
    try Lineages.begin(new.epoch, root: new.root, of: name, replacing: unread ?? "renewed", connection)
    // What waits for something that is lost may be all that there is of an edit.
    if unread != nil || new.ended.hasPending { try connection.execute(.keepRemains, id) }
    let state = new.doc.encodeStateAsUpdate()
    _ = try connection.pipeline([
      (
        .replaceDocument,
        [
          id, .int8(new.epoch), .int8(Int64(author)), .int8(Int64(bitPattern: new.doc.stateVector[author])),
          .int8(sequence), .int8(new.base.revision), .int4(new.base.lockVersion), .int8(Int64(new.root)),
          .int8(incarnation),
        ]
      ),
      (
        .putBase,
        [
          id, .bytes(new.base.content.json.serialized()), .bytes(new.base.ids.encoded()),
          new.base.stateVector.map { .bytes($0.encoded()) } ?? .null,
        ]
      ),
      (.dropLog, [id]), (.dropStates, [id]), (.putState, [id, .int8(sequence), .bytes(state)]), (.dropBlame, [id]),
      (.notifyOfReplacement, [.text(DocumentReplacement.notification + name.workflowID)]),
    ])
  }

  // MARK: The old history

  /// All that is stored and can be taken apart, and the first reason why that is not everything. Of what stands twice, in a
  /// checkpoint and in the log, the one may be readable where the other is not.
  private func readable() throws -> (updates: [[UInt8]], damage: String?) {
    let states = try connection.execute(.allStates, id)
    var updates = (0..<states.count).map { states.bytes($0, 1) }
    var last = states.isEmpty ? 0 : states.int8(0, 0)
    var damage: String?
    let entries = try connection.execute(.wholeLog, id)
    for row in 0..<entries.count {
      let sequence = entries.int8(row, 0)
      let isCovered = sequence <= last
      if !isCovered, sequence != last + 1 { damage = damage ?? "its log lacks entry \(last + 1)" }
      do throws(StoreError) {
        updates += try LogEntry.updates(of: entries.bytes(row, 1))
      } catch {
        if !isCovered { damage = damage ?? "\(error)" }
      }
      last = max(last, sequence)
    }
    let head = try connection.execute(.lockHead, id)
    let isWhole = !head.isEmpty && head.int8(0, 0) <= last
    return (updates, damage ?? (isWhole ? nil : "its log ends too early, at entry \(last)"))
  }

  /// Keeps how the history ends, so that it is known what its clients have beyond that. What it shows and the new one does not
  /// becomes a branch.
  private func keepEnd(of new: DocumentReplacement, _ base: Base?) throws {
    let known = new.ended.stateVector
    guard !known.isEmpty else { return }
    let state = new.ended.encodeStateAsUpdate()
    let content = WorkflowDocument.salvage(new.ended, id: name.workflowID)
    try Lineages.keep(
      name, stateVector: known, state: state.count <= maximumBytes ? state : nil,
      content: new.isComplete ? content : nil, connection)
    let isLost = !new.isComplete && !new.base.content.changes(to: content).isEmpty
    guard isLost, base?.content.changes(to: content).isEmpty != true else { return }
    let root = try connection.execute(.presentRoot, id)
    guard !root.isEmpty else { return }
    _ = try Branches.insert(
      content, base: base?.content, state: state, root: ClientID(root.int8(0, 0)), of: name.workflowID, connection)
  }
}

extension Statement {
  fileprivate static let lockHead = Statement(
    "lock_head",
    "select last_sequence from documents where workflow_id = $1 for update")
  fileprivate static let lastTrace = Statement(
    "last_trace",
    """
    select greatest((select max(sequence) from document_updates where workflow_id = $1),
      (select max(sequence) from document_checkpoints where workflow_id = $1))
    """)
  fileprivate static let allStates = Statement(
    "all_states", "select sequence, state from document_checkpoints where workflow_id = $1 order by sequence desc")
  fileprivate static let wholeLog = Statement(
    "whole_log", "select sequence, data from document_updates where workflow_id = $1 order by sequence")
  fileprivate static let presentRoot = Statement(
    "present_root", "select root_client_id from document_lineages where workflow_id = $1 and ended_at is null")
  fileprivate static let replaceDocument = Statement(
    "replace_document",
    """
    insert into documents (workflow_id, epoch, server_client_id, server_clock, last_sequence, base_revision,
      base_lock_version, root_client_id, incarnation, last_reconciliation)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, \(Records.lastNumber))
    on conflict (workflow_id) do update set (epoch, server_client_id, server_clock, last_sequence, base_revision,
      base_lock_version, root_client_id, incarnation, database_life)
      = ($2, $3, $4, $5, $6, $7, $8, $9, heddle_database_life())
    """)
  fileprivate static let putBase = Statement(
    "put_base",
    """
    insert into document_bases (workflow_id, content, ids, state_vector) values ($1, $2, $3, $4)
    on conflict (workflow_id) do update set (content, ids, state_vector) = ($2, $3, $4)
    """)
  fileprivate static let keepRemains = Statement(
    "keep_remains",
    """
    insert into document_remains (workflow_id, kind, sequence, data)
    select workflow_id, 'update', sequence, data from document_updates where workflow_id = $1
    union all select workflow_id, 'checkpoint', sequence, state from document_checkpoints where workflow_id = $1
    """)
  fileprivate static let dropLog = Statement("drop_log", "delete from document_updates where workflow_id = $1")
  fileprivate static let dropStates = Statement(
    "drop_states", "delete from document_checkpoints where workflow_id = $1")
  fileprivate static let putState = Statement(
    "put_state", "insert into document_checkpoints (workflow_id, sequence, state) values ($1, $2, $3)")
  /// Of the new history it is only known that it was written before now.
  fileprivate static let dropBlame = Statement(
    "drop_blame",
    """
    insert into document_blame (workflow_id) values ($1)
    on conflict (workflow_id) do update set authorship = null, inserted_at = clock_timestamp()
    """)
  fileprivate static let notifyOfReplacement = Statement(
    "notify_of_replacement", "select pg_notify('heddle_rows', $1::text)")
}
