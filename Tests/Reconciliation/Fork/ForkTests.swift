import Foundation
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Reconciliation

/// The merge of texts beside Yjs itself: a document forked at the base, edited there by the database's hunks and merged
/// with what people typed meanwhile.
///
/// `HEDDLE_TEST_LONG=1` looks at a hundred times as many cases.
@Suite struct ForkTests {
  private static let rounds =
    TestSeed.rounds(80, share: 0.1) * (TestSeed.isLong ? 100 : 1)
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Clients/fork.cjs").standardized.path

  @Test(arguments: [false, true]) func g08_theMergedTextIsThatOfAFork(history: Bool) async throws {
    let node = try LineProcess("/usr/bin/env", ["node", Self.script])
    var sizes = Sizes()
    for round in 0..<Self.rounds {
      let seed = TestSeed.value &+ 300_000 &+ UInt64(round)
      let example = try ForkCase(seed: seed, history: history)
      try node.write(line: example.question)
      let line = try await node.progress.wait(for: "an answer", limit: .seconds(60)) { progress in
        progress.lines.count > round ? progress.lines[round] : nil
      }
      let answer = try VectorJSON(parsing: Array(line.utf8))
      #expect(answer["text"]?.string == example.text, "seed \(seed)")
      #expect(example.unsaved.isSubset(of: example.text), "seed \(seed): unsaved characters are lost")
      sizes.add(example, answer)
    }
    node.closeInput()
    print("texts beside a fork, with\(history ? "" : "out") history: \(sizes)")
    #expect(sizes.merge <= sizes.fork, "updates are larger than those of a fork")
  }

  /// What was deleted before the base is told by what the document held then. From the base's characters alone it could not
  /// be: nothing of the deletion's author follows in them.
  @Test func whatIsWrittenStandsBehindWhatWasDeletedBefore() throws {
    let content = WorkflowContent(id: "w", name: "n", jobs: [Job(id: ForkCase.job, body: "Z")])
    let doc = try MergeCase.seeded(content).doc
    // Between those of the two people.
    doc.clientID = 5000
    let (first, second) = (ClientID(1) << 28, ClientID(1))
    func edit(_ client: ClientID, _ body: (YText) throws -> Void) throws {
      let fork = doc.fork(clientID: client)
      try fork.transact { try body(ForkCase.body(of: fork)) }
      try doc.apply(fork.encodeStateAsUpdate(since: doc.stateVector))
    }
    try edit(first) { try $0.insert("ab---", at: 0) }
    try edit(first) { try $0.remove(2..<5) }
    var rows = WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1)
    rows.content.jobs[0].body = "abZ"
    let base = try Reconciler().reset(doc, to: rows).base
    try edit(second) { try $0.insert("mine", at: 2) }
    rows.content.jobs[0].body = "abtheirsZ"
    rows.revision = 2
    _ = try Reconciler().merge(rows: rows, base: base, into: doc)
    #expect(ForkCase.body(of: doc).string == "abminetheirsZ")
  }
}

/// What was compared, and the updates' bytes.
private struct Sizes: CustomStringConvertible {
  var cases = 0
  var unsaved = 0
  var merge = 0
  var fork = 0
  var replacement = 0

  mutating func add(_ example: ForkCase, _ answer: VectorJSON) {
    cases += 1
    unsaved += example.unsaved.count
    merge += example.update.count
    fork += Int(answer["bytes"]?.integer ?? 0)
    replacement += Int(answer["replacing"]?.integer ?? 0)
  }

  var description: String {
    func mean(_ sum: Int) -> String { "\((sum * 10 / max(cases, 1)))".tenths }
    return "\(cases) cases, \(unsaved) unsaved characters; mean update \(mean(merge)) bytes, "
      + "the fork's \(mean(fork)), replacing the text \(mean(replacement))"
  }
}

extension String {
  /// A number of tenths as a decimal fraction.
  fileprivate var tenths: String { "\(dropLast().isEmpty ? "0" : dropLast()).\(suffix(1))" }
}
