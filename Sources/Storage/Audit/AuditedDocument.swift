import Workflow
import YCRDT

/// All that is stored of a document and its rows, in one state of the database.
struct AuditedDocument {
  struct Checkpoint {
    var sequence: Int64
    var state: [UInt8]
  }

  var workflowID: String
  /// Nil where the document's own row is there and its base is not, or cannot be read.
  var base: Base?
  var lastSequence: Int64
  var serverClientID: ClientID
  var serverClock: UInt64
  var root: ClientID
  var epoch: Int64
  var lastReconciliation: Int64
  /// Oldest first.
  var checkpoints: [Checkpoint]
  var entries: [(sequence: Int64, data: [UInt8])]
  var rows: WorkflowRows?
  /// Whether there is anything in the place of who wrote the document that cannot be read.
  var hasUnreadableBlame: Bool
  /// Of the history that is noted as the present one; nil where none or several are.
  var notedLineage: (epoch: Int64, root: ClientID)?
  var newestRecord: Int64

  /// Nil where there is no such document; `tooLarge` where more is stored of it than `maximumBytes`.
  static func read(
    _ workflowID: String, maximumBytes: Int, _ connection: PostgresConnection
  ) throws -> AuditedDocument? {
    let id = Parameter.uuid(workflowID)
    let size = try connection.execute(.auditedSize, id)
    guard size.int8(0, 0) <= Int64(maximumBytes) else { throw TooLarge(bytes: Int(size.int8(0, 0))) }
    let rows = try connection.snapshot(
      [
        (.auditedHead, [id]), (.document, [id]), (.auditedCheckpoints, [id]), (.auditedLog, [id]),
        (.auditedLineages, [id]),
      ] + WorkflowReader.parts(of: workflowID))
    let head = rows[0]
    guard !head.isEmpty else { return nil }
    return AuditedDocument(
      workflowID: workflowID, base: rows[1].isEmpty ? nil : try? DocumentReader.base(rows[1]),
      lastSequence: head.int8(0, 0), serverClientID: ClientID(head.int8(0, 1)),
      serverClock: UInt64(bitPattern: head.int8(0, 2)), root: ClientID(head.int8(0, 3)), epoch: head.int8(0, 4),
      lastReconciliation: head.int8(0, 5),
      checkpoints: (0..<rows[2].count).map { Checkpoint(sequence: rows[2].int8($0, 0), state: rows[2].bytes($0, 1)) },
      entries: (0..<rows[3].count).map { (rows[3].int8($0, 0), rows[3].bytes($0, 1)) },
      rows: try WorkflowReader.workflow(of: Array(rows[5...])),
      hasUnreadableBlame: isUnreadable(blame: head.optionalBytes(0, 6)),
      notedLineage: rows[4].count == 1 ? (rows[4].int8(0, 0), ClientID(rows[4].int8(0, 1))) : nil,
      newestRecord: head.int8(0, 7))
  }

  private static func isUnreadable(blame text: [UInt8]?) -> Bool {
    guard let text else { return false }
    guard let json = try? JSONValue(stored: text) else { return true }
    return Authorship(json: json, precision: 1) == nil
  }

  /// A document of which more is stored than an audit may take into memory.
  struct TooLarge: Error {
    let bytes: Int
  }
}

extension Statement {
  fileprivate static let auditedSize = Statement(
    "audited_size",
    """
    select coalesce((select sum(octet_length(data)) from document_updates where workflow_id = $1), 0)::bigint
      + coalesce((select sum(octet_length(state)) from document_checkpoints where workflow_id = $1), 0)::bigint
    """)
  fileprivate static let auditedHead = Statement(
    "audited_head",
    """
    select d.last_sequence, d.server_client_id, d.server_clock, d.root_client_id, d.epoch, d.last_reconciliation,
      b.authorship::text,
      coalesce((select max(number) from reconciliations r where r.workflow_id = d.workflow_id), 0)::bigint
    from documents d left join document_blame b using (workflow_id) where d.workflow_id = $1
    """)
  fileprivate static let auditedCheckpoints = Statement(
    "audited_checkpoints", "select sequence, state from document_checkpoints where workflow_id = $1 order by sequence")
  fileprivate static let auditedLog = Statement(
    "audited_log", "select sequence, data from document_updates where workflow_id = $1 order by sequence")
  fileprivate static let auditedLineages = Statement(
    "audited_lineages",
    "select epoch, root_client_id from document_lineages where workflow_id = $1 and ended_at is null")
}
