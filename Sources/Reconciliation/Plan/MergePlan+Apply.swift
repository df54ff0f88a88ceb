import Workflow
import YCRDT

/// Carries a plan out. Everything happens inside the caller's transaction.
extension MergePlan {
  /// Writes the plan to the document; returns the ids of the characters that the base consists of from then on.
  func apply(to doc: Doc, live: LiveWorkflow, since base: Base?) throws(YError) -> IdSet {
    let baseIDs = base?.ids ?? IdSet()
    var ids = BaseIDChanges(base: baseIDs, author: doc.clientID, clock: doc.stateVector[doc.clientID])
    try metadata.write(to: live.metadata)
    for id in jobs.ids(where: { $0 == .delete }) {
      if let text = jobs.live[id]?.body { ids.remove(text.ids(of: baseIDs)) }
    }
    for map in try apply(jobs, to: doc) {
      if let text = map["body"]?.text { ids.insert(text.liveIDs()) }
    }
    try apply(triggers, to: doc)
    try apply(edges, to: doc)
    for id in texts.keys.sorted() {
      if let text = texts[id], let job = live.jobs[id] { try text.apply(to: job, &ids, known: base?.stateVector) }
    }
    try live.writeMovedPositions()
    try positions.write(to: live.positions)
    try errors.write(to: live.errors)
    return ids.result
  }

  /// Returns the new entities' maps.
  @discardableResult
  private func apply<E: Entity>(_ collection: CollectionPlan<E>, to doc: Doc) throws(YError) -> [YMap] {
    guard !collection.isEmpty else { return [] }
    let live = collection.live
    for entity in live.first where collection[entity.id] != .delete { try entity.pending.write(to: entity.map) }
    for entity in live.first {
      if let text = entity.pendingText { try entity.rewriteBody(text) }
      if case .update(let writes)? = collection[entity.id] { try writes.write(to: entity.map) }
    }
    let removed = live.first.filter { collection[$0.id] == .delete }.map(\.index) + live.repeated.map(\.index)
    for index in removed.sorted(by: >) { try live.array.remove(at: index) }
    var inserted: [YMap] = []
    for id in collection.ids(where: { $0 == .insert }) {
      if let entity = collection.database[id] { inserted.append(try entity.append(to: doc)) }
    }
    return inserted
  }
}

extension LiveEntity {
  /// Makes the body read `text` with the smallest edits that lead there.
  fileprivate func rewriteBody(_ text: String) throws(YError) {
    guard let body else {
      _ = try map.setText("body", text)
      return
    }
    var budget = DiffBudget()
    try TextDiff.changes(from: body.string, to: text, budget: &budget).edit(body)
  }
}

extension TextPlan {
  fileprivate func apply(
    to job: LiveEntity, _ ids: inout BaseIDChanges, known: StateVector?
  ) throws(YError) {
    var text = job.body
    switch edit {
    case .none, .base: break
    case .live(let changes):
      if let text { try changes.edit(text) }
    case .replace(let content):
      text = try job.map.setText("body", content)
    }
    guard let text else { return }
    switch baseIDs {
    case .merged(let shared, let written, let anchors):
      ids.insert(written)
      var changes = shared.map { TextChange(range: $0, replacement: "") }
      if case .base(let pending) = edit { changes += pending }
      changes.sort { $0.range.lowerBound < $1.range.lowerBound }
      ids.remove(try text.apply(changes, toBase: ids.base(with: anchors), known: known))
      ids.insertAuthored(in: text)
    case .all:
      ids.remove(text.ids(of: ids.base))
      ids.insert(text.liveIDs())
    case .none:
      ids.remove(text.ids(of: ids.base))
    }
  }
}

extension [TextChange] {
  /// Carries out these changes, whose offsets are those of the text as it is.
  fileprivate func edit(_ text: YText) throws(YError) {
    try text.apply(self, toBase: text.liveIDs())
  }
}

/// What becomes of the base's ids during one merge, collected so that the large set is touched once.
private struct BaseIDChanges {
  let base: IdSet
  private let author: ClientID
  private let clock: UInt64
  private var removed = IdSet()
  private var inserted = IdSet()

  /// Characters that `author` wrote from `clock` on are those of this merge.
  init(base: IdSet, author: ClientID, clock: UInt64) {
    self.base = base
    self.author = author
    self.clock = clock
  }

  var result: IdSet {
    var ids = base
    ids.subtract(removed)
    ids.formUnion(inserted)
    return ids
  }

  func base(with others: IdSet) -> IdSet {
    guard !others.isEmpty else { return base }
    var ids = base
    ids.formUnion(others)
    return ids
  }

  mutating func remove(_ ids: IdSet) { removed.insert(contentsOf: ids) }
  mutating func insert(_ ids: IdSet) { inserted.insert(contentsOf: ids) }

  /// Adds the characters of the text that this merge wrote.
  mutating func insertAuthored(in text: YText) {
    for range in text.liveIDs().ranges(of: author) where range.upperBound > clock {
      inserted.insert(author, max(range.lowerBound, clock)..<range.upperBound)
    }
  }
}

extension IdSet {
  /// Adds a small set to a large one, range by range.
  fileprivate mutating func insert(contentsOf other: IdSet) {
    for client in other.clients {
      for range in other.ranges(of: client) { insert(client, range) }
    }
  }
}
