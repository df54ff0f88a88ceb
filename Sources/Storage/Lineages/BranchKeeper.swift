import Workflow
import YCRDT

/// Keeps what a client of another history brought.
///
/// What clients of one history bring is merged as what it is, edits of one document: so a client that comes again, with the
/// same or with more, adds to the branch that is there.
struct BranchKeeper {
  let draft: BranchDraft
  let maximumBytes: Int
  let maximumOpen: Int
  let connection: PostgresConnection

  private var workflowID: String { draft.document.workflowID }

  /// The history of a branch with what the client brought.
  private struct Joined {
    var branch: Branches.Stored?
    let doc: Doc
    /// The history as it ended, where that is in `doc`.
    var ended: Lineages.Ended?
  }

  /// One transaction.
  func run() throws -> BranchOutcome {
    do {
      return try connection.transaction {
        try Branches.lock(workflowID, connection)
        return try keep()
      }
    } catch let error as UpdateError {
      return .refused("it cannot be read: \(error)")
    }
  }

  private func keep() throws -> BranchOutcome {
    let present = try connection.execute(.presentIncarnation, .uuid(workflowID))
    guard !present.isEmpty, present.int8(0, 0) == draft.incarnation else { return .outdated }
    let brought = try brought()
    let ended = try Lineages.ended(of: workflowID, connection)
    guard let root = try root(of: brought, ended) else { return .incomplete }
    guard let joined = try join(brought, root, ended.first { $0.root == root }) else { return .incomplete }
    let content = WorkflowDocument.salvage(joined.doc, id: workflowID)
    if let branch = joined.branch { return try update(branch, to: joined.doc, content) }
    let base = try base(of: joined, content)
    if let base, base.changes(to: content).isEmpty { return .redundant(.unchanged) }
    if let live = draft.live, live.changes(to: content).isEmpty { return .redundant(.equal) }
    return try add(joined.doc, content, base, root)
  }

  /// What the client brought, which may be as large as a branch.
  private func brought() throws(UpdateError) -> Doc {
    var limits = DocLimits()
    limits.updateBytes = max(maximumBytes, 1 << 16)
    limits.contentBytes = limits.updateBytes * 2
    limits.pendingBytes = limits.updateBytes
    let doc = Doc(limits: limits)
    for update in draft.updates { try doc.apply(update) }
    return doc
  }

  /// What is stored: where it is how a history ended it may be larger than a branch that clients bring.
  private func stored(_ state: [UInt8]) throws(UpdateError) -> Doc {
    let doc = Doc()
    try doc.apply(state)
    return doc
  }

  // MARK: Which history

  /// The root of the client's history: one that is known, or else who wrote the workflow's id.
  private func root(of brought: Doc, _ ended: [Lineages.Ended]) throws -> ClientID? {
    let state = brought.stateVector
    if let known = ended.first(where: { state[$0.root] > 0 }) { return known.root }
    if let writer = brought.map(WorkflowDocument.workflowRoot).id(of: "id")?.client { return writer }
    guard let branch = draft.branch else { return nil }
    let found = try connection.execute(.branchRoot, .uuid(workflowID), .int8(branch))
    return found.isEmpty ? nil : ClientID(found.int8(0, 0))
  }

  /// Adds what the client brought to a branch of its history, or to how the history ended; nil where something is missing.
  private func join(_ brought: Doc, _ root: ClientID, _ ended: Lineages.Ended?) throws -> Joined? {
    for branch in try Branches.stored(of: workflowID, root: root, connection) {
      let before = try stored(branch.state)
      let joined = before.fork(clientID: 1)
      for update in draft.updates { try joined.apply(update) }
      guard !joined.hasPending else { continue }
      if branch.record.number == draft.branch || !loses(joined, of: before, brought) {
        return Joined(branch: branch, doc: joined)
      }
    }
    if let ended, let state = ended.state {
      let joined = try stored(state)
      for update in draft.updates { try joined.apply(update) }
      if !joined.hasPending { return Joined(doc: joined, ended: ended) }
    }
    return brought.hasPending ? nil : Joined(doc: brought)
  }

  /// Whether one client deleted what another, of whom it knew nothing, may have written in: then both are kept apart.
  private func loses(_ joined: Doc, of before: Doc, _ brought: Doc) -> Bool {
    let (old, new) = (before.stateVector, brought.stateVector)
    let knowsAll = { (a: StateVector, b: StateVector) in b.clients.allSatisfy { a[$0] >= b[$0] } }
    let shown = WorkflowDocument.entityIDs(of: joined)
    let lostOld = !knowsAll(new, old) && !WorkflowDocument.entityIDs(of: before).isSubset(of: shown)
    let lostNew = !knowsAll(old, new) && !WorkflowDocument.entityIDs(of: brought).isSubset(of: shown)
    return lostOld || lostNew
  }

  // MARK: What it is compared with

  /// How the history ended, else what was saved under the version that the client shows.
  private func base(of joined: Joined, _ content: WorkflowContent) throws -> WorkflowContent? {
    try joined.ended?.content ?? Branches.saved(under: joined.doc, content, of: workflowID, connection)
  }

  // MARK: Writing

  private func add(
    _ doc: Doc, _ content: WorkflowContent, _ base: WorkflowContent?, _ root: ClientID
  ) throws -> BranchOutcome {
    let state = doc.encodeStateAsUpdate()
    if let refusal = refusal(of: state) { return refusal }
    guard try Branches.openCount(workflowID, connection) < maximumOpen else {
      return .refused("there are \(maximumOpen) branches already that nobody has decided")
    }
    let number = try Branches.insert(content, base: base, state: state, root: root, of: workflowID, connection)
    return try kept(number, isNew: true)
  }

  private func update(_ branch: Branches.Stored, to doc: Doc, _ content: WorkflowContent) throws -> BranchOutcome {
    let before = try stored(branch.state)
    let record = branch.record
    let isSame = before.stateVector == doc.stateVector && before.deleteSet == doc.deleteSet
    let isOpen = record.status == .open
    if isSame { return isOpen ? .kept(record, isNew: false) : .redundant(.decided) }
    let state = doc.encodeStateAsUpdate()
    if let refusal = refusal(of: state) { return refusal }
    let opens = !isOpen && record.base?.changes(to: content).isEmpty != true
    try Branches.update(record.number, of: workflowID, content: content, state: state, opens: opens, connection)
    return isOpen || opens ? try kept(record.number, isNew: opens) : .redundant(.decided)
  }

  private func refusal(of state: [UInt8]) -> BranchOutcome? {
    state.count > maximumBytes
      ? .refused("it has \(state.count) bytes, and a branch may have \(maximumBytes)") : nil
  }

  private func kept(_ number: Int64, isNew: Bool) throws -> BranchOutcome {
    guard let record = try Branches.records(of: workflowID, number: number, connection).first else {
      throw StoreError.damaged("branch \(number) of \(draft.document) is gone")
    }
    return .kept(record, isNew: isNew)
  }
}

extension Statement {
  fileprivate static let presentIncarnation = Statement(
    "present_incarnation", "select incarnation from documents where workflow_id = $1")
  fileprivate static let branchRoot = Statement(
    "branch_root", "select root_client_id from document_branches where workflow_id = $1 and number = $2")
}
