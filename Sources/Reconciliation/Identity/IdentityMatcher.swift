import Workflow

/// Finds the entities that the database deleted under one id and inserted under another.
///
/// An id that both base and database have is always itself. Of the rest only what is unambiguous is matched: by the
/// natural key where base and database have it once, else by content that both have once, else by a body that is similar
/// to one other alone. What is not matched counts as deleted and inserted.
struct IdentityMatcher {
  private(set) var renames: [Rename] = []
  /// The base with the ids that the database has now.
  private(set) var base: WorkflowContent
  private let policy: Policy
  private var budget: DiffBudget

  /// O(size of the workflow), plus what the policy's limits allow for bodies that are compared with each other.
  init(base: WorkflowContent, database: WorkflowContent, live: LiveWorkflow, policy: Policy) {
    self.base = base
    self.policy = policy
    budget = DiffBudget(DiffLimits(operations: policy.textLimits.comparedLines, searchDepth: 0))
    match(base.jobs, database.jobs, live.jobs)
    match(base.triggers, database.triggers, live.triggers)
    // Edges are known by their ends, so these have to have their new ids.
    match(self.base.edges, database.edges, live.edges)
  }

  private mutating func match<E: Entity>(_ base: [E], _ database: [E], _ live: LiveCollection) {
    guard !base.lazy.map(\.id).elementsEqual(database.lazy.map(\.id)) else { return }
    var candidates = Candidates(base: base, database: database, live: live)
    guard candidates.isOpen else { return }
    let key = policy.rule(for: [E.collection]).naturalKey
    candidates.match(by: .naturalKey) { $0.naturalKey(key) }
    candidates.match(by: .content, \.tellingContent)
    candidates.matchSimilar(budget: &budget)
    renames += candidates.renames
    self.base.rename(candidates.renames)
  }
}
