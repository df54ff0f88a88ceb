import Workflow
import YCRDT

/// What happens in the model: a workflow of one job, and the few things that are written to it.
///
/// Every write leaves a token in the text that nobody removes, all at the same place. The database also sets what nobody
/// else sets, and both sides set the job's name, so that they conflict.
enum ModelScript {
  static let member: ClientID = 1_000_000_000

  static var rows: WorkflowRows { Plot.rows }

  static func edit(_ number: Int, _ doc: Doc) throws {
    let job = doc.array(WorkflowDocument.jobsRoot).elements.compactMap(\.map).first
    guard let job, let text = job["body"]?.text else { return }
    try doc.transact {
      try text.insert("<m\(doc.clientID - member).\(number)>", at: text.string.utf16.count)
      try job.set("name", .string("live \(number)"))
    }
  }

  static func writeRows(_ number: Int, _ content: inout WorkflowContent) {
    content.jobs[0].body += "<d\(number)>"
    content.jobs[0].name = "imported \(number)"
    content.concurrency = number + 1
  }

  /// The tokens of a text in the order of the alphabet.
  static func tokens(in content: WorkflowContent) -> [String] {
    content.jobs.flatMap { Plot.tokens(in: $0.body) }.sorted()
  }
}
