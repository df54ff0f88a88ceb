import Workflow
import YCRDT

/// Rebuilds a document from its log and looks whether everything else that is stored of it fits. Changes nothing.
///
/// A checkpoint may hold a little more than its number says: edits that were on their way into the log. Where a server ended just
/// then they are in a checkpoint and nowhere else, which is fine: nobody was told that they are stored. So what the log holds has
/// to be in a checkpoint, and what is in both has to be the same.
struct DocumentAudit {
  private let document: AuditedDocument
  private(set) var differences: [DocumentDifference] = []

  init(_ document: AuditedDocument) {
    self.document = document
    checkRecords()
    checkLineage()
    checkRows()
    guard let log = usedLog(), let entries = readable(log.entries) else { return }
    checkHistory(from: log.start, entries)
  }

  private mutating func report(_ kind: DocumentDifference.Kind, _ detail: String) {
    differences.append(DocumentDifference(workflowID: document.workflowID, kind: kind, detail: detail))
  }

  // MARK: What is noted

  private mutating func checkRecords() {
    if document.newestRecord > document.lastReconciliation {
      report(
        .records, "there is a record \(document.newestRecord), and the last is to be \(document.lastReconciliation)")
    }
    if document.hasUnreadableBlame { report(.blame, "what is kept of who wrote it cannot be read") }
  }

  private mutating func checkLineage() {
    guard let noted = document.notedLineage else {
      return report(.lineage, "not exactly one history is noted as the present one")
    }
    if noted != (document.epoch, document.root) {
      report(
        .lineage,
        "the present history is \(document.epoch) from client \(document.root), and noted is \(noted.epoch) from \(noted.root)"
      )
    }
  }

  private mutating func checkRows() {
    guard let base = document.base else { return report(.base, "what it last agreed on with the rows is lost") }
    guard let rows = document.rows, rows.revision == base.revision else { return }
    if rows.lockVersion != base.lockVersion {
      report(
        .rows, "revision \(rows.revision) has lock version \(rows.lockVersion), and merged was \(base.lockVersion)")
    }
    let changes = base.content.changes(to: rows.content)
    guard !changes.isEmpty else { return }
    // Which fields, not what they say.
    let units = changes.prefix(5).map { $0.unit.joined(separator: "/") }.joined(separator: ", ")
    report(.rows, "revision \(rows.revision) of the rows is not what was merged: \(units)")
  }

  // MARK: The log

  /// The part of the log that makes the document, and the checkpoint that it begins with; nil where something of it is missing.
  private mutating func usedLog() -> (
    start: AuditedDocument.Checkpoint?, entries: ArraySlice<(sequence: Int64, data: [UInt8])>
  )? {
    let isWhole = document.entries.first?.sequence == 1
    let start = isWhole ? nil : document.checkpoints.first
    let entries = document.entries.drop { $0.sequence <= start?.sequence ?? 0 }
    var expected = (start?.sequence ?? 0) + 1
    for entry in entries {
      guard entry.sequence == expected else {
        report(.hole, "the log lacks entry \(expected)")
        return nil
      }
      expected += 1
    }
    if expected - 1 < document.lastSequence {
      report(.hole, "the log lacks entry \(expected)")
      return nil
    }
    if expected - 1 > document.lastSequence {
      report(.hole, "the log goes on behind entry \(document.lastSequence), which is to be its last")
    }
    return (start, entries)
  }

  private mutating func readable(
    _ entries: ArraySlice<(sequence: Int64, data: [UInt8])>
  ) -> [(sequence: Int64, updates: [[UInt8]])]? {
    do {
      return try entries.map { ($0.sequence, try LogEntry.updates(of: $0.data)) }
    } catch {
      report(.unreadable, "an entry of the log cannot be read")
      return nil
    }
  }

  private mutating func checkHistory(
    from start: AuditedDocument.Checkpoint?, _ entries: [(sequence: Int64, updates: [[UInt8]])]
  ) {
    guard
      let rebuilt = doc(start?.state, entries.flatMap(\.updates), "the log"),
      let content = content(of: rebuilt, "the log")
    else { return }
    checkContents(rebuilt)
    guard let newest = document.checkpoints.last, newest.sequence != start?.sequence,
      let state = doc(newest.state, [], "the newest checkpoint")
    else { return }
    checkCoverage(of: state, newest.sequence, entries)
    compare(state, entries.filter { $0.sequence > newest.sequence }.flatMap(\.updates), rebuilt, content)
  }

