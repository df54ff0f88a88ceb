import Glibc
import Reconciliation
import Workflow
import YCRDT

/// The merge alone, without a store: a workflow of 500 jobs, each with 2 KB of code, with unsaved edits in ten of them, and
/// long texts.
enum MergeBenchmarks {
  static func run() throws {
    let (doc, base) = try document()
    var rows = WorkflowRows(content: base.content, projectID: "p", lockVersion: 1, revision: 2)
    try measure("500 jobs, nothing changed", doc, base, rows)

    for index in 0..<10 { rows.content.jobs[index * 40].name = "Renamed \(index)" }
    rows.content.jobs[77].body = SampleWorkflow.edited(rows.content.jobs[77].body)
    try measure("500 jobs, 10 fields and one text changed", doc, base, rows)

    for index in rows.content.jobs.indices {
      rows.content.jobs[index].body = SampleWorkflow.edited(rows.content.jobs[index].body)
    }
    try measure("500 jobs, all texts changed", doc, base, rows)

    rows.content.jobs = rows.content.jobs.map { job in
      var job = job
      job.body = String(job.body.split(separator: "\n").reversed().joined(separator: "\n"))
      return job
    }
    try measure("500 jobs, all texts turned upside down", doc, base, rows)
    try measureLongText("1 MB of two letters, rewritten", twoLetters(1), twoLetters(2))
    let lines = (0..<40_000).map { "line \($0 % 9) of many\n" }
    let half = lines.enumerated().map { $0 % 2 == 0 ? $1 : "other \($0 % 7)\n" }
    try measureLongText("1 MB of repeated lines, every other changed", lines.joined(), half.joined())
    let clean = try document(unsaved: 0)
    let rowsOfClean = WorkflowRows(content: clean.1.content, projectID: "p", lockVersion: 1, revision: 2)
    try measure("500 jobs, nothing changed, no unsaved edits", clean.0, clean.1, rowsOfClean)
  }

  /// Milliseconds of CPU that this thread has had: the goals are in these, and other work on the machine does not count.
  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
  }

  /// Measures the merge alone, in CPU time: every run gets a fork of its own, made before.
  private static func measure(_ name: String, _ doc: Doc, _ base: Base, _ rows: WorkflowRows) throws {
    var bytes = 0
    var times: [Double] = []
    for _ in 0..<9 {
      let fork = doc.fork(clientID: 7)
      bytes = 0
      let subscription = fork.observeUpdates { bytes += $0.update.count }
      let start = processorTime()
      _ = try Reconciler().merge(rows: rows, base: base, into: fork)
      times.append(processorTime() - start)
      subscription.cancel()
    }
    times.sort()
    Stopwatch.row(
      name, "median \(Stopwatch.format(times[4])) ms   fastest \(Stopwatch.format(times[0])) ms   update \(bytes) B")
  }

  private static func document(unsaved: Int = 10) throws -> (Doc, Base) {
    let content = SampleWorkflow.content(jobs: 500)
    let rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    let seed = WorkflowDocument.seed(name: DocumentName(workflowID: content.id), epoch: 1, rows: rows)
    let doc = Doc(clientID: 1 << 30)
    try doc.apply(seed.update)
    try doc.transact {
      for index in stride(from: 0, to: unsaved * 50, by: 50) {
        try doc.array(WorkflowDocument.jobsRoot)[index].map?["body"]?.text?.insert("// unsaved\n", at: 0)
      }
    }
    return (doc, Base(content: content, ids: seed.ids, revision: 1, lockVersion: 1))
  }

  private static func measureLongText(_ name: String, _ old: String, _ new: String) throws {
    let content = WorkflowContent(
      id: SampleWorkflow.id(4, 0), name: "Long", jobs: [Job(id: SampleWorkflow.id(5, 0), name: "Long", body: old)])
    var rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    let seed = WorkflowDocument.seed(name: DocumentName(workflowID: content.id), epoch: 1, rows: rows)
    let doc = Doc(clientID: 1)
    try doc.apply(seed.update)
    let base = Base(content: content, ids: seed.ids, revision: 1, lockVersion: 1)
    rows.content.jobs[0].body = new
    try measure(name, doc, base, rows)
    // And once more, back, when the text is in many pieces.
    let merged = try Reconciler().merge(rows: rows, base: base, into: doc).base
    rows.content.jobs[0].body = old
    try measure(name + ", and back", doc, merged, rows)
  }

  private static func twoLetters(_ seed: UInt64) -> String {
    var state = seed
    return String(
      (0..<1_000_000).map { _ -> Character in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 40 & 1 == 0 ? "a" : "b"
      })
  }
}
