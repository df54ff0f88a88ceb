import YCRDT

/// Local edits of any kind, as choices tell.
public struct ChosenEdits {
  /// Texts get formats.
  public var hasFormats = true
  /// There are XML types.
  public var hasXML = true
  /// Only what other implementations agree upon and JSON can say: no binary, no NaN, no minus zero, no empty keys.
  public var isPlain = false

  public init() {}

  private static let words = ["a", "be", "the quick ", "é", "🧵", "x\n", "日本", "0123456789", "", "\u{301}"]
  private static let keys = ["x", "y", "é", ""]
  private static let formats: [YObject] = [
    ["bold": true], ["bold": .null], ["bold": true, "em": ["a": 1]], ["em": .null], ["size": 1.5], [:],
  ]
  private static let values: [YValue] = [
    1, "two", true, .null, 0.5, [1, ["two"]], ["k": [1.5]], .int(-1 << 40), .string(""),
    // Not plain from here on.
    ["2": 1, "1": 2], .binary([1, 2, 3]), .binary([]), .float(.nan), .float(-0.0),
  ]

  private func value(_ choices: inout Choices) -> YValue {
    choices.pick(isPlain ? Array(Self.values.prefix(9)) : Self.values)
  }

  /// One transaction with up to four edits. Refused edits are part of the game.
  func edit(_ doc: Doc, _ choices: inout Choices) {
    doc.transact {
      for _ in 0...choices.below(4) {
        var roots: [YElement] = [.text(doc.text("t")), .map(doc.map("m")), .array(doc.array("a"))]
        if hasXML { roots.append(.xmlFragment(doc.xmlFragment("x"))) }
        try? edit(choices.pick(roots), &choices, depth: 0)
      }
    }
  }

  private func edit(_ element: YElement, _ choices: inout Choices, depth: Int) throws(YError) {
    switch element {
    case .text(let text): try edit(text, &choices)
    case .map(let map): try edit(map, &choices, depth)
    case .array(let array): try edit(array, &choices, depth)
    case .xmlText(let text): try edit(text.text, &choices)
    case .xmlHook(let hook): try edit(hook.map, &choices, depth)
    case .xmlFragment(let fragment): try edit(fragment, &choices, depth)
    case .xmlElement(let element):
      if choices.bool() { try edit(element, &choices, depth) } else { try edit(element.attributes, &choices, depth) }
    case .value, .subdocument: break
    }
  }

  private func edit(_ text: YText, _ choices: inout Choices) throws(YError) {
    let count = text.utf16Count
    let index = choices.below(min(count + 1, 256))
    let end = min(count, index + choices.below(16))
    switch choices.below(10) {
    case 0, 1, 2: try text.insert(choices.pick(Self.words), at: index)
    case 3 where hasFormats:
      try text.insert(choices.pick(Self.words), at: index, attributes: choices.pick(Self.formats))
    case 4: try text.insertEmbed(value(&choices), at: index, attributes: choices.bool() && hasFormats ? [:] : nil)
    case 5, 6: try text.remove(index..<end)
    case 7 where hasFormats: try text.format(index..<end, choices.pick(Self.formats))
    case 8: try text.append(choices.pick(Self.words))
    default: try text.replace(with: choices.pick(Self.words) + choices.pick(Self.words))
    }
  }

  private func edit(_ map: YMap, _ choices: inout Choices, _ depth: Int) throws(YError) {
    let key = choices.pick(isPlain ? Self.keys.dropLast() : Self.keys)
    switch choices.below(10) {
    case 0, 1, 2: try map.set(key, value(&choices))
    case 3: try map.removeValue(forKey: key)
    case 4: try map.setMap(key)
    case 5: try map.setArray(key)
    case 6: try map.setText(key, choices.pick(Self.words))
    case 7 where hasXML: try map.setXmlElement(key, "p")
    case 8 where choices.below(8) == 0: try map.removeAll()
    default: if depth < 8, let inner = map[key] { try edit(inner, &choices, depth: depth + 1) }
    }
  }

  private func edit(_ array: YArray, _ choices: inout Choices, _ depth: Int) throws(YError) {
    let index = choices.below(min(array.count + 1, 256))
    switch choices.below(9) {
    case 0, 1: try array.insert((0...choices.below(3)).map { _ in value(&choices) }, at: index)
    case 2: try array.append([value(&choices)])
    case 3, 4: try array.removeSubrange(index..<min(array.count, index + choices.below(4)))
    case 5: try array.insertMap(at: index)
    case 6: try array.insertText(choices.pick(Self.words), at: index)
    case 7: try array.insertArray(at: index)
    default: if depth < 8, index < array.count { try edit(array[index], &choices, depth: depth + 1) }
    }
  }

  private func edit(_ container: some YXmlContainer, _ choices: inout Choices, _ depth: Int) throws(YError) {
    let index = choices.below(min(container.count + 1, 256))
    switch choices.below(6) {
    case 0: try container.insertElement("p", at: index)
    case 1: try container.insertText(choices.pick(Self.words), at: index)
    case 2: try container.insertHook("h", at: index)
    case 3: try container.removeChildren(index..<min(container.count, index + choices.below(4)))
    default: if depth < 8, let child = container.child(at: index) { try edit(child, &choices, depth: depth + 1) }
    }
  }
}