  private mutating func doc(_ state: [UInt8]?, _ updates: [[UInt8]], _ name: String) -> Doc? {
    let doc = Doc()
    do {
      for update in (state.map { [$0] } ?? []) + updates { try doc.apply(update) }
      return doc
    } catch {
      report(.unreadable, "\(name) cannot be read: \(error)")
      return nil
    }
  }

  private mutating func content(of doc: Doc, _ name: String) -> WorkflowContent? {
    do {
      return try WorkflowDocument.extract(doc)
    } catch {
      report(.unreadable, "what \(name) holds is no workflow")
      return nil
    }
  }

  /// All that entries up to the checkpoint's number brought is in it.
  private mutating func checkCoverage(
    of state: Doc, _ sequence: Int64, _ entries: [(sequence: Int64, updates: [[UInt8]])]
  ) {
    // What waits for something missing is in the checkpoint, too, and not in the vector.
    guard !state.hasPending else { return }
    let (known, deleted) = (state.stateVector, state.deleteSet)
    for entry in entries where entry.sequence <= sequence {
      for update in entry.updates {
        guard let added = try? Update.insertions(of: update), var removed = try? Update.deletions(of: update) else {
          continue
        }
        removed.subtract(deleted)
        let isKnown = added.clients.allSatisfy { (added.ranges(of: $0).last?.upperBound ?? 0) <= known[$0] }
        guard isKnown, removed.isEmpty else {
          return report(.checkpoint, "the checkpoint at \(sequence) lacks what entry \(entry.sequence) holds")
        }
      }
    }
  }

  /// With what only the other has each shows the same.
  private mutating func compare(_ state: Doc, _ rest: [[UInt8]], _ rebuilt: Doc, _ content: WorkflowContent) {
    do {
      for update in rest { try state.apply(update) }
      let missing = rebuilt.encodeStateAsUpdate(since: state.stateVector)
      try rebuilt.apply(state.encodeStateAsUpdate(since: rebuilt.stateVector))
      try state.apply(missing)
      let (ours, theirs) = (try WorkflowDocument.extract(state), try WorkflowDocument.extract(rebuilt))
      if ours != theirs {
        let units = theirs.changes(to: ours).prefix(5).map { $0.unit.joined(separator: "/") }
        report(.checkpoint, "the newest checkpoint shows something else than the log: \(units.joined(separator: ", "))")
      } else if WorkflowDocument.lockVersion(of: state) != WorkflowDocument.lockVersion(of: rebuilt)
        || WorkflowDocument.deletedAt(of: state) != WorkflowDocument.deletedAt(of: rebuilt)
      {
        report(.checkpoint, "the newest checkpoint shows another version than the log")
      }
    } catch {
      report(.checkpoint, "the newest checkpoint and the log do not fit together: \(error)")
    }
  }

  // MARK: What the document holds

  private mutating func checkContents(_ doc: Doc) {
    if doc.stateVector[document.serverClientID] < document.serverClock {
      report(
        .clock,
        "servers wrote up to \(document.serverClock) as client \(document.serverClientID), and the document has "
          + "\(doc.stateVector[document.serverClientID])")
    }
    if doc.stateVector[document.root] == 0 { report(.lineage, "nothing in it is from client \(document.root)") }
    if let base = document.base { checkBase(base, doc) }
  }

  /// Texts whose base's characters all are in the document lead from the base to what they show now.
  private mutating func checkBase(_ base: Base, _ doc: Doc) {
    let known = doc.stateVector
    for client in base.ids.clients where (base.ids.ranges(of: client).last?.upperBound ?? 0) > known[client] {
      return report(.base, "the base has characters that are not in the document")
    }
    let bodies = Dictionary(base.content.jobs.map { ($0.id, $0.body) }) { first, _ in first }
    for element in doc.array(WorkflowDocument.jobsRoot).elements {
      guard let map = element.map, let id = map["id"]?.value?.string, let body = bodies[id],
        let text = map["body"]?.text
      else { continue }
      let units = Array(body.utf16)
      guard text.count(of: base.ids) == units.count else { continue }
      if Self.applied(text.changes(since: base.ids), to: units) != text.string {
        return report(.base, "the base of jobs/\(id)/body is not what the document held then")
      }
    }
  }

  private static func applied(_ changes: [TextChange], to units: [UInt16]) -> String? {
    var (result, end): ([UInt16], Int) = ([], 0)
    for change in changes {
      guard change.range.lowerBound >= end, change.range.upperBound <= units.count else { return nil }
      result += units[end..<change.range.lowerBound] + change.replacement.utf16
      end = change.range.upperBound
    }
    return String(decoding: result + units[end...], as: UTF16.self)
  }
}
