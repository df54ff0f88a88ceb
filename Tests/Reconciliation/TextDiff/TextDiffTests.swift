import TestSupport
import Testing
import YCRDT

@testable import Reconciliation

/// The changes, after checking that they do what a text diff promises.
private func diff(_ old: String, _ new: String, operations: Int = 20_000_000) -> [TextChange] {
  var budget = DiffBudget(DiffLimits(operations: operations, searchDepth: 512))
  let changes = TextDiff.changes(from: old, to: new, budget: &budget)
  #expect(applied(changes, to: old) == Array(new.utf16), "does not lead from old to new")
  for (change, next) in zip(changes, changes.dropFirst()) {
    #expect(change.range.upperBound < next.range.lowerBound, "changes touch or overlap")
  }
  for change in changes { #expect(!change.range.isEmpty || !change.replacement.isEmpty, "a change of nothing") }
  return changes
}

private func applied(_ changes: [TextChange], to old: String) -> [UInt16] {
  var units = Array(old.utf16)
  for change in changes.reversed() { units.replaceSubrange(change.range, with: change.replacement.utf16) }
  return units
}

private func change(_ range: Range<Int>, _ replacement: String) -> TextChange {
  TextChange(range: range, replacement: replacement)
}

@Suite struct TextDiffTests {
  @Test func equalTextsHaveNoChanges() {
    #expect(diff("", "") == [])
    #expect(diff("fn(state => state);\n", "fn(state => state);\n") == [])
  }

  @Test func insertedAndRemovedLinesAreWholeLines() {
    #expect(diff("a\nfoo\nb", "a\nfar\nfoo\nb") == [change(2..<2, "far\n")])
    #expect(diff("a\nfar\nfoo\nb", "a\nfoo\nb") == [change(2..<6, "")])
    #expect(diff("", "all\n") == [change(0..<0, "all\n")])
    #expect(diff("all\n", "") == [change(0..<4, "")])
  }

  @Test func aTouchedLineChangesByWordsAndCharacters() {
    #expect(diff("get('/a');\npost('/b');\n", "get('/a');\npost('/c');\n") == [change(18..<19, "c")])
    #expect(diff("let total = sum(a, b)", "let amount = sum(a, b)") == [change(4..<9, "amount")])
    #expect(diff("x = fooBar + 1", "x = fooBaz + 1") == [change(9..<10, "z")])
    #expect(diff("abcdef", "abXdeYf") == [change(2..<3, "X"), change(5..<5, "Y")])
  }

  @Test func differentWordsAreNotShreddedByLettersTheyShareByChance() {
    #expect(diff("overwhelmingly", "watermelon").count <= 1)
  }

  @Test func movedBlocksKeepTheirSurroundings() {
    let old = "one\ntwo\nthree\nfour\nfive\n"
    let new = "one\nfour\ntwo\nthree\nfive\n"
    #expect(diff(old, new) == [change(4..<4, "four\n"), change(14..<19, "")])
  }

  @Test(arguments: [
    ("a🇫🇷b", "a🇫🇮b"),  // flags: two regional indicators
    ("👩‍👩‍👧", "👩‍👩‍👦"),  // one family, joined
    ("e\u{301}", "e\u{300}"),  // combining accents
    ("x\r\ny", "x\ny"),
    ("👍🏽 ok", "👍🏿 ok"),
    ("क्षि", "क्ष"),
    ("😀", "😁"),  // the same leading surrogate
  ])
  func charactersAreNeverSplit(old: String, new: String) {
    for (a, b) in [(old, new), (new, old), (old, ""), (old + new, new + old)] {
      for change in diff(a, b) {
        let offsets = [change.range.lowerBound, change.range.upperBound]
        for offset in offsets { #expect(isCharacterBoundary(offset, in: a), "\(a) is cut at \(offset)") }
      }
    }
  }

  @Test func g17_anExhaustedBudgetGivesOneCoarseChange() {
    let old = "start\n" + (0..<200).map { "line \($0 % 7)\n" }.joined() + "end\n"
    let new = "start\n" + (0..<200).map { "line \($0 % 5)\n" }.joined() + "end\n"
    let coarse = diff(old, new, operations: 0)
    #expect(coarse.count == 1)
    #expect(coarse.first.map { $0.range.lowerBound >= 6 && $0.range.upperBound <= old.utf16.count - 4 } == true)
    #expect(diff(old, new).count > 1)
  }

  @Test func randomEditsAreFoundExactlyWhereEveryCharacterIsUnique() {
    let seed = TestSeed.value
    for round in 0..<TestSeed.rounds(300) {
      var random = SeededGenerator(seed: seed &+ UInt64(round))
      var unique = UniqueText()
      let old = unique.make(length: Int.random(in: 0...60, using: &random))
      let new = unique.edited(old, edits: Int.random(in: 0...6, using: &random), using: &random)
      let kept = Set(old).intersection(new)
      var expected = 0
      for change in diff(old, new) { expected += change.range.count }
      #expect(expected == old.count - kept.count, "seed \(seed) round \(round): more is deleted than was")
    }
  }

  @Test func randomTextsOfEveryScriptRoundTrip() {
    let seed = TestSeed.value
    let alphabet = ["a", "b", " ", "\n", "\r\n", "é", "e\u{301}", "日", "🇫🇷", "👩‍👩‍👧", "\u{200D}", "\u{301}", "\r", "़"]
    for round in 0..<TestSeed.rounds(400) {
      var random = SeededGenerator(seed: seed &+ UInt64(round))
      let old = (0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
      var new = old
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let at = Int.random(in: 0...new.count, using: &random)
        if Bool.random(using: &random), at < new.count {
          new.remove(at: at)
        } else {
          new.insert(alphabet.randomElement(using: &random)!, at: at)
        }
      }
      let (a, b) = (old.joined(), new.joined())
      for change in diff(a, b) {
        for offset in [change.range.lowerBound, change.range.upperBound] {
          #expect(isCharacterBoundary(offset, in: a), "seed \(seed) round \(round): cut at \(offset)")
        }
      }
    }
  }

  /// Inputs on which quadratic algorithms stand still. What a budget of a few operations per character does not reach
  /// stays coarse, and the result is right all the same.
  @Test(arguments: ["repeated line", "two letters", "blank lines", "one long line", "accents"])
  func g17_adversarialTextsStayCheap(kind: String) {
    var random = SeededGenerator(seed: 1)
    let size = 120_000
    let (old, new): (String, String)
    switch kind {
    case "repeated line":
      old = String(repeating: "return state;\n", count: size / 14)
      new = "let a;\n" + String(repeating: "return state;\n", count: size / 28) + "let b;\n"
    case "two letters":
      old = String((0..<size).map { _ in Bool.random(using: &random) ? "a" : "b" })
      new = String((0..<size).map { _ in Bool.random(using: &random) ? "a" : "b" })
    case "blank lines":
      old = String(repeating: "\n", count: size)
      new = String(repeating: "\n", count: size / 2) + "x" + String(repeating: "\n", count: size / 2)
    case "one long line":
      old = String(repeating: "ab cd,", count: size / 6)
      new = String(repeating: "cd ab,", count: size / 6)
    default:
      old = "a" + String(repeating: "\u{301}", count: size)
      new = "b" + String(repeating: "\u{301}", count: size)
    }
    _ = diff(old, new, operations: size * 20)
  }
}

func isCharacterBoundary(_ offset: Int, in text: String) -> Bool {
  var place = 0
  for character in text {
    if place == offset { return true }
    place += character.utf16.count
  }
  return place == offset
}
