import TestSupport
import Testing

@testable import Workflow

/// What is said of cycles, against a search through all that there are.
@Suite struct PathSearchTests {
  private typealias Step = (from: Int, to: Int, edge: Edge)

  /// A search that knows nothing of components and fixed points: it tries every cycle and every set of jobs.
  private struct Search {
    let jobs: Int
    let steps: [Step]

    /// All steps of cycles that are made of steps of this kind.
    func cycle(_ isUsed: (Step) -> Bool) -> [Step] {
      let used = steps.filter(isUsed)
      return used.filter { leads(from: $0.to, to: $0.from, used, [$0.to]) }
    }

    private func leads(from start: Int, to end: Int, _ used: [Step], _ path: [Int]) -> Bool {
      if start == end { return true }
      return used.contains { step in
        step.from == start && !path.contains(step.to) && leads(from: step.to, to: end, used, path + [step.to])
      }
    }

    /// The union of all sets of jobs that no outcome leaves.
    var trap: Set<Int> {
      var trap: Set<Int> = []
      for bits in 1..<(1 << jobs) {
        let set = Set((0..<jobs).filter { bits >> $0 & 1 == 1 })
        let isClosed = set.allSatisfy { job in
          ["on_job_success", "on_job_failure"].allSatisfy { outcome in
            steps.contains { step in
              step.from == job && set.contains(step.to) && ["always", outcome].contains(step.edge.conditionType)
            }
          }
        }
        if isClosed { trap.formUnion(set) }
      }
      return trap
    }
  }

  private func random(_ random: inout SeededGenerator) -> WorkflowContent {
    let jobs = Int.random(in: 1...5, using: &random)
    let names = "ABCDE".prefix(jobs)
    let edges = (0..<Int.random(in: 0...12, using: &random)).compactMap { number -> Edge? in
      guard let from = names.randomElement(using: &random), let to = names.randomElement(using: &random), from != to
      else { return nil }
      let condition = ["always", "always", "on_job_success", "on_job_failure", "js_expression"]
      return Edge(
        id: "\(number)", conditionType: condition.randomElement(using: &random) ?? "",
        enabled: Int.random(in: 0..<6, using: &random) > 0, sourceJobID: "\(from)", targetJobID: "\(to)")
    }
    var content = FindingsTests.workflow(String(names), "", start: String(names.shuffled(using: &random).prefix(1)))
    content.edges += edges
    return content
  }

  @Test func everyCycleIsFoundAndNothingElse() {
    var (endless, trapped) = (0, 0)
    for seed in 0..<5000 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let content = random(&generator)
      let places = Dictionary(uniqueKeysWithValues: content.jobs.enumerated().map { ($1.id, $0) })
      let steps = content.edges.compactMap { edge -> Step? in
        guard edge.enabled, let from = edge.sourceJobID.flatMap({ places[$0] }) else { return nil }
        return (from, places[edge.targetJobID ?? ""] ?? 0, edge)
      }
      let search = Search(jobs: content.jobs.count, steps: steps)
      let findings = content.findings
      let always = search.cycle { $0.edge.conditionType == "always" }
      #expect(Set(always.map(\.edge.id)) == Set((findings.errors.entities[.edges] ?? [:]).keys), "seed \(seed)")
      let trap = search.trap
      let trapping = search.cycle {
        trap.contains($0.from) && trap.contains($0.to) && $0.edge.conditionType != "js_expression"
      }
      let jobs = Set(trapping.map(\.from)).subtracting(always.map(\.from)).map { content.jobs[$0].id }
      #expect(Set(jobs) == Set(WorkflowPaths(content).trappingJobs), "seed \(seed)")
      (endless, trapped) = (endless + always.count, trapped + jobs.count)
    }
    #expect(endless > 500 && trapped > 100, "\(endless) endless edges, \(trapped) trapping jobs")
  }
}
