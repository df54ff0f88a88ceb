import Workflow

/// Makes a document from the rows of its workflow, where there is none.
enum DocumentSeeder {
  /// Returns whether there is a document now. Under the workflow's row lock, so that of two nodes one makes it, from
  /// rows that nobody changes meanwhile.
  static func seed(_ name: DocumentName, _ connection: PostgresConnection) throws -> Bool {
    let id = Parameter.uuid(name.workflowID)
    return try connection.transaction {
      guard !(try connection.execute(.lockWorkflow, id).isEmpty),
        let rows = try WorkflowReader.readLocked(name.workflowID, connection)
      else { return false }
      // The lock of who makes one without rows.
      try Branches.lock(name.workflowID, connection)
      guard try connection.execute(.documentExists, id).isEmpty else { return true }
      try make(name, rows, isNew: false, connection)
      return true
    }
  }

  /// Makes the document, which does not exist, under the lock of its branches. It begins a history of its own, or the one that it
  /// had once more, where its first update is the same. A new workflow has no rows yet; `rows` are what it begins with.
  static func make(_ name: DocumentName, _ rows: WorkflowRows, isNew: Bool, _ connection: PostgresConnection) throws {
    let id = Parameter.uuid(name.workflowID)
    // Without its first row a document's history may still be there. Making another one beside it would double it.
    guard try connection.execute(.traces, id).isEmpty else {
      throw StoreError.damaged("\(name) has a log but no document: it is not made a second time")
    }
    let (epoch, seed) = try Lineages.beginning(of: name, rows, connection)
    let incarnation = try Lineages.newIncarnation(connection)
    var entry: [UInt8] = []
    LogEntry.append(seed.update, to: &entry)
    var author = LogAuthor(rows.provenance, version: rows.lockVersion)
    author.isOlder = true
    let client = WorkflowDocument.authorClientID(name: name, incarnation: incarnation)
    try Branches.reopen(of: name.workflowID, connection)
    try Lineages.begin(epoch, root: seed.clientID, of: name, replacing: "made again from the rows", connection)
    _ = try connection.pipeline([
      (
        .insertDocument,
        [
          id, .int8(epoch), .int8(Int64(client)), .int8(rows.revision), .int4(rows.lockVersion),
          .int8(Int64(seed.clientID)), .int8(incarnation), isNew ? .uuid(rows.projectID) : .null,
        ]
      ),
      (.insertBase, [id, .bytes(rows.content.json.serialized()), .bytes(seed.ids.encoded())]),
      (.insertUpdate, [id, .int8(1), .bytes(entry), .text(LogAuthors.one(author))]),
      (.addBlame, [id]),
      (.clearOutbox, [id, .int8(rows.revision)]),
    ])
  }
}

extension Statement {
  static let lockWorkflow = Statement(
    "lock_workflow", "select revision, lock_version, project_id from workflows where id = $1 for no key update")
  static let insertUpdate = Statement(
    "insert_update",
    "insert into document_updates (workflow_id, sequence, data, authors) values ($1, $2, $3, $4)")
  /// What is written down about a workflow up to a revision is done; at revision 0, for a workflow that is gone. Waits for
  /// nobody who is writing there, since appends would wait as well: what is left over goes with a poll.
  static let clearOutbox = Statement(
    "clear_outbox",
    """
    with done as materialized (
      select workflow_id from workflow_outbox where workflow_id = $1 and
        (revision <= $2 or ($2 = 0 and not exists (select from workflows where id = $1)))
      for update skip locked
    )
    delete from workflow_outbox o using done d where o.workflow_id = d.workflow_id
    """)
  fileprivate static let documentExists = Statement(
    "document_exists", "select 1 from documents where workflow_id = $1")
  fileprivate static let traces = Statement(
    "document_traces",
    """
    select 1 from document_updates where workflow_id = $1
    union all select 1 from document_checkpoints where workflow_id = $1 limit 1
    """)
  fileprivate static let insertDocument = Statement(
    "insert_document",
    """
    insert into documents
      (workflow_id, epoch, server_client_id, server_clock, last_sequence, base_revision, base_lock_version,
        root_client_id, incarnation, new_in_project, last_reconciliation)
    values ($1, $2, $3, 0, 1, $4, $5, $6, $7, $8, \(Records.lastNumber))
    """)
  fileprivate static let insertBase = Statement(
    "insert_base", "insert into document_bases (workflow_id, content, ids) values ($1, $2, $3)")
}
