import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Reconciliation

/// Inputs that are large, or made to be slow. Work is counted, not timed; what the limits do not reach becomes coarser and
/// nothing is lost. `HEDDLE_TEST_LONG=1` repeats lines a million times.
@Suite struct LimitTests {
  private let limits = DiffLimits.standard

  /// A megabyte of lines, of which every so many are other ones in the second text.
  private func texts(lines: Int, changed: Int) -> (old: String, new: String) {
    var (old, new) = ("", "")
    for number in 0..<lines {
      let line = "const value\(number) = get('/resource/\(number)');\n"
      old += line
      new += number * changed / lines < (number + 1) * changed / lines ? "log(\(number));\n" : line
    }
    return (old, new)
  }

  private func spent(from old: String, to new: String) -> (operations: Int, changes: [TextChange]) {
    var budget = DiffBudget(limits)
    let changes = TextDiff.changes(from: old, to: new, budget: &budget)
    #expect(changes.applied(to: old) == new)
    return (limits.operations - budget.remaining, changes)
  }

  @Test func g17_aMegabyteWithTenThousandChangedLinesIsFoundExactly() {
    let (old, new) = texts(lines: 25_000, changed: 10_000)
    #expect(old.utf8.count > 1_000_000)
    let (operations, changes) = spent(from: old, to: new)
    // Lines stay whole: neighbours that changed together are one change.
    #expect(changes.count >= 5000)
    #expect(changes.reduce(0) { $0 + $1.range.count } < old.utf16.count / 2)
    #expect(operations < 2 * (old.utf16.count + new.utf16.count), "\(operations) operations")
  }

  @Test(arguments: ["one line", "two periods", "three lines shuffled"])
  func g17_repeatedLinesStayWithinTheLimits(kind: String) {
    var random = SeededGenerator(seed: TestSeed.value)
    let size = TestSeed.isLong ? 1_000_000 : 100_000
    let (old, new): (String, String)
    switch kind {
    case "one line":
      old = String(repeating: "x\n", count: size)
      new = "let a;\n" + String(repeating: "x\n", count: size * 7 / 10) + "let b;\n"
    case "two periods":
      old = (0..<size / 20).map { "line \($0 % 97)\n" }.joined()
      new = (0..<size / 20).map { "line \($0 % 89)\n" }.joined()
    default:
      old = (0..<size / 20).map { _ in "line \(Int.random(in: 0..<3, using: &random))\n" }.joined()
      new = (0..<size / 20).map { _ in "line \(Int.random(in: 0..<3, using: &random))\n" }.joined()
    }
    #expect(spent(from: old, to: new).operations <= limits.operations)
  }

  @Test func g17_tenThousandChangesInOneWritingLeaveHalfOfTheBudget() throws {
    let (old, new) = texts(lines: 5000, changed: 2000)
    var budget = DiffBudget(limits)
    let changes = TextDiff.changes(from: old, to: new, budget: &budget)
    // Somebody put another text in the place of all of it.
    let pasted = String(repeating: "something else altogether;\n", count: 5000)
    let live = [TextChange(range: 0..<old.utf16.count, replacement: pasted)]
    var part = budget.takeHalf()
    _ = TextMerge.writtenByBoth(live: live, database: changes, budget: &part)
    #expect(budget.remaining >= limits.operations / 4)
  }

  /// Whatever the limits, what people typed stays and what the database wrote comes in.
  @Test(arguments: [0, 50, 500, 20_000]) func g17_aSmallBudgetLosesNothing(operations: Int) throws {
    let policy = Policy.standard.limitingTexts(DiffLimits(operations: operations, searchDepth: 4, comparedLines: 10))
    for round in 0..<TestSeed.rounds(30, share: 0.1) {
      let seed = TestSeed.value &+ 500_000 &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let (base, live, database) = merge.sides
      _ = try Reconciler(policy: policy).merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let merged = State(merge.doc)
      func body(_ state: State, _ id: String) -> Set<Character> { Set(state.jobs[id]?["body"]?.string ?? "") }
      for id in merged.jobs.keys {
        let typed = body(live, id).union(body(database, id)).subtracting(body(base, id))
        let kept = body(base, id).intersection(body(live, id)).intersection(body(database, id))
        let expected = database.jobs[id] == nil || live.jobs[id] == nil ? typed : typed.union(kept)
        #expect(expected.isSubset(of: body(merged, id)), "seed \(seed): \(id) lost something")
      }
    }
  }

  @Test func g17_tenThousandNodesUnderNewIDsAreMatchedWithinTheLimits() throws {
    func body(_ number: Int) -> String { "get('/resource/\(number)');\neach(save, \(number));\n" }
    func job(_ number: Int, prefix: String, name: String) -> Job {
      Job(id: "\(prefix)\(number)", name: "\(name) \(number)", body: body(number))
    }
    let count = 10_000
    var base = WorkflowContent(id: "w", name: "n")
    var database = base
    base.jobs = (0..<count).map { job($0, prefix: "old-", name: "Job") }
    // Half keep their names, a quarter their bodies, and the rest is new: too much to compare all with all.
    database.jobs = (0..<count).map { number in
      var job = job(number, prefix: "new-", name: number < count / 2 ? "Job" : "Other")
      if number >= count * 3 / 4 { job.body = "// \(number)\n" + String(repeating: "other(\(number));\n", count: 4) }
      return job
    }
    let matcher = IdentityMatcher(
      base: base, database: database, live: LiveWorkflow(Doc(clientID: 1)), policy: .standard)
    #expect(matcher.renames.filter { $0.matchedBy == .naturalKey }.count == count / 2)
    #expect(matcher.renames.filter { $0.matchedBy == .content }.count == count / 4)
  }

  @Test func manyDifferentTokensAreToldApart() {
    let tokens = (0..<100_000).map { "t\($0)" }
    let units = Array(tokens.joined().utf16)
    var table = SymbolTable(units: units)
    var (symbols, start) = (Set<Int32>(), 0)
    for token in tokens {
      symbols.insert(table.symbol(of: start..<start + token.utf16.count))
      start += token.utf16.count
    }
    #expect(symbols.count == tokens.count && table.count == tokens.count)
  }
}

extension Policy {
  /// This policy with other limits for the differences of texts.
  fileprivate func limitingTexts(_ limits: DiffLimits) -> Policy {
    var rules = rules
    for index in rules.indices where rules[index].kind == .text { rules[index].limits = limits }
    return Policy(rules: rules)
  }
}
