public import Workflow
public import YCRDT

extension Reconciler {
  /// Merges what a branch holds into the document, three-way, from what the branch started from. `base` is what rows and
  /// document agree on, and stays that: all that comes in is unsaved.
  ///
  /// Where both sides changed the same plain value the document's stands, whatever the policy says: it is the newer one. The
  /// branch's value is in the record, as the database's side.
  public func merge(branch: BranchRecord, into doc: Doc, base: Base, rows: WorkflowRows) throws -> Reconciliation {
    var theirs = rows
    theirs.content = branch.content
    theirs.revision = base.revision
    let start = branch.base.map {
      Base(
        content: common($0, LiveWorkflow(doc), branch.content), ids: base.ids, revision: base.revision,
        lockVersion: base.lockVersion)
    }
    var result = try preferringLive().merge(rows: theirs, base: start, into: doc)
    result.base = base
    return result
  }

  /// What a branch started from, with what its texts and the document's have got in common since.
  private func common(_ start: WorkflowContent, _ live: LiveWorkflow, _ branch: WorkflowContent) -> WorkflowContent {
    var start = start
    var budget = DiffBudget(policy.textLimits)
    let texts = Dictionary(branch.jobs.map { ($0.id, $0.body) }) { first, _ in first }
    for index in start.jobs.indices {
      let job = start.jobs[index]
      guard let theirs = texts[job.id], let ours = live.jobs[job.id]?.fields(as: Job.self)["body"]?.string else {
        continue
      }
      start.jobs[index].body = CommonText.version(of: job.body, live: ours, branch: theirs, budget: &budget)
    }
    return start
  }

  /// Writes to a document that holds what `base` says what another one showed beside that: edits that were not saved.
  public func carryOver(_ content: WorkflowContent, to doc: Doc, base: Base, projectID: String) throws {
    let rows = WorkflowRows(
      content: content, projectID: projectID, lockVersion: base.lockVersion, revision: base.revision)
    _ = try merge(rows: rows, base: base, into: doc)
  }
}
