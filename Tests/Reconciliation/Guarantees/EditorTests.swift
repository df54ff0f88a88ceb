import Reconciliation
import TestSupport
import Testing
import Workflow
import YCRDT

/// What people have in their editors while rows are merged: cursors, and steps to undo.
@Suite struct EditorTests {
  /// Cursors are where they were: before the same character, if that is still there.
  @Test func g09_cursorsStayAtTheirCharacters() throws {
    for round in 0..<TestSeed.rounds(100) {
      let seed = TestSeed.value &+ 220_000 &+ UInt64(round)
      var merge = try MergeCase(seed: seed)
      var cursors: [(job: String, character: String, text: YText, position: RelativePosition)] = []
      for (id, text) in bodies(of: merge.doc) {
        let units = Array(text.string)
        guard let index = units.indices.randomElement(using: &merge.source.random) else { continue }
        let offset = String(units[..<index]).utf16.count
        cursors.append((id, String(units[index]), text, try text.relativePosition(at: offset)))
      }
      let before = bodies(of: merge.doc)
      _ = try Reconciler().merge(rows: merge.rows, base: merge.base, into: merge.doc)
      let after = bodies(of: merge.doc)
      for cursor in cursors where after[cursor.job] != nil {
        #expect(after[cursor.job] == before[cursor.job], "seed \(seed): the text of \(cursor.job) was replaced")
        guard let place = merge.doc.resolve(cursor.position), case .text(let text) = place.type else {
          Issue.record("seed \(seed): a cursor in \(cursor.job) is lost")
          continue
        }
        #expect(text == cursor.text, "seed \(seed)")
        // What both sides wrote can be there twice.
        let offsets = text.string.ranges(of: cursor.character).map {
          text.string.utf16.distance(from: text.string.startIndex, to: $0.lowerBound)
        }
        guard !offsets.isEmpty else { continue }
        #expect(
          offsets.contains(place.index), "seed \(seed): the cursor before \(cursor.character) in \(cursor.job)")
      }
    }
  }

  /// Whoever takes back all that they typed takes back just that; and a merge is no step that could be taken back.
  @Test func g16_undoTakesBackNoImportAndNoImportTakesBackAStep() throws {
    for round in 0..<TestSeed.rounds(60) {
      let seed = TestSeed.value &+ 230_000 &+ UInt64(round)
      var source = RandomWorkflow(SeededGenerator(seed: seed))
      var content = source.content()
      content.jobs = [Job(id: "job", name: "Job", body: source.text.make(length: 20))]
      content.edges = []
      let seeded = try MergeCase.seeded(content)
      let member = seeded.doc.fork(clientID: 1 << 30)
      var options = YUndoManager.Options()
      options.trackedOrigins = ["editor"]
      let undo = try YUndoManager(member, options: options)
      var (base, rows) = (seeded.base, WorkflowRows(content: content, projectID: "p", lockVersion: 1, revision: 1))
      var typed: Set<Character> = []
      var removed: Set<Character> = []
      for _ in 0..<12 {
        let steps = undo.undoStack.count
        if source.chance(60) {
          let before = Set(body(of: member))
          try member.transact(origin: "editor") { try EditingClient(doc: member).type(&source) }
          typed.formUnion(Set(body(of: member)).subtracting(before))
          removed.formUnion(before.subtracting(body(of: member)))
          continue
        }
        rows.content.jobs[0].body = source.text.edited(rows.content.jobs[0].body, edits: 2, using: &source.random)
        rows.revision += 1
        try seeded.doc.apply(member.encodeStateAsUpdate(since: seeded.doc.stateVector))
        base = try Reconciler().merge(rows: rows, base: base, into: seeded.doc).base
        try member.apply(seeded.doc.encodeStateAsUpdate(since: member.stateVector), origin: "provider")
        #expect(undo.undoStack.count == steps, "seed \(seed): a merge became a step to undo, or took one away")
      }
      while undo.canUndo { try undo.undo() }
      let (shown, imported) = (Set(body(of: member)), Set(rows.content.jobs[0].body))
      #expect(shown.isDisjoint(with: typed), "seed \(seed): \(shown.intersection(typed)) was typed and is still there")
      #expect(imported.isSubset(of: shown), "seed \(seed): undo took \(imported.subtracting(shown)) from the import")
      // What the member took out comes back, also where the database has taken it out since.
      let revived = shown.subtracting(imported).subtracting(removed)
      #expect(revived.isEmpty, "seed \(seed): undo brought back \(revived), which the import took out")
    }
  }

  private func bodies(of doc: Doc) -> [String: YText] {
    var result: [String: YText] = [:]
    for element in doc.array("jobs").elements {
      guard let map = element.map, let id = map["id"]?.value?.string, result[id] == nil else { continue }
      result[id] = map["body"]?.text
    }
    return result
  }

  private func body(of doc: Doc) -> String { bodies(of: doc)["job"]?.string ?? "" }
}
