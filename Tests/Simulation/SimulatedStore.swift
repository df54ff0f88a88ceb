import Workflow
import YCRDT

/// The database of a simulation: what Postgres and the store promise, in memory. Every call is one transaction.
final class SimulatedStore {
  struct Document {
    var serverClientID: ClientID
    var serverClock: UInt64
    var log: [(sequence: Int64, update: [UInt8])]
    var lastSequence: Int64
    var base: Base
    var checkpoint: (state: [UInt8], through: Int64)?
  }

  let name: DocumentName
  private let fault: PlantedFault?
  private(set) var rows: WorkflowRows
  private(set) var document: Document?
  private var lastRevision: Int64 = 1
  private var appends = 0
  /// Called with the content before and after each save.
  var onSave: (_ before: WorkflowContent, _ after: WorkflowContent) -> Void = { _, _ in }
  var isAway = false

  init(rows: WorkflowRows, fault: PlantedFault?) {
    name = DocumentName(workflowID: rows.content.id)
    self.rows = rows
    self.fault = fault
  }

  // MARK: Reading

  func open() -> StoredDocument {
    let document = self.document ?? seed()
    self.document = document
    return StoredDocument(
      name: name, epoch: 1, serverClientID: document.serverClientID, checkpoint: document.checkpoint?.state,
      updates: updates(after: document.checkpoint?.through ?? 0), lastSequence: document.lastSequence,
      base: document.base, serverClock: document.serverClock, currentRevision: rows.revision)
  }

  /// Where a checkpoint has replaced what was asked for, the checkpoint comes first.
  func readLog(after sequence: Int64) -> LogTail? {
    document.map { document in
      let replaced = document.checkpoint.flatMap { $0.through > sequence ? [$0.state] : nil } ?? []
      return LogTail(
        updates: replaced + updates(after: sequence), lastSequence: document.lastSequence, base: document.base,
        serverClock: document.serverClock)
    }
  }

  private func updates(after sequence: Int64) -> [[UInt8]] {
    (document?.log ?? []).filter { $0.sequence > sequence }.map(\.update)
  }

  private func seed() -> Document {
    let seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows)
    return Document(
      serverClientID: seed.clientID, serverClock: seed.clock, log: [(1, seed.update)], lastSequence: 1,
      base: Base(content: rows.content, ids: seed.ids, revision: rows.revision, lockVersion: rows.lockVersion))
  }

  /// The document as a new process would see it.
  func rebuilt() throws -> Doc {
    let stored = open()
    let doc = Doc()
    if let checkpoint = stored.checkpoint { try doc.apply(checkpoint) }
    for update in stored.updates { try doc.apply(update) }
    return doc
  }

  // MARK: Writing

  func append(_ update: [UInt8]) -> Int64 {
    guard var document else { return 0 }
    document.lastSequence += 1
    appends += 1
    if fault != .forgetsAppends || appends % 5 != 0 { document.log.append((document.lastSequence, update)) }
    self.document = document
    return document.lastSequence
  }

  /// Nil means stale.
  func commit(_ commit: ServerCommit) -> CommitResult? {
    guard var document else { return nil }
    let isCurrent =
      document.base.revision == commit.expectedBaseRevision && document.serverClock == commit.expectedServerClock
    guard isCurrent || fault == .noCompareAndSet else { return nil }
    var base = commit.base
    if case .save(let saved) = commit.kind {
      let isCurrent = rows.revision == saved.revision && rows.deletedAt == nil
      guard isCurrent || fault == .blindSave else { return nil }
      onSave(rows.content, saved.content)
      rows = saved
      bumpRevision()
      base.revision = rows.revision
    }
    document.base = base
    document.serverClock = max(document.serverClock, commit.serverClock)
    if !commit.update.isEmpty {
      document.lastSequence += 1
      document.log.append((document.lastSequence, commit.update))
    }
    self.document = document
    return CommitResult(lastSequence: document.lastSequence, revision: base.revision, lockVersion: base.lockVersion)
  }

  func checkpoint(_ state: [UInt8], through sequence: Int64) {
    guard var document, sequence > document.checkpoint?.through ?? 0 else { return }
    document.checkpoint = (state, sequence)
    let removed = fault == .compactsTooMuch ? sequence + 1 : sequence
    document.log.removeAll { $0.sequence <= removed }
    self.document = document
  }

  // MARK: Others

  /// Somebody writes to the rows who never heard of Heddle.
  func writeRows(_ change: (inout WorkflowContent) -> Void) {
    change(&rows.content)
    rows.lockVersion += 1
    bumpRevision()
  }

  /// Deletes the workflow softly, or brings it back.
  func setDeleted(_ isDeleted: Bool) {
    guard isDeleted != (rows.deletedAt != nil) else { return }
    rows.deletedAt = isDeleted ? "2026-11-21T10:00:00Z" : nil
    bumpRevision()
  }

  private func bumpRevision() {
    lastRevision += 1
    rows.revision = lastRevision
  }
}
