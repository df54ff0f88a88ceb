/// The ways that runs of a workflow can take: its enabled edges.
struct WorkflowPaths {
  /// The ids of the edges that lie on a cycle of edges that are all taken always, in the workflow's order.
  let endlessEdges: [String]
  /// The jobs of cycles that a run which enters them never leaves, whatever its jobs come to; without those of endless edges.
  let trappingJobs: [String]
  /// The jobs to which no path from a trigger leads.
  let unreachedJobs: [String]
  /// The jobs that lie on any cycle.
  let cyclicJobs: Set<String>

  init(_ content: WorkflowContent) {
    let places = Dictionary(content.jobs.enumerated().map { ($1.id, $0) }) { first, _ in first }
    let ways = content.edges.compactMap { Way($0, places) }
    let count = content.jobs.count
    let always = Digraph(count, ways.filter { $0.condition == "always" })
    endlessEdges = ways.filter { $0.condition == "always" && always.isOnCycle($0) }.map(\.id)
    let endless = Set(ways.filter { $0.condition == "always" && always.isOnCycle($0) }.compactMap(\.source))
    trappingJobs = Self.trap(ways, count).filter { !endless.contains($0) }.map { content.jobs[$0].id }
    let all = Digraph(count, ways)
    cyclicJobs = Set(all.cyclicNodes.map { content.jobs[$0].id })
    let reached = all.nodes(from: ways.filter { $0.source == nil }.map(\.target))
    unreachedJobs = content.jobs.indices.filter { !reached.contains($0) }.map { content.jobs[$0].id }
  }

  /// The jobs on cycles within the largest set of jobs of which each one, successful or not, leads on to another one of the set.
  private static func trap(_ ways: [Way], _ count: Int) -> [Int] {
    let certain = ways.filter { $0.source != nil && $0.condition != "js_expression" }
    var outcomes = [[Int]](repeating: [0, 0], count: count)
    var entering = [[Way]](repeating: [], count: count)
    for way in certain {
      entering[way.target].append(way)
      for outcome in way.outcomes { outcomes[way.source ?? 0][outcome] += 1 }
    }
    var isOut = outcomes.map { $0.contains(0) }
    var rest = isOut.indices.filter { isOut[$0] }
    while let job = rest.popLast() {
      for way in entering[job] {
        guard let source = way.source, !isOut[source] else { continue }
        for outcome in way.outcomes { outcomes[source][outcome] -= 1 }
        guard outcomes[source].contains(0) else { continue }
        isOut[source] = true
        rest.append(source)
      }
    }
    return Digraph(count, certain.filter { !isOut[$0.source ?? 0] && !isOut[$0.target] }).cyclicNodes
  }

  /// An enabled edge, with the places of its ends among the jobs; without a source for one from a trigger.
  struct Way {
    let id: String
    let condition: String
    let source: Int?
    let target: Int

    /// Nil for an edge that is off, or of which an end is not there.
    init?(_ edge: Edge, _ places: [String: Int]) {
      guard edge.enabled || edge.sourceTriggerID != nil, let target = edge.targetJobID.flatMap({ places[$0] }) else {
        return nil
      }
      source = edge.sourceJobID.flatMap { places[$0] }
      guard source != nil || edge.sourceTriggerID != nil else { return nil }
      (id, condition, self.target) = (edge.id, edge.conditionType, target)
    }

    /// What it is taken after: success is 0, failure is 1.
    var outcomes: [Int] {
      switch condition {
      case "always": [0, 1]
      case "on_job_success": [0]
      case "on_job_failure": [1]
      default: []
      }
    }
  }
}
