import TestSupport
import Testing

@testable import YCRDT

/// Edits made to an earlier content (the base), merged by the ids of its characters.
@Suite struct BaseTextTests {
  private func apply(_ changes: [TextChange], to string: String) -> String {
    var units = Array(string.utf16)
    for change in changes.reversed() { units.replaceSubrange(change.range, with: change.replacement.utf16) }
    return String(decoding: units, as: UTF16.self)
  }

  /// Replacements of random ranges, ascending and apart, that tear no surrogate pair apart.
  private func randomChanges(of string: String, _ editor: inout RandomEditor) -> [TextChange] {
    var bounds: [Int] = []
    var offset = 0
    for character in string.unicodeScalars {
      bounds.append(offset)
      offset += UTF16.width(character)
    }
    bounds.append(offset)
    var changes: [TextChange] = []
    var next = 0
    while next < bounds.count, changes.count < 4 {
      let start = Int.random(in: next..<bounds.count, using: &editor.random)
      let end = Int.random(in: start...min(bounds.count - 1, start + 4), using: &editor.random)
      let text = editor.pick(["", "D", "DB ", "Ü🧵"])
      if start < end || !text.isEmpty {
        changes.append(TextChange(range: bounds[start]..<bounds[end], replacement: text))
      }
      next = end + 1
    }
    return changes
  }

  /// A text with tombstones between its characters, by two members.
  private func history(_ editor: inout RandomEditor) throws -> Doc {
    let doc = Doc(clientID: 700)
    for _ in 0..<15 {
      try doc.transact { try editor.edit(doc.text("t")) }
      doc.clientID = editor.pick([700, 31, 5000])
    }
    return doc
  }

  @Test(arguments: UInt64(1)...60) func changesAreTheDifferenceSinceTheBase(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    let doc = try history(&editor)
    let text = doc.text("t")
    let base = text.liveIDs()
    let before = text.string
    #expect(text.changes(since: base).isEmpty)
    for _ in 0..<6 { try doc.transact { try editor.edit(text) } }
    let changes = text.changes(since: base)
    #expect(apply(changes, to: before) == text.string, "seed \(seed)")
    #expect(text.count(of: base) == before.utf16.count, "seed \(seed)")
    for (earlier, later) in zip(changes, changes.dropFirst()) {
      #expect(earlier.range.upperBound < later.range.lowerBound, "seed \(seed)")
    }
  }

  /// The outcome is that of a replica that forked at the base, made the changes there and was merged, character for character.
  @Test func mergingIsWhatAForkAtTheBaseWouldGive() throws {
    for seed in UInt64(1)...1000 { #expect(try mergesLikeAFork(seed: seed, isKnown: true), "seed \(seed)") }
  }

  /// The ids of the base alone do not tell which tombstones are older than it when their authors have nothing left in it
  /// behind them; then insertions at the same place may stand in another order. Nothing is ever lost.
  @Test func withoutWhatWasKnownItIsNearlyThat() throws {
    var others = 0
    for seed in UInt64(1)...300 where try !mergesLikeAFork(seed: seed, isKnown: false) { others += 1 }
    #expect(others > 0 && others <= 6)
  }

  private func mergesLikeAFork(seed: UInt64, isKnown: Bool) throws -> Bool {
    var editor = RandomEditor(seed: seed &* 13)
    let live = try history(&editor)
    let known = isKnown ? live.stateVector : nil
    let base = live.text("t").liveIDs()
    let content = live.text("t").string
    let fork = live.fork(clientID: 400)
    let changes = randomChanges(of: content, &editor)

    live.clientID = editor.pick([9, 8000])
    for _ in 0..<6 { try live.transact { try editor.edit(live.text("t")) } }
    let unsaved = live.text("t").liveIDs()

    try fork.transact {
      for change in changes.reversed() {
        try fork.text("t").insert(change.replacement, at: change.range.lowerBound)
        let start = change.range.lowerBound + change.replacement.utf16.count
        try fork.text("t").remove(start..<(start + change.range.count))
      }
    }
    let expected = live.fork(clientID: 1)
    try expected.apply(fork.encodeStateAsUpdate(since: expected.stateVector))

    live.clientID = 400
    let deleted = try live.transact { try live.text("t").apply(changes, toBase: base, known: known) }
    live.checkIntegrity()

    // Nothing was deleted that the changes do not delete, and everything they delete is gone.
    var kept = unsaved
    kept.subtract(deleted)
    var missing = kept
    missing.subtract(live.text("t").liveIDs())
    #expect(missing.isEmpty, "seed \(seed)")
    var remaining = deleted
    remaining.formIntersection(live.text("t").liveIDs())
    #expect(remaining.isEmpty, "seed \(seed)")
    #expect(deleted.count == UInt64(changes.reduce(0) { $0 + $1.range.count }), "seed \(seed)")
    #expect(live.text("t").string.utf8.sorted() == expected.text("t").string.utf8.sorted(), "seed \(seed)")
    return live.text("t").string == expected.text("t").string
  }

  @Test func severalInsertionsAtOnePlaceKeepTheirOrder() throws {
    let doc = Doc(clientID: 1)
    let text = doc.text("t")
    try doc.transact { try text.append("ab") }
    let base = text.liveIDs()
    try doc.transact {
      try text.apply(
        [TextChange(range: 1..<1, replacement: "1"), TextChange(range: 1..<1, replacement: "2")], toBase: base)
    }
    #expect(text.string == "a12b")
  }

  @Test func offsetsBeyondTheBaseAreRefusedBeforeAnythingChanges() throws {
    let doc = Doc(clientID: 1)
    let text = doc.text("t")
    try doc.transact { try text.append("ab") }
    let base = text.liveIDs()
    #expect(throws: YError.baseMismatch(offset: 3, count: 2)) {
      try doc.transact {
        try text.apply(
          [TextChange(range: 0..<1, replacement: "x"), TextChange(range: 2..<3, replacement: "y")], toBase: base)
      }
    }
    #expect(text.string == "ab")
  }

  @Test func aTextThatWasReplacedHoldsNothingOfTheBase() throws {
    let doc = Doc(clientID: 1)
    let old = try doc.transact { try doc.map("m").setText("body", "first") }
    let base = old.liveIDs()
    let new = try doc.transact { try doc.map("m").setText("body", "second") }
    #expect(new.count(of: base) == 0)
    #expect(old.isDeleted && old.count(of: base) == 0)
  }
}
