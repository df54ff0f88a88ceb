/// What one transaction writes: a row for each document.
struct AppendBatch {
  struct Key: Hashable {
    let id: String
    let incarnation: Int64?

    init(_ append: AppendQueue.Append) {
      id = append.document.workflowID
      incarnation = append.incarnation
    }
  }

  /// What became of a batch, by the places of documents in it.
  struct Outcome {
    /// The numbers that entries got. One without was for a document that is gone, or is another one now.
    var sequences: [Int: Int64] = [:]
    /// Those of which nothing was written because somebody else has the document locked.
    var locked: Set<Int> = []
  }

  private(set) var keys: [Key] = []
  private(set) var indices: [Key: Int] = [:]
  private var entries: [[UInt8]] = []
  private var authors: [LogAuthors] = []

  init(_ appends: [AppendQueue.Append], _ members: inout MemberTexts) {
    for append in appends {
      let key = Key(append)
      let index = indices[key] ?? keys.count
      if index == keys.count {
        indices[key] = index
        keys.append(key)
        entries.append([])
        authors.append(LogAuthors())
      }
      LogEntry.append(append.update, to: &entries[index])
      authors[index].append(members.text(append.author))
    }
  }

  /// One statement is one transaction: locks the documents in the order of their ids, gives each its next number. Nothing is
  /// written to a document that is another one now, nor, unless it is to wait for those, to one that is locked.
  func write(waiting: Bool, _ connection: PostgresConnection) throws(PostgresError) -> Outcome {
    let rows = try connection.execute(
      waiting ? .appendEntries : .appendUnlockedEntries, .uuids(keys.map(\.id)), .byteas(entries),
      .int8s(keys.map { $0.incarnation ?? 0 }), .texts(authors.map(\.text)))
    var outcome = Outcome()
    for row in 0..<rows.count {
      let place = Int(rows.int8(row, 0)) - 1
      if rows.isNull(row, 1) { outcome.locked.insert(place) } else { outcome.sequences[place] = rows.int8(row, 1) }
    }
    return outcome
  }

  /// What became of the documents, by the numbers that their entries got.
  func growth(_ outcome: Outcome) -> [DocumentGrowth] {
    outcome.sequences.map { DocumentGrowth(workflowID: keys[$0.key].id, sequence: $0.value) }
  }
}

extension Statement {
  private static func append(skipping: String) -> String {
    """
    with input as (
      select * from unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::text[]) with ordinality
        as i(workflow_id, data, incarnation, authors, place)
    ), locked as materialized (
      select d.workflow_id, i.place, i.data, i.authors
      from input i join documents d on d.workflow_id = i.workflow_id and i.incarnation in (0, d.incarnation)
      order by d.workflow_id, i.place for no key update of d \(skipping)
    ), fitting as (
      select distinct on (workflow_id) * from locked order by workflow_id, place
    ), advanced as (
      update documents d set last_sequence = d.last_sequence + 1 from fitting f where d.workflow_id = f.workflow_id
      returning d.workflow_id, d.last_sequence, f.place, f.data, f.authors
    ), written as (
      insert into document_updates (workflow_id, sequence, data, authors)
      select workflow_id, last_sequence, data, authors::json from advanced
    )
    select place, last_sequence from advanced
    """
  }

  fileprivate static let appendEntries = Statement("append_entries", append(skipping: ""))
  /// Says of what it left out that it is there.
  fileprivate static let appendUnlockedEntries = Statement(
    "append_unlocked_entries",
    append(skipping: "skip locked")
      + """

      union all
      select i.place, null from input i join documents d on d.workflow_id = i.workflow_id and i.incarnation in (0, d.incarnation)
      where not exists (select from locked l where l.workflow_id = i.workflow_id)
      """)
}
