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
    with input as materialized (
      select * from unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::text[]) with ordinality
        as i(workflow_id, data, incarnation, authors, place)
    ), locked as materialized (
      select d.workflow_id, d.last_sequence, d.incarnation
      from documents d where d.workflow_id in (select workflow_id from input)
      order by d.workflow_id for no key update of d \(skipping)
    ), fitting as materialized (
      select distinct on (l.workflow_id) l.workflow_id, i.place, i.data, i.authors
      from locked l join input i on i.workflow_id = l.workflow_id and i.incarnation in (0, l.incarnation)
      order by l.workflow_id, i.place
    ), advanced as (
      update documents d set last_sequence = d.last_sequence + 1 from fitting f where d.workflow_id = f.workflow_id
      returning d.workflow_id, d.last_sequence
    ), written as (
      insert into document_updates (workflow_id, sequence, data, authors)
      select a.workflow_id, a.last_sequence, f.data, f.authors::json from advanced a join fitting f on f.workflow_id = a.workflow_id
      returning workflow_id, sequence
    )
    select f.place, w.sequence from written w join fitting f on f.workflow_id = w.workflow_id
    """
  }

  fileprivate static let appendEntries = Statement("append_entries", append(skipping: ""))
  /// Says of what it left out that it is there.
  fileprivate static let appendUnlockedEntries = Statement(
    "append_unlocked_entries",
    append(skipping: "skip locked")
      + """

      union all
      select i.place, null from input i join documents d on d.workflow_id = i.workflow_id
      where not exists (select from locked l where l.workflow_id = i.workflow_id)
      """)
}
