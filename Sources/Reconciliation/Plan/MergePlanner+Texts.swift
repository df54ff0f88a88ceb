import Workflow
import YCRDT

/// The texts of jobs: both sides' changes are kept; where they are about the same place, that is noted.
extension MergePlanner {
  mutating func planText(of job: LiveEntity, field: String, _ fields: FieldVersions) {
    let live = fields.live[field]?.string ?? ""
    let base = fields.base?[field]?.string
    let database = (fields.database[field]?.string ?? "").withLineEndings(of: base ?? live)
    guard self.base != nil else {
      if live.isSameText(as: database) {
        plan.texts[job.id] = TextPlan(edit: .none, baseIDs: .all)
      } else {
        record(.noBase, job, field, base: nil, live: live, database: database, winner: .live)
        plan.texts[job.id] = TextPlan(edit: .none, baseIDs: .none)
      }
      return
    }
    if let base, base.isSameText(as: database) { return }
    if let base {
      mergeText(of: job, field, base: base, live: live, database: database)
    } else {
      joinText(of: job, field, live: live, database: database)
    }
  }

  /// A text that both sides have since the base.
  private mutating func mergeText(
    of job: LiveEntity, _ field: String, base: String, live: String, database: String
  ) {
    guard let body = job.body, let anchored = AnchoredText(body, ids: self.base?.ids, base: base, live: live) else {
      return mergeStrings(of: job, field, base: base, live: live, database: database)
    }
    if live.isSameText(as: database) {
      let shared = anchored.adding(anchored.written)
      plan.texts[job.id] = TextPlan(
        edit: .none,
        baseIDs: .merged(shared: shared.changes.map(\.range), written: shared.added, anchors: shared.added))
      return
    }
    let changes = TextDiff.changes(from: base, to: database, budget: &budget)
    let merge = TextMerge(live: anchored.changes, database: changes)
    if let overlap = merge.overlap {
      record(.editEdit, job, field, base: base, live: live, database: database, range: overlap, winner: .merged)
    }
    plan.texts[job.id] = joining(anchored, changes, database) ?? merging(merge, into: anchored)
  }

  /// The merge when both sides wrote the same somewhere: these characters count as the base's, so that they do not come
  /// twice. nil where they did not, or where the database's text cannot be seen as an edit of all of them.
  private mutating func joining(
    _ anchored: AnchoredText, _ changes: [TextChange], _ database: String
  ) -> TextPlan? {
    var part = budget.takeHalf()
    let common = TextMerge.writtenByBoth(live: anchored.changes, database: changes, budget: &part)
    budget.giveBack(part)
    guard !common.isEmpty else { return nil }
    let joined = anchored.adding(common)
    guard let spelled = joined.spelled else { return nil }
    let changes = TextDiff.changes(from: spelled.text, to: database, budget: &budget)
    guard !TextMerge.touch(changes, spelled.added) else { return nil }
    var plan = merging(TextMerge(live: joined.changes, database: changes), into: joined)
    if case .merged(let shared, var written, _) = plan.baseIDs {
      written.formUnion(joined.added)
      plan.baseIDs = .merged(shared: shared, written: written, anchors: joined.added)
    }
    return plan
  }

  private func merging(_ merge: TextMerge, into anchored: AnchoredText) -> TextPlan {
    TextPlan(
      edit: merge.pending.isEmpty ? .none : .base(merge.pending),
      baseIDs: .merged(
        shared: merge.shared.map(\.range),
        written: anchored.ids(in: TextMerge.liveRanges(of: merge.shared, in: anchored.changes)), anchors: IdSet()))
  }

  /// A text whose characters cannot be told by their ids: a client put another text, or a plain string, in its place.
  private mutating func mergeStrings(
    of job: LiveEntity, _ field: String, base: String, live: String, database: String
  ) {
    if live.isSameText(as: database) {
      plan.texts[job.id] = TextPlan(edit: .none, baseIDs: .all)
      return
    }
    let merge = StringMerge(base: base, live: live, other: database, budget: &budget)
    if let overlap = merge.overlap {
      record(.editEdit, job, field, base: base, live: live, database: database, range: overlap, winner: .merged)
    }
    splice(merge.edits, into: job, live: live, database: database)
  }

  /// A text that both sides wrote from nothing.
  private mutating func joinText(of job: LiveEntity, _ field: String, live: String, database: String) {
    if live.isSameText(as: database) {
      plan.texts[job.id] = TextPlan(edit: .none, baseIDs: .all)
      return
    }
    let merge = StringMerge(base: nil, live: live, other: database, budget: &budget)
    if !live.isEmpty, !database.isEmpty {
      record(.addAdd, job, field, base: nil, live: live, database: database, winner: .merged)
    }
    splice(merge.edits, into: job, live: live, database: database)
  }

  private mutating func splice(_ edits: [TextChange], into job: LiveEntity, live: String, database: String) {
    let merged = edits.applied(to: live)
    plan.texts[job.id] = TextPlan(
      edit: job.body == nil ? .replace(merged) : edits.isEmpty ? .none : .live(edits),
      baseIDs: merged.isSameText(as: database) ? .all : .none)
  }

  private mutating func record(
    _ kind: Conflict.Kind, _ job: LiveEntity, _ field: String, base: String?, live: String, database: String,
    range: Range<Int>? = nil, winner: Conflict.Winner
  ) {
    plan.conflicts.append(
      Conflict(
        kind: kind, unit: [Job.collection, job.id, field], base: base.map(JSONValue.string), live: .string(live),
        database: .string(database), range: range, winner: winner))
  }

  /// Settles what the base's texts are: as the document spells them where that is the same text.
  mutating func settleTexts() {
    for id in plan.texts.keys where plan.jobs[id] == .delete { plan.texts[id] = nil }
    if base?.content.jobs == rows.content.jobs, let jobs = base?.content.jobs {
      plan.content.jobs = jobs
      return
    }
    for (index, job) in plan.content.jobs.enumerated() {
      if let base = plan.jobs.base[job.id]?.body, base.isSameText(as: job.body) {
        plan.content.jobs[index].body = base
      } else if let live = live.jobs[job.id], plan.jobs[job.id] != .insert {
        let body = live.body?.string ?? ""
        plan.content.jobs[index].body =
          body.isSameText(as: job.body) ? body : job.body.withLineEndings(of: plan.jobs.base[job.id]?.body ?? body)
      }
    }
  }
}
