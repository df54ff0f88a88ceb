import Workflow
import YCRDT

/// What Postgres and the store hold of one document, and what they promise, in memory. Every call is one transaction.
struct StoreContents: Hashable {
  struct Entry: Hashable {
    var sequence: Int64
    var update: [UInt8]
  }

  struct Checkpoint: Hashable {
    var state: [UInt8]
    var through: Int64
  }

  struct Document: Hashable {
    var serverClientID: ClientID
    var serverClock: UInt64
    var log: [Entry]
    var lastSequence: Int64
    var base: Base
    var checkpoint: Checkpoint?
  }

  let name: DocumentName
  private let fault: PlantedFault?
  private(set) var rows: WorkflowRows
  var document: Document?
  private var lastRevision: Int64 = 1
  private var appends = 0

  init(rows: WorkflowRows, fault: PlantedFault?) {
    name = DocumentName(workflowID: rows.content.id)
    self.rows = rows
    self.fault = fault
  }

  // MARK: Reading

  /// Makes the document if there is none.
  mutating func open() -> StoredDocument {
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
      serverClientID: seed.clientID, serverClock: seed.clock, log: [Entry(sequence: 1, update: seed.update)],
      lastSequence: 1,
      base: Base(content: rows.content, ids: seed.ids, revision: rows.revision, lockVersion: rows.lockVersion))
  }

  /// The document as a new process would see it.
  func rebuilt() throws -> Doc {
    let doc = Doc()
    if let checkpoint = document?.checkpoint { try doc.apply(checkpoint.state) }
    for update in updates(after: document?.checkpoint?.through ?? 0) { try doc.apply(update) }
    return doc
  }

  // MARK: Writing

  mutating func append(_ update: [UInt8]) -> Int64 {
    appends += 1
    return write(update, isForgotten: fault == .forgetsAppends && appends % 5 == 0)
  }

  /// Puts an update into the log and returns its number.
  @discardableResult
  mutating func write(_ update: [UInt8], isForgotten: Bool = false) -> Int64 {
    guard var document else { return 0 }
    document.lastSequence += 1
    if !isForgotten { document.log.append(Entry(sequence: document.lastSequence, update: update)) }
    self.document = document
    return document.lastSequence
  }

  /// Whether nobody was faster than who worked out this commit.
  func accepts(_ commit: ServerCommit) -> Bool {
    guard let document else { return false }
    let isCurrent =
      document.base.revision == commit.expectedBaseRevision && document.serverClock == commit.expectedServerClock
    guard isCurrent || fault == .noCompareAndSet else { return false }
    guard case .save(let saved) = commit.kind else { return true }
    return fault == .blindSave || (rows.revision == saved.revision && rows.deletedAt == nil)
  }

  /// Nil means stale.
  mutating func commit(_ commit: ServerCommit) -> CommitResult? {
    guard accepts(commit) else { return nil }
    advanceBase(commit)
    writeUpdate(commit)
    return document.map {
      CommitResult(lastSequence: $0.lastSequence, revision: $0.base.revision, lockVersion: $0.base.lockVersion)
    }
  }

  /// One half of a commit: the rows of a save, and the base.
  mutating func advanceBase(_ commit: ServerCommit) {
    document?.base = commit.base
    guard case .save(let saved) = commit.kind else { return }
    rows = saved
    bumpRevision()
    document?.base.revision = rows.revision
  }

  /// The other half: the log.
  mutating func writeUpdate(_ commit: ServerCommit) {
    let clock = document?.serverClock ?? 0
    document?.serverClock = max(clock, commit.serverClock)
    if !commit.update.isEmpty { write(commit.update) }
  }

  mutating func checkpoint(_ state: [UInt8], through sequence: Int64) {
    guard var document, sequence > document.checkpoint?.through ?? 0 else { return }
    document.checkpoint = Checkpoint(state: state, through: sequence)
    let removed = fault == .compactsTooMuch ? sequence + 1 : sequence
    document.log.removeAll { $0.sequence <= removed }
    self.document = document
  }

  // MARK: Others

  /// Somebody writes to the rows who never heard of Heddle.
  mutating func writeRows(_ change: (inout WorkflowContent) -> Void) {
    change(&rows.content)
    rows.lockVersion += 1
    bumpRevision()
  }

  /// Deletes the workflow softly, or brings it back.
  mutating func setDeleted(_ isDeleted: Bool) {
    guard isDeleted != (rows.deletedAt != nil) else { return }
    rows.deletedAt = isDeleted ? "2026-11-21T10:00:00Z" : nil
    bumpRevision()
  }

  private mutating func bumpRevision() {
    lastRevision += 1
    rows.revision = lastRevision
  }
}
