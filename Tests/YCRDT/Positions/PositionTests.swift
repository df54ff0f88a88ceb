import TestSupport
import Testing

@testable import YCRDT

@Suite struct PositionTests {
  /// A position at every character of a text follows it, whoever edits what.
  @Test(arguments: UInt64(1)...12) func positionsFollowTheirCharacters(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 13)
    let mine = Doc(clientID: 5, collectsGarbage: seed.isMultiple(of: 2))
    let other = Doc(clientID: editor.pick([3, 900]))
    try mine.transact { try mine.text("t").insert("0123456789abcdef", at: 0) }
    try other.apply(mine.encodeStateAsUpdate())
    let letters = Array("0123456789abcdef")
    let right = try letters.indices.map { try mine.text("t").relativePosition(at: $0) }
    let left = try letters.indices.map { try mine.text("t").relativePosition(at: $0 + 1, association: .left) }
    let ids = mine.text("t").liveIDs()
    for _ in 0..<40 {
      let doc = editor.pick([mine, other])
      try doc.transact { try editor.edit(doc.text("t")) }
      if Bool.random(using: &editor.random) {
        try mine.apply(other.encodeStateAsUpdate(since: mine.stateVector))
        try other.apply(mine.encodeStateAsUpdate(since: other.stateVector))
      }
      for doc in [mine, other] {
        let text = doc.text("t")
        let units = Array(text.string.utf16)
        let live = text.liveIDs()
        for (letter, (right, left)) in zip(letters, zip(right, left)) {
          let start = try #require(doc.resolve(right)?.index, "seed \(seed)")
          let end = try #require(doc.resolve(left)?.index, "seed \(seed)")
          let id = ID(client: 5, clock: try #require(right.item).clock)
          #expect(ids.contains(id))
          if live.contains(id) {
            #expect(units[start] == letter.utf16.first, "seed \(seed)")
            #expect(end == start + 1, "seed \(seed)")
          } else {
            #expect(start == end && start <= units.count, "seed \(seed)")
          }
        }
      }
    }
  }

  @Test func edgesMoveWithTheType() throws {
    let doc = Doc()
    let array = doc.array("a")
    let (start, end) = (
      try array.relativePosition(at: 0, association: .left), try array.relativePosition(at: 0, association: .right)
    )
    try doc.transact { try array.append([1, 2]) }
    #expect(doc.resolve(start)?.index == 0)
    #expect(doc.resolve(end)?.index == 2)
    #expect(doc.resolve(end)?.type.array == array)
    #expect(start == RelativePosition(edgeOf: .root("a"), association: .left))
  }

  @Test func insertionsAtThePlaceComeOnTheSideThatIsNotHeld() throws {
    let doc = Doc()
    let text = doc.text("t")
    try doc.transact { try text.append("ab") }
    let left = try text.relativePosition(at: 1, association: .left)
    let right = try text.relativePosition(at: 1, association: .right)
    try doc.transact { try text.insert("xyz", at: 1) }
    #expect(doc.resolve(left)?.index == 1)
    #expect(doc.resolve(right)?.index == 4)
  }

  @Test func whatIsNotThereIsNotFound() throws {
    let doc = Doc()
    let text = doc.text("t")
    #expect(throws: YError.outOfBounds(index: 1, count: 0)) { try text.relativePosition(at: 1) }
    #expect(doc.resolve(RelativePosition(item: ID(client: 7, clock: 0))) == nil)
    #expect(doc.resolve(RelativePosition(edgeOf: .root("unknown"))) == nil)
    #expect(doc.rootNames == ["t"])
    let inner = try doc.transact { try doc.map("m").setText("k", "abc") }
    let position = try inner.relativePosition(at: 1)
    let edge = try inner.relativePosition(at: 3)
    try doc.transact { try doc.map("m").removeValue(forKey: "k") }
    #expect(doc.resolve(position) == nil)
    #expect(doc.resolve(edge) == nil)
    #expect(throws: YError.typeDeleted) { try inner.relativePosition(at: 0) }
  }

  @Test func inDeletedTypesThatAreKeptPositionsAreAtTheStart() throws {
    let doc = Doc(collectsGarbage: false)
    let inner = try doc.transact { try doc.map("m").setText("k", "abc") }
    let position = try inner.relativePosition(at: 2)
    try doc.transact { try doc.map("m").removeValue(forKey: "k") }
    #expect(doc.resolve(position)?.index == 0)
    #expect(doc.resolve(position)?.type.text == inner)
  }

  @Test func xmlChildrenHavePositions() throws {
    let doc = Doc()
    let fragment = doc.xmlFragment("x")
    try doc.transact {
      try fragment.appendElement("p")
      try fragment.appendElement("q")
    }
    let position = try fragment.relativePosition(at: 1)
    try doc.transact { try fragment.insertText("t", at: 0) }
    #expect(doc.resolve(position)?.index == 2)
    #expect(doc.resolve(position)?.type.xmlFragment == fragment)
  }

  @Test func malformedPositionsAreRefused() {
    #expect(throws: UpdateError(.unknownPosition(3), at: 1)) { try RelativePosition(decoding: [3, 0, 0]) }
    #expect(throws: UpdateError.self) { try RelativePosition(decoding: []) }
    #expect(throws: UpdateError.self) { try RelativePosition(decoding: [1, 5, 65]) }
    #expect(RelativePosition(json: ["type": .null, "tname": .null, "item": .null]) == nil)
    #expect(RelativePosition(json: ["item": ["client": -1, "clock": 0]]) == nil)
  }
}
