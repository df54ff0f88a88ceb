import TestSupport

@testable import YCRDT

/// Makes random edits of all sorts to a document with the roots `t` (text), `m` (map) and `a` (array).
struct RandomEditor {
  var random: SeededGenerator
  private static let words = ["a", "be", "the quick ", "é", "🧵", "x\n", "日本", "0123456789"]
  private static let keys = ["x", "y", "z", "body", "é"]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  /// One transaction with one to three edits.
  mutating func edit(_ doc: Doc, formats: Bool = false) throws {
    let count = Int.random(in: 1...3, using: &random)
    try doc.transact {
      for _ in 0..<count {
        let roots: [YElement] = [.text(doc.text("t")), .map(doc.map("m")), .array(doc.array("a"))]
        try edit(pick(roots), depth: 0, formats)
      }
    }
  }

  private mutating func edit(_ element: YElement, depth: Int, _ formats: Bool) throws {
    switch element {
    case .text(let text): try edit(text, formats)
    case .map(let map): try edit(map, depth, formats)
    case .array(let array): try edit(array, depth, formats)
    default: break
    }
  }

  /// An index that does not tear a surrogate pair apart.
  private mutating func index(in text: YText) -> Int {
    let string = text.string
    let offset = Int.random(in: 0...string.utf16.count, using: &random)
    let index = string.utf16.index(string.startIndex, offsetBy: offset)
    return UTF16.isTrailSurrogate(index < string.endIndex ? string.utf16[index] : 0) ? offset - 1 : offset
  }

  mutating func edit(_ text: YText, _ formats: Bool = false) throws {
    text.doc.surrogatePairs = .tear
    let ends = [index(in: text), index(in: text)].sorted()
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<6: try text.insert(pick(Self.words), at: ends[0])
    case 6..<9: try text.remove(ends[0]..<min(ends[1], ends[0] + 12))
    default:
      let value = pick([YValue.bool(true), .null])
      if formats { try text.format(ends[0]..<ends[1], ["bold": value]) }
    }
  }

  private mutating func value() -> YValue {
    pick([
      .int(Int64.random(in: -100...100, using: &random)), .string(pick(Self.words)), .bool(true), .null, .float(0.5),
      .array([1, "two"]), ["k": [1.5]], .binary([1, 2, 3]),
    ])
  }

  private mutating func edit(_ map: YMap, _ depth: Int, _ formats: Bool) throws {
    let key = pick(Self.keys)
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<4: try map.set(key, value())
    case 4: try map.removeValue(forKey: key)
    case 5 where depth < 4: try map.setMap(key)
    case 6 where depth < 4: try map.setArray(key)
    case 7: try map.setText(key, pick(Self.words))
    default: if let inner = map[key] { try edit(inner, depth: depth + 1, formats) }
    }
  }

  private mutating func edit(_ array: YArray, _ depth: Int, _ formats: Bool) throws {
    let index = Int.random(in: 0...array.count, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3: try array.insert((0..<Int.random(in: 1...3, using: &random)).map { _ in value() }, at: index)
    case 3: try array.append([value()])
    case 4..<6:
      let end = min(array.count, index + Int.random(in: 0...2, using: &random))
      try array.removeSubrange(index..<end)
    case 6 where depth < 4: try array.insertMap(at: index)
    case 7: try array.insertText(pick(Self.words), at: index)
    default: if index < array.count { try edit(array[index], depth: depth + 1, formats) }
    }
  }
}

extension Doc {
  /// Everything the replayed roots show.
  var shown: [YValue] { [text("t").json, map("m").json, array("a").json] }

  /// The full state after a round through the wire, which does not depend on the order of delivery.
  func canonicalState() throws -> [UInt8] {
    let copy = Doc(clientID: 1)
    try copy.apply(encodeStateAsUpdate())
    return copy.encodeStateAsUpdate()
  }
}
