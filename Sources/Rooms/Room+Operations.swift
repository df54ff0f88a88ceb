import Reconciliation
import Workflow
import YCRDT

extension Room {
  /// What the store is doing for this room besides appending. One at a time: each step needs the result of the last.
  enum Operation: Hashable, Codable {
    case readingLog
    case readingRows
    case committing(Computed)
  }

  /// Something the server worked out on a fork and wants to see committed.
  struct Computed: Hashable, Codable {
    var update: [UInt8]
    /// The clock of the server's client id after the update.
    var serverClock: UInt64
    var base: Base
    var conflicts: [Conflict]
    var purpose: Purpose
    var rows: WorkflowRows?
    /// The state of the document afterwards.
    var state: StateVector
    var changes: [ContentChange] = []
    var renames: [Rename] = []
    var provenance = Provenance.unknown
  }

  enum Purpose: Hashable, Codable {
    case reconcile
    case save(RequestID)
    case reset(RequestID)
    case resolve(RequestID, [ConflictRecord.ID])
    case recover(RequestID, BranchRecord)
    /// A save is refused, and everybody is to see why.
    case report(RequestID, ValidationErrors)
    case patch(RequestID)

    /// The conflicts that it decides.
    var decides: [ConflictRecord.ID] {
      if case .resolve(_, let ids) = self { ids } else { [] }
    }

    /// Who waits for it.
    var request: RequestID? {
      switch self {
      case .reconcile: nil
      case .save(let id), .reset(let id), .resolve(let id, _), .recover(let id, _), .patch(let id),
        .report(let id, _):
        id
      }
    }
  }

  struct WaitingRequest: Hashable, Codable {
    let id: RequestID
    var request: Request
    var attempts = 0
    /// Whether a save is to switch the triggers off: the workflow may not be active.
    var isInactive = false
  }

  // MARK: What is to be done

  mutating func rowsChanged() {
    guard name.version == nil else { return }
    needsReconcile = true
    loadIfNeeded()
    advance()
  }

  mutating func accept(_ request: Request, id: RequestID) {
    guard !isDraining else { return effects.append(.reply(id, .restarting)) }
    guard restoringAppend == nil || request.isRead else { return effects.append(.reply(id, .unavailable)) }
    if name.version != nil, request != .read { return effects.append(.reply(id, .readOnly)) }
    requests.append(WaitingRequest(id: id, request: request))
    // Who asks learns at once whether the store is still away.
    retryAt = nil
    loadIfNeeded()
    advance()
  }

  /// Starts the next step, if none is under way: catch up with other nodes, then look at the rows.
  mutating func advance() {
    answerReads()
    defer { if isDraining { unloadIfIdle() } }
    guard operation == nil, retryAt == nil, base != nil, restoringAppend == nil else { return }
    if isBehindLog {
      needsLog = false
      operation = .readingLog
      readAfter = knownSequence
      effects.append(.readLog(after: knownSequence))
    } else if needsReconcile || !requests.isEmpty {
      needsReconcile = false
      operation = .readingRows
      effects.append(.readRows)
    }
  }

  private mutating func answerReads() {
    guard isServing else { return }
    for waiting in requests where waiting.request.isRead {
      let reply: Reply =
        switch waiting.request {
        case .read: live()
        case .conflicts: .conflicts(standingConflicts)
        default: .opened
        }
      effects.append(.reply(waiting.id, reply))
    }
    requests.removeAll { $0.request.isRead }
  }

  var reconciler: Reconciler { Reconciler(policy: configuration.policy) }

  /// Whether the document holds edits that the rows do not have.
  var isDirty: Bool { newInProject != nil || base.map { reconciler.isDirty(doc, base: $0) } ?? false }

  private func live() -> Reply {
    do {
      let content = try WorkflowDocument.extract(doc)
      return .live(
        LiveWorkflow(
          content: content, lockVersion: base?.lockVersion ?? WorkflowDocument.lockVersion(of: doc) ?? 0,
          deletedAt: deletedAt, isDirty: isDirty, version: version(of: content)))
    } catch {
      return .unreadable("\(error)")
    }
  }

  /// The version that the document is now, if it is neither behind the log nor ahead of it.
  private func version(of content: WorkflowContent) -> DocumentVersion? {
    guard let base, let lineage, !hasPendingAppends, !isBehindLog else { return nil }
    return DocumentVersion(
      incarnation: lineage.incarnation, sequence: knownSequence, content: content, revision: base.revision)
  }

  // MARK: A store that is away

  /// A commit of which no answer came may have been made.
  mutating func storeFailed() {
    guard let operation else { return }
    self.operation = nil
    needsLog = needsLog || operation != .readingRows
    giveUpRequests(.unavailable)
    retryLater()
  }

  /// Trying again helps only once somebody has mended it. A room that nobody is in need not wait for that: whoever comes next
  /// has the document read again.
  mutating func storeRefused(_ why: String) {
    guard let operation else { return }
    self.operation = nil
    guard !members.isEmpty || hasPendingAppends || hasUnkeptBranches else { return abandon(.failed(why)) }
    needsLog = needsLog || operation != .readingRows
    giveUpRequests(.failed(why))
    retryLater()
    retryAt = now + configuration.maximumRetryDelay
  }

  mutating func giveUpRequests(_ reply: Reply) {
    for waiting in requests where !waiting.request.isRead { effects.append(.reply(waiting.id, reply)) }
    requests.removeAll { !$0.request.isRead }
  }

  /// Begins anew after a while, with a look at the rows.
  mutating func retryLater() {
    needsReconcile = true
    let delay = configuration.retryDelay << min(failures, 16)
    let limit = configuration.maximumRetryDelay
    failures += 1
    retryAt = now + min(delay, requests.isEmpty ? limit : min(limit, configuration.maximumAwaitedRetryDelay))
  }
}
