import Workflow

/// A workflow of many jobs in a row, each with some code, as benchmarks reconcile it.
enum SampleWorkflow {
  static func content(jobs count: Int, id number: Int = 0) -> WorkflowContent {
    let jobs = (0..<count).map { index in
      Job(
        id: id(0, index, of: number), name: "Job \(index)", body: code(index), adaptor: "@openfn/language-http@6.0.0")
    }
    let trigger = Trigger(id: id(1, 0, of: number), webhookReply: "before_start")
    let edges = jobs.indices.map { index in
      index == 0
        ? Edge(id: id(2, 0, of: number), sourceTriggerID: trigger.id, targetJobID: jobs[0].id)
        : Edge(id: id(2, index, of: number), sourceJobID: jobs[index - 1].id, targetJobID: jobs[index].id)
    }
    let positions = jobs.enumerated().map { ($1.id, JSONValue.object(["x": JSONValue($0), "y": JSONValue($0 * 2)])) }
    return WorkflowContent(
      id: id(3, 0, of: number), name: "Large \(number)", concurrency: 5, jobs: jobs, triggers: [trigger], edges: edges,
      positions: Dictionary(uniqueKeysWithValues: positions))
  }

  static func id(_ kind: Int, _ number: Int, of workflow: Int = 0) -> String {
    "0000000\(kind)-0000-4000-8000-" + digits(workflow, 5) + digits(number, 7)
  }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: count - digits.count) + digits
  }

  /// About 2 KB.
  private static func code(_ job: Int) -> String {
    (0..<50).map { "const value\($0) = fetch('/api/\(job)/\($0)', state);\n" }.joined()
  }

  /// `text` with another line in its middle.
  static func edited(_ text: String, _ edit: Int = 0) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lines[20] = "const changed = \(edit);"
    return lines.joined(separator: "\n")
  }
}
