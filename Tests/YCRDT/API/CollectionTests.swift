import Testing
import YCRDT

@Suite struct CollectionTests {
  private let doc = Doc(clientID: 1)

  @Test func anArrayIsACollection() throws {
    let array = doc.array("a")
    try doc.transact {
      try array.append([1, 2])
      try array.appendText("text")
      try array.append([.null])
    }
    #expect(array.map(\.json) == [1, 2, "text", .null])
    #expect(array.first?.value == 1 && array.last?.value == .null && array.count == 4)
    #expect(array.firstIndex { $0.text != nil } == 2)
    #expect(array.reversed().first?.value == .null)
    #expect(array[1...2].map(\.json) == [2, "text"])
    #expect(array.compactMap(\.value?.integer) == [1, 2])
  }

  /// A loop goes through what was there when it began.
  @Test func loopsMayEdit() throws {
    let (array, map) = (doc.array("a"), doc.map("m"))
    try doc.transact {
      try array.append([1, 2, 3])
      for element in array { try map.set("\(element.json)", element.json) }
      for (key, value) in map {
        try map.removeValue(forKey: key)
        try array.append([value.json])
        try array.remove(at: 0)
      }
    }
    #expect(map.isEmpty && array.json == [1, 2, 3])
  }

  @Test func aMapIsASequence() throws {
    let map = doc.map("m")
    try doc.transact {
      try map.set("b", 1)
      try map.setText("a", "text")
      try map.set("c", 3)
      try map.removeValue(forKey: "c")
    }
    #expect(map.keys == ["b", "a"] && map.count == 2 && !map.isEmpty)
    #expect(map.map(\.key) == ["b", "a"])
    #expect(map.values.map(\.json) == [1, "text"])
    #expect(Dictionary(uniqueKeysWithValues: map.map { ($0.key, $0.value.json) }) == ["a": "text", "b": 1])
  }
}
