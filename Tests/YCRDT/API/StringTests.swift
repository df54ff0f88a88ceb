import TestSupport
import Testing
import YCRDT

@Suite struct StringTests {
  private let doc = Doc(clientID: 1)
  private var text: YText { doc.text("t") }

  private func write(_ string: String) throws {
    try doc.transact { try text.append(string) }
  }

  @Test func indexesInsideSurrogatePairsAreRefused() throws {
    try write("a🧵b")
    try doc.transact {
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.insert("x", at: 2) }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.insertEmbed(1, at: 2) }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.remove(0..<2) }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.remove(2..<4) }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.format(2..<3, ["bold": true]) }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.replaceSubrange(2..<2, with: "x") }
      #expect(throws: YError.insideSurrogatePair(index: 2)) {
        try text.apply([.insert("new", attributes: [:]), .retain(2, attributes: [:]), .insert("x", attributes: [:])])
      }
      #expect(throws: YError.insideSurrogatePair(index: 2)) { try text.apply([.delete(2)]) }
      try text.insert("y", at: 3)
      try text.insert("x", at: 1)
    }
    #expect(text.string == "ax🧵yb")
  }

  @Test func indexesInsideSurrogatePairsSnap() throws {
    doc.surrogatePairs = .snap
    try write("a🧵b🧵c")
    try doc.transact {
      try text.insert("x", at: 2)
      #expect(text.string == "ax🧵b🧵c")
      try text.remove(3..<6)
      #expect(text.string == "axc")
      try text.remove(0..<3)
      try text.append("🧵🧵")
      try text.apply([.retain(1, attributes: [:]), .insert("-", attributes: [:]), .delete(1)])
      #expect(text.string == "🧵-")
    }
  }

  @Test func indexesInsideSurrogatePairsTearAsYjsDoes() throws {
    doc.surrogatePairs = .tear
    try write("a🧵b")
    try doc.transact { try text.insert("x", at: 2) }
    #expect(text.string == "a\u{FFFD}x\u{FFFD}b")
  }

  @Test func substrings() throws {
    try write("ab🧵")
    try doc.transact {
      try text.insertEmbed(["src": "a.png"], at: 1)
      try text.append("de")
    }
    #expect(text.utf16Count == 7)
    #expect(try text.substring(0..<7) == "ab🧵de")
    #expect(try text.substring(1..<2) == "")
    #expect(try text.substring(2..<6) == "b🧵d")
    #expect(try text.substring(7..<7) == "")
    #expect(throws: YError.outOfBounds(index: 8, count: 7)) { try text.substring(0..<8) }
  }

  @Test func rangesOfStringsAreOffsets() throws {
    let string = "ab🧵 thread"
    try write(string)
    let range = try #require(string.firstRange(of: "thread"))
    try doc.transact { try text.replaceSubrange(YText.offsets(of: range, in: string), with: "yarn") }
    #expect(text.string == "ab🧵 yarn")
  }

  @Test func replacedTextKeepsTheFormats() throws {
    try write("plain bold plain")
    try doc.transact {
      try text.format(6..<10, ["bold": true])
      try text.replaceSubrange(6..<10, with: "strong")
    }
    #expect(
      text.delta == [
        .insert("plain ", attributes: [:]), .insert("strong", attributes: ["bold": true]),
        .insert(" plain", attributes: [:]),
      ])
  }

  /// What others write in words that stay is kept.
  @Test func replacingAStringMergesWithOthersEdits() throws {
    try write("The quick brown fox jumps over the lazy dog.")
    let other = doc.fork(clientID: 2)
    try doc.transact { try text.replace(with: "The slow brown fox leaps over the lazy dog!") }
    try other.transact { try other.text("t").insert("red-", at: 10) }
    try doc.apply(other.encodeStateAsUpdate())
    #expect(text.string == "The slow red-brown fox leaps over the lazy dog!")
  }

  @Test func composedLettersAreNotTheirDecompositions() throws {
    try write("caf\u{E9}")
    try doc.transact { try text.replace(with: "cafe\u{301}") }
    #expect(Array(text.string.unicodeScalars) == Array("cafe\u{301}".unicodeScalars))
  }

  @Test func embedsStayWhereAStringIsReplaced() throws {
    try write("one two three")
    try doc.transact {
      try text.insertEmbed(["n": 1], at: 3)
      try text.insertEmbed(["n": 2], at: 8)
      try text.replace(with: "one 2 three and four")
    }
    #expect(text.string == "one 2 three and four")
    #expect(text.utf16Count == text.string.utf16.count + 2)
    try doc.transact { try text.replace(with: "") }
    #expect(text.string.isEmpty && text.utf16Count == 2)
    try doc.transact { try text.replace(with: "end") }
    #expect(text.string == "end")
  }

  @Test(arguments: UInt64(1)...40) func anyStringReplacesAnyOther(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pieces = ["a", "be ", "the ", "é", "e\u{301}", "🧵", "\r\n", "👩‍👧", " ", "x"]
    for _ in 0..<30 {
      let count = Int.random(in: 0...12, using: &random)
      let string = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
      try doc.transact { try text.replace(with: string) }
      #expect(text.string.utf8.elementsEqual(string.utf8), "seed \(seed)")
    }
  }

  @Test func aLongRewriteIsOneReplacement() throws {
    let old = (0..<3000).map { "word\($0) " }.joined()
    try write(old)
    try doc.transact { try text.replace(with: (0..<3000).map { "other\($0) " }.joined()) }
    #expect(text.string.hasPrefix("other0 other1 "))
  }

  @Test(arguments: 1...40) func spellingIsComparedAsTheStringWouldBe(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let map = doc.map("m")
    for _ in 0..<30 {
      try doc.transact {
        let piece = ["a", "é", "e\u{301}", "🧵", "", "long enough to have memory of its own"].randomElement(
          using: &random)!
        let length = text.utf16Count
        let index = Int.random(in: 0...length, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: try? text.remove(min(index, length)..<length)
        case 1: try? text.insertEmbed(1, at: index)
        case 2: try? text.format(0..<index, ["bold": true])
        default: try? text.insert(piece, at: index)
        }
        try map.set("k", [.string(piece), .null, 3, .array([.string(piece)])].randomElement(using: &random)!)
      }
      let string = text.string
      #expect(text.isSpelled(string))
      for other in [string + "x", String(string.dropLast()), String(string.dropFirst()), "", "é" + string] {
        #expect(text.isSpelled(other) == other.utf8.elementsEqual(string.utf8), "seed \(seed)")
      }
      for piece in ["a", "é", "e\u{301}", "🧵", "", "long enough to have memory of its own", "long"] {
        let shown = map["k"]?.value?.string
        #expect(map.holds(piece, at: "k") == shown?.utf8.elementsEqual(piece.utf8) ?? false, "seed \(seed)")
      }
    }
    #expect(!map.holds("", at: "absent"))
    try doc.transact { try map.removeValue(forKey: "k") }
    #expect(!map.holds("", at: "k"))
  }
}
