public import Workflow
public import YCRDT

/// Merges what somebody wrote to the database into a live document, without losing what people have edited there.
///
/// The merge is three-way: the base says what both sides started from. It is a function of its arguments, so every node
/// comes to the same result. All that is to be done is worked out first and then done in one transaction.
public struct Reconciler: Sendable {
  let policy: Policy

  /// The `deleted_at` of a document whose workflow's row is gone: nothing tells when that was.
  static let unknownDeletionDate = "1970-01-01T00:00:00Z"

  /// A reconciler that decides conflicts by `policy`.
  public init(policy: Policy = .standard) {
    self.policy = policy
  }

  /// Merges the changes from `base` to `rows` into the document, which is to be a fork that authors as the server.
  ///
  /// Nothing at all happens to the document where it has what the rows say, in whatever spelling. Rows of a deleted
  /// workflow (`deletedAt`, or nil where even the row is gone) mark the document as deleted and leave all else. Without a
  /// base the document is kept, what only the rows have is added, and every difference is a conflict. Rows that are
  /// older than the base were merged before, and change nothing.
  ///
  /// O(size of the workflow), plus the differences of the texts that the database changed.
  public func merge(rows: WorkflowRows?, base: Base?, into doc: Doc) throws -> Reconciliation {
    try merge(rows: rows, base: base, into: doc, matchingIdentities: true)
  }

  /// The same; whether entities are looked for that came back under other ids is told.
  func merge(
    rows: WorkflowRows?, base: Base?, into doc: Doc, matchingIdentities: Bool
  ) throws -> Reconciliation {
    var live = LiveWorkflow(doc)
    if let base, let rows, rows.revision < base.revision {
      return Reconciliation(base: base, conflicts: [], changed: false)
    }
    guard let rows, rows.deletedAt == nil else { return try markDeleted(doc, live, rows: rows, base: base) }
    live.foldDuplicates(into: base?.content, policy: policy)
    var (base, renames) = (base, [Rename]())
    if matchingIdentities, let content = base?.content, content != rows.content {
      let matcher = IdentityMatcher(base: content, database: rows.content, live: live, policy: policy)
      renames = matcher.renames
      base?.content = matcher.base
      live.rename(renames)
    }
    let plan = MergePlanner(policy: policy, base: base, rows: rows, live: live).planned()
    var result = try carryOut(plan, on: doc, live, rows: rows, since: base)
    result.renames = renames
    return result
  }

  /// Takes the document back to the rows: unsaved edits go, and so do validation errors. What is equal stays untouched, so
  /// cursors keep their places.
  public func reset(_ doc: Doc, to rows: WorkflowRows) throws -> Reconciliation {
    let live = LiveWorkflow(doc)
    let base = Base(
      content: live.content, ids: doc.liveIDs, revision: rows.revision, lockVersion: rows.lockVersion)
    var plan = MergePlanner(policy: policy, base: base, rows: rows, live: live).planned()
    plan.errors.removeAll()
    return try carryOut(plan, on: doc, live, rows: rows, since: base)
  }

  /// Whether the document holds edits that the base does not have. O(size of the workflow).
  public func isDirty(_ doc: Doc, base: Base) -> Bool {
    LiveWorkflow(doc).differs(from: base.content)
  }

  /// What differs between the base and what the document shows, as far as `isDirty` counts it. O(size of the workflow).
  public func unsavedChanges(in doc: Doc, base: Base) throws(ExtractionError) -> [ContentChange] {
    let shown = try WorkflowDocument.extract(doc)
    let nodes = Set(shown.jobs.map(\.id) + shown.triggers.map(\.id))
    return base.content.changes(to: shown).filter { change in
      if case .position(let node, _)? = Place(change.unit), !nodes.contains(node) { return false }
      func canonical(_ value: JSONValue?) -> CanonicalEntity {
        CanonicalEntity([change.unit[change.unit.count - 1]: value ?? .null])
      }
      return change.unit.count == 2 && change.kind != .changed || canonical(change.before) != canonical(change.after)
    }
  }

  /// Runs `body` in one transaction; also returns whether that changed the document.
  static func transact<R>(_ doc: Doc, _ body: () throws -> R) throws -> (R, Bool) {
    var isChanged = false
    let subscription = doc.observeUpdates { _ in isChanged = true }
    let result = try doc.transact(origin: "reconcile", body)
    withExtendedLifetime(subscription) {}
    return (result, isChanged)
  }

  private func carryOut(
    _ plan: MergePlan, on doc: Doc, _ live: LiveWorkflow, rows: WorkflowRows, since base: Base?
  ) throws -> Reconciliation {
    let baseIDs = base?.ids ?? IdSet()
    var (ids, changed) = (baseIDs, false)
    var conflicts = plan.conflicts
    for index in conflicts.indices {
      // What the server wrote, to carry out somebody's choice, is nobody's edit.
      conflicts[index].editors = live.editors(of: conflicts[index], baseIDs, policy).filter { $0 != doc.clientID }
    }
    if !plan.isEmpty {
      (ids, changed) = try Self.transact(doc) { try plan.apply(to: doc, live: live, since: base) }
    }
    let next = Base(
      content: plan.content, ids: ids, stateVector: doc.stateVector, revision: rows.revision,
      lockVersion: rows.lockVersion)
    if conflicts.contains(where: { $0.winner == .merged }) {
      let shown = LiveWorkflow(doc)
      for index in conflicts.indices where conflicts[index].winner == .merged {
        conflicts[index].result = shown.value(at: conflicts[index].unit, policy)
      }
    }
    return Reconciliation(base: next, conflicts: conflicts, changed: changed)
  }

  /// A workflow that is deleted in the database keeps its document, so that nobody's writing is lost; people see that it
  /// is deleted, and the base stays what it was.
  private func markDeleted(
    _ doc: Doc, _ live: LiveWorkflow, rows: WorkflowRows?, base: Base?
  ) throws -> Reconciliation {
    var base = base ?? Base(content: live.content, ids: doc.liveIDs, revision: 0, lockVersion: 0)
    base.revision = rows?.revision ?? base.revision
    base.lockVersion = rows?.lockVersion ?? base.lockVersion
    var writes: [FieldWrite] = []
    let shown = live.string("deleted_at")
    let deletedAt = rows?.deletedAt ?? shown ?? Self.unknownDeletionDate
    if deletedAt != shown { writes.append(FieldWrite(path: ["deleted_at"], value: .string(deletedAt))) }
    var changed = false
    if !writes.isEmpty { (_, changed) = try Self.transact(doc) { try writes.write(to: live.metadata) } }
    return Reconciliation(base: base, conflicts: [], changed: changed)
  }
}

extension Doc {
  /// All that is in the document and not deleted. As ids of a base's texts this is as good as those of their characters
  /// alone, which are looked up in it, and far smaller.
  fileprivate var liveIDs: IdSet {
    let known = stateVector
    var ids = IdSet()
    for client in known.clients { ids.insert(client, 0..<known[client]) }
    ids.subtract(deleteSet)
    return ids
  }
}
