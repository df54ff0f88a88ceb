import Testing

@testable import Workflow

/// What is said of workflows as a whole.
@Suite struct FindingsTests {
  /// A workflow of jobs A, B, … that begins with A, with edges like "A>B", "A+B" (success), "A-B" (failure), "A?B"
  /// (expression); in brackets they are off. Entities are called after what they are.
  static func workflow(_ jobs: String, _ edges: String, start: String? = "A") -> WorkflowContent {
    var content = WorkflowContent(id: "w", name: "W", jobs: jobs.map { Job(id: "\($0)", name: "\($0)", body: "b()") })
    if let start {
      content.triggers = [Trigger(id: "t", enabled: false)]
      content.edges = start.map { Edge(id: "t\($0)", sourceTriggerID: "t", targetJobID: "\($0)") }
    }
    let conditions: [Character: String] = [
      ">": "always", "+": "on_job_success", "-": "on_job_failure", "?": "js_expression",
    ]
    for text in edges.split(separator: " ") {
      let plain = text.filter { !"()".contains($0) }
      let parts = Array(plain)
      content.edges.append(
        Edge(
          id: plain, conditionType: conditions[parts[1]] ?? "", enabled: !text.hasPrefix("("),
          sourceJobID: "\(parts[0])", targetJobID: "\(parts[2])"))
    }
    return content
  }

  private func endless(_ content: WorkflowContent) -> [String] {
    (content.findings.errors.entities[.edges] ?? [:]).keys.sorted()
  }

  private func warned(_ content: WorkflowContent) -> [String: String] {
    (content.findings.warnings.entities[.jobs] ?? [:]).mapValues { ($0["base"] ?? []).joined(separator: "; ") }
  }

  private static let never = "is on a cycle that goes on whether its jobs succeed or fail: it never ends"
  private static let unreached = "no enabled path from a trigger leads here"

  @Test func anOrdinaryWorkflowHasNone() {
    #expect(Self.workflow("ABC", "A>B A+C C-A").findings == WorkflowFindings())
    #expect(Self.workflow("", "", start: "").findings == WorkflowFindings())
    #expect(WorkflowContent(id: "w", name: "W").findings == WorkflowFindings())
  }

  @Test func aCycleThatIsAlwaysTakenIsAnError() {
    #expect(endless(Self.workflow("ABCD", "A>B B>C C>B C>D")) == ["B>C", "C>B"])
    #expect(endless(Self.workflow("ABC", "A>B B>C C>A")) == ["A>B", "B>C", "C>A"])
    #expect(endless(Self.workflow("ABCD", "A>B B>A C>D D>C")).count == 4, "all of them at once")
    for edges in ["A>B (B>A)", "A>B B+A", "A>B B?A", "A>B A>C B>C"] {
      #expect(endless(Self.workflow("ABC", edges)) == [], "\(edges)")
    }
  }

  @Test func aCycleThatNoOutcomeLeavesIsAWarning() {
    #expect(warned(Self.workflow("AB", "A>B B+A B-A")) == ["A": Self.never, "B": Self.never])
    #expect(warned(Self.workflow("ABC", "A>B B+A B-C")) == [:], "a failure leaves it")
    #expect(warned(Self.workflow("ABC", "A>B B+A B-C C>A")).count == 3)
    #expect(warned(Self.workflow("AB", "A>B B?A")) == [:], "what an expression says nobody knows")
    #expect(warned(Self.workflow("AB", "A>B B>A")) == [:], "that is an error already")
    #expect(warned(Self.workflow("ABC", "A>B B+C B-C C>B")).keys.sorted() == ["B", "C"], "A only leads into it")
  }

  @Test func whatNoTriggerLeadsToIsAWarning() {
    #expect(warned(Self.workflow("ABC", "A>B")) == ["C": Self.unreached])
    #expect(warned(Self.workflow("ABC", "A>B (B>C)")) == ["C": Self.unreached])
    let cycle = "is on a cycle that no enabled path from a trigger leads into"
    #expect(warned(Self.workflow("ABCD", "A>B C?D D+C")) == ["C": cycle, "D": cycle])
    let alone = Self.workflow("AB", "A>B", start: nil).findings.warnings
    #expect(alone.workflow == ["base": ["has no trigger: nothing starts it"]] && alone.entities.isEmpty)
  }

  @Test func anEdgeIntoNowhereIsAnError() {
    var content = Self.workflow("AB", "A>B")
    content.edges[1].targetJobID = nil
    #expect(content.findings.errors.json == ["edges": ["A>B": ["target_job_id": ["can't be blank"]]]])
  }

  @Test func aScheduleThatNeverFiresIsAnError() {
    var content = Self.workflow("A", "")
    content.triggers[0].cronExpression = "0 0 30 2 *"
    #expect(content.findings.errors.isEmpty, "a webhook's is not looked at")
    content.triggers[0].type = "cron"
    #expect(
      content.findings.errors.json
        == ["triggers": ["t": ["cron_expression": ["never fires: there is no such day in any of its months"]]]])
    for text in ["0 0 29 2 *", "nonsense"] {
      content.triggers[0].cronExpression = text
      #expect(content.findings.errors.isEmpty, "\(text)")
    }
  }

  @Test func aLongChainIsWalkedWithoutAStack() {
    let count = 50_000
    var content = WorkflowContent(
      id: "w", name: "W", jobs: (0..<count).map { Job(id: "\($0)") }, triggers: [Trigger(id: "t")])
    content.edges = (1..<count).map { Edge(id: "\($0)", sourceJobID: "\($0 - 1)", targetJobID: "\($0)") }
    content.edges.append(Edge(id: "0", sourceTriggerID: "t", targetJobID: "0"))
    #expect(content.findings == WorkflowFindings())
    content.edges.append(Edge(id: "back", sourceJobID: "\(count - 1)", targetJobID: "0"))
    #expect(content.findings.errors.entities[.edges]?.count == count)
  }
}
