import Workflow

/// Which job, trigger or edge of a sandbox's workflow is which of the workflow that it is merged into.
///
/// What came from there is known. Of the rest, triggers are matched where there is one on each side, else by their type; jobs
/// by their name, else by what leads to them and where they lead, else by their body; edges by their ends.
struct WorkflowMatching {
  /// By the source's id, the target's.
  private(set) var ids: [String: String] = [:]
  private let source: WorkflowContent
  private let target: WorkflowContent
  /// What both last had in common; nil where nothing is known of that.
  private let base: WorkflowContent?
  private var taken: Set<String> = []

  init(source: WorkflowContent, target: WorkflowContent, base: SandboxBase?) {
    self.source = source
    self.target = target
    self.base = base?.content
    let there = Set(target.entityIDs + (base?.content.entityIDs ?? []))
    for id in source.entityIDs {
      if let origin = base?.origins[id], there.contains(origin) { match(id, origin) }
    }
    matchTriggers()
    matchJobs()
    matchEdges()
  }

  private mutating func match(_ id: String, _ other: String) {
    guard ids[id] == nil, taken.insert(other).inserted else { return }
    ids[id] = other
  }

  // MARK: Triggers

  private mutating func matchTriggers() {
    let (mine, theirs) = (source.triggers.filter { ids[$0.id] == nil }, free(target.triggers, \.id))
    if source.triggers.count == 1, target.triggers.count == 1, let one = mine.first, let other = theirs.first {
      return match(one.id, other.id)
    }
    for type in Set(mine.map(\.type)).sorted() {
      let pairs = zip(mine.filter { $0.type == type }, theirs.filter { $0.type == type })
      for (one, other) in pairs { match(one.id, other.id) }
    }
  }

  // MARK: Jobs

  private mutating func matchJobs() {
    let names = Dictionary(free(target.jobs, \.id).map { ($0.name, $0.id) }) { first, _ in first }
    for job in source.jobs where ids[job.id] == nil {
      if let other = names[job.name] { match(job.id, other) }
    }
    // What one match says of its neighbours may make the next one.
    var count = -1
    while count != ids.count {
      count = ids.count
      matchUnambiguous(Neighbours(source.edges).known(by: ids), Neighbours(target.edges).known(by: nil))
    }
    matchUnambiguous(
      Dictionary(source.jobs.map { ($0.id, $0.body) }) { first, _ in first },
      Dictionary(target.jobs.map { ($0.id, $0.body) }) { first, _ in first })
  }

  /// Matches the jobs that have something which no other job that is left has on its side. What somebody added to the target
  /// since is never taken for something else.
  private mutating func matchUnambiguous<Mark: Hashable>(_ mine: [String: Mark], _ theirs: [String: Mark]) {
    let known = base.map { Set($0.jobs.map(\.id)) }
    let others = free(target.jobs, \.id).map(\.id).filter { known?.contains($0) ?? true }
    let marks = Dictionary(grouping: others.filter { theirs[$0] != nil }) { theirs[$0] }
    let left = source.jobs.map(\.id).filter { ids[$0] == nil && mine[$0] != nil }
    for (mark, jobs) in Dictionary(grouping: left, by: { mine[$0] }) {
      if jobs.count == 1, let found = marks[mark], found.count == 1 { match(jobs[0], found[0]) }
    }
  }

  // MARK: Edges

  private mutating func matchEdges() {
    let ends = Dictionary(free(target.edges, \.id).map { (Ends($0), $0.id) }) { first, _ in first }
    for edge in source.edges where ids[edge.id] == nil {
      if let other = ends[Ends(edge, ids)] { match(edge.id, other) }
    }
  }

  /// Those that nothing is matched with yet.
  private func free<Entity>(_ entities: [Entity], _ id: (Entity) -> String) -> [Entity] {
    entities.filter { !taken.contains(id($0)) }
  }
}

/// Where an edge leads from and to.
private struct Ends: Hashable {
  let source: String?
  let target: String?

  init(_ edge: Edge, _ ids: [String: String] = [:]) {
    source = (edge.sourceTriggerID ?? edge.sourceJobID).map { ids[$0] ?? $0 }
    target = edge.targetJobID.map { ids[$0] ?? $0 }
  }
}

/// What leads to each job, and where it leads.
private struct Neighbours {
  struct Mark: Hashable {
    var parents: Set<String> = []
    var children: Set<String> = []
  }

  private var marks: [String: Mark] = [:]

  init(_ edges: [Edge]) {
    for edge in edges {
      guard let source = edge.sourceTriggerID ?? edge.sourceJobID, let target = edge.targetJobID else { continue }
      marks[source, default: Mark()].children.insert(target)
      marks[target, default: Mark()].parents.insert(source)
    }
  }

  /// By the ids of the other side, where that has all of them; nil: these are the ids.
  func known(by ids: [String: String]?) -> [String: Mark] {
    guard let ids else { return marks }
    return marks.compactMapValues { mark in
      let known = Mark(
        parents: Set(mark.parents.compactMap { ids[$0] }), children: Set(mark.children.compactMap { ids[$0] }))
      let isWhole = known.parents.count == mark.parents.count && known.children.count == mark.children.count
      return isWhole ? known : nil
    }
  }
}
