import Workflow

/// The record of a merge that somebody made of a workflow's rows, with the conflicts that it left: written in the
/// transaction that writes the rows, whether anybody ever opened the document or not.
struct MergeRecord {
  let workflowID: String
  /// Names the attempt for good: done twice, it is recorded once.
  let token: String
  let provenance: Provenance
  let conflicts: [Conflict]
  /// What the merge changed in the rows.
  let changes: [ContentChange]
  /// The revision of the rows before.
  let oldRevision: Int64
  /// The rows afterwards.
  let rows: WorkflowRows

  private var id: Parameter { .uuid(workflowID) }

  /// Writes it, and returns the records of the conflicts. The workflow's row is locked; the document's is from here on until the
  /// transaction ends, and whoever appends to it waits that long.
  func write(_ connection: PostgresConnection) throws -> [ConflictRecord] {
    let known = try connection.execute(.mergeRecord, id, .uuid(token))
    if !known.isEmpty { return records(known.int8(0, 0), known.text(0, 1)) }
    var head = try connection.execute(.countMerge, id)
    // Without a document there is nobody who counts.
    if head.isEmpty { head = try connection.execute(.nextNumber, id) }
    let number = head.int8(0, 0)
    let actor = provenance.actor
    let answers = try connection.pipeline([
      (
        .insertReconciliation,
        [
          id, .uuid(token), .text(ReconciliationRecord.Kind.merge.rawValue), .text(actor.type), .text(actor.id),
          .text(actor.name), .int8(oldRevision), .int8(rows.revision), .int4(rows.lockVersion), .int8(head.int8(0, 1)),
          .int4(0), .int4(conflicts.count), .int8(number), .text(provenance.source.rawValue),
          .text(provenance.commit), .bytes(JSONValue.array(changes.map(\.json)).serialized()), .bytes(Array("[]".utf8)),
        ]
      ),
      Records.insert(conflicts, of: id, number),
      // Where the rows stay as they were nothing else tells of it.
      (.notifyOfMerge, [.text(DocumentReplacement.notification + workflowID)]),
    ])
    return records(number, answers[0].text(0, 0))
  }

  private func records(_ number: Int64, _ recordedAt: String) -> [ConflictRecord] {
    conflicts.enumerated().map { place, conflict in
      ConflictRecord(
        id: ConflictRecord.ID(reconciliation: number, place: place + 1), conflict: conflict, provenance: provenance,
        recordedAt: recordedAt, recordedBy: .merge, revision: rows.revision)
    }
  }
}

extension Statement {
  fileprivate static let mergeRecord = Statement(
    "merge_record",
    "select number, \(Records.time("inserted_at")) from reconciliations where workflow_id = $1 and id = $2")
  fileprivate static let countMerge = Statement(
    "count_merge",
    """
    update documents set last_reconciliation = last_reconciliation + 1 where workflow_id = $1
    returning last_reconciliation, last_sequence
    """)
  fileprivate static let nextNumber = Statement("next_number", "select \(Records.lastNumber) + 1, 0::bigint")
  fileprivate static let notifyOfMerge = Statement("notify_of_merge", "select pg_notify('heddle_rows', $1::text)")
}
