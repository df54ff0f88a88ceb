import Foundation
import TestSupport
import Workflow
import YCRDT

@testable import Reconciliation

/// A text that several people type in while the database gets another version of it: as the reconciler merges it, and as
/// it is told to Yjs.
struct ForkCase {
  let seed: UInt64
  /// The text after the merge, and the merge's update.
  let text: String
  let update: [UInt8]
  /// What somebody typed and nobody took out.
  let unsaved: Set<Character>
  let question: String

  static let job = "job"

  /// With `history`, people wrote and deleted in the text before it was saved as the base.
  init(seed: UInt64, history: Bool) throws {
    self.seed = seed
    var source = RandomWorkflow(SeededGenerator(seed: seed))
    let content = WorkflowContent(
      id: "w", name: "n", jobs: [Job(id: Self.job, body: source.text.make(length: source.pick([0, 3, 10, 40])))])
    let seeded = try MergeCase.seeded(content)
    let doc = seeded.doc
    var base = seeded.base
    var rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    if history {
      try Self.type(in: doc, edits: 15, &source)
      rows.content.jobs[0].body = Self.body(of: doc).string
      base = try Reconciler().reset(doc, to: rows).base
    }
    let (old, start) = (rows.content.jobs[0].body, doc.encodeStateAsUpdate())
    try Self.type(in: doc, edits: source.pick([0, 2, 6, 12]), &source)
    let (live, typed) = (doc.encodeStateAsUpdate(), Set(Self.body(of: doc).string))

    rows.content.jobs[0].body = source.text.edited(old, edits: source.pick([1, 2, 4, 8]), using: &source.random)
    rows.revision = 2
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    _ = try Reconciler().merge(rows: rows, base: base, into: doc)
    subscription.cancel()
    self.update = update
    text = Self.body(of: doc).string
    unsaved = typed.subtracting(old)
    question = Self.question(start, live, doc.clientID, from: old, to: rows.content.jobs[0].body)
  }

  static func body(of doc: Doc) -> YText {
    guard let text = doc.array("jobs").elements.first?.map?["body"]?.text else { preconditionFailure("no job") }
    return text
  }

  /// Three people edit the text at once, some of them before and some behind the server in the order of client ids.
  private static func type(
    in doc: Doc, edits: Int, _ source: inout RandomWorkflow<SeededGenerator>
  ) throws {
    let members = (0..<3).map { number in
      let id = 1 + 1000 * number + Int.random(in: 0..<1000, using: &source.random)
      return EditingClient(doc: doc.fork(clientID: ClientID(source.chance(50) ? id : id + 1 << 28)))
    }
    for _ in 0..<edits {
      let member = source.pick(members)
      try member.doc.transact { try member.type(&source) }
      guard source.chance(30) else { continue }
      let (from, to) = (source.pick(members).doc, source.pick(members).doc)
      try to.apply(from.encodeStateAsUpdate(since: to.stateVector))
    }
    for member in members { try doc.apply(member.doc.encodeStateAsUpdate(since: doc.stateVector)) }
  }

  private static func question(
    _ base: [UInt8], _ live: [UInt8], _ client: ClientID, from old: String, to new: String
  ) -> String {
    var budget = DiffBudget()
    let changes = TextDiff.changes(from: old, to: new, budget: &budget).map { change -> JSONValue in
      [
        "at": JSONValue(change.range.lowerBound), "remove": JSONValue(change.range.count),
        "insert": .string(change.replacement),
      ]
    }
    let question: JSONValue = [
      "base": .string(Data(base).base64EncodedString()), "live": .string(Data(live).base64EncodedString()),
      "client": .number(Double(client)), "job": .string(job), "changes": .array(changes), "database": .string(new),
    ]
    return question.text
  }
}
