import YCRDT

/// Every public way to change shared types, with arguments that are right for a type with some content.
struct Mutators {
  typealias Mutator = (name: String, run: () throws -> Void)

  let map: YMap
  let array: YArray
  let text: YText
  let fragment: YXmlFragment
  let element: YXmlElement

  /// Types nested in the root map `nest`, with content.
  init(nestedIn doc: Doc) throws {
    let nest = doc.map("nest")
    map = try nest.setMap("map")
    try map.set("k", 1)
    array = try nest.setArray("array")
    try array.append([1, 2])
    text = try nest.setText("text", "text")
    fragment = try nest.setXmlFragment("fragment")
    try fragment.appendElement("p")
    element = try nest.setXmlElement("element", "div")
    try element.appendElement("p")
  }

  /// Those that add content.
  var adding: [Mutator] {
    [
      ("map.set", { try map.set("k", "value") }),
      ("map.set encodable", { try map.set(["a": 1], forKey: "k", as: .plain) }),
      ("map.set shared", { try map.set(["a": 1], forKey: "k", as: .shared) }),
      ("map.update", { try map.update(from: ["a": 1], as: .plain) }),
      ("map.setText", { try map.setText("k", "string") }),
      ("map.setXmlText", { try map.setXmlText("k", "string") }),
      ("map.setMap", { try map.setMap("k") }),
      ("map.setArray", { try map.setArray("k") }),
      ("map.setXmlFragment", { try map.setXmlFragment("k") }),
      ("map.setXmlElement", { try map.setXmlElement("k", "p") }),
      ("array.insert", { try array.insert([1], at: 0) }),
      ("array.append", { try array.append([1]) }),
      ("array.append encodable", { try array.append(["a": 1], as: .plain) }),
      ("array.insert encodable", { try array.insert(["a": 1], at: 0, as: .shared) }),
      ("array.update", { try array.update(from: ["x"], as: .plain) }),
      ("array.insertText", { try array.insertText("string", at: 0) }),
      ("array.appendText", { try array.appendText("string") }),
      ("array.insertXmlText", { try array.insertXmlText("string") }),
      ("array.insertXmlElement", { try array.insertXmlElement("p") }),
      ("text.insert", { try text.insert("string", at: 0) }),
      ("text.insert formatted", { try text.insert("x", at: 0, attributes: ["bold": true]) }),
      ("text.append", { try text.append("string") }),
      ("text.insertEmbed", { try text.insertEmbed(["src": "a.png"], at: 0) }),
      ("text.format", { try text.format(0..<2, ["bold": true]) }),
      ("text.apply", { try text.apply([.insert("string", attributes: [:])]) }),
      (
        "text.apply to base",
        {
          try text.apply([TextChange(range: 0..<1, replacement: "x")], toBase: text.liveIDs())
        }
      ),
      ("text.replace", { try text.replace(with: "text!") }),
      ("text.replaceSubrange", { try text.replaceSubrange(0..<1, with: "x") }),
      ("fragment.insertElement", { try fragment.insertElement("p", at: 0) }),
      ("fragment.appendText", { try fragment.appendText("string") }),
      ("element.insertHook", { try element.insertHook("hook", at: 0) }),
      ("element.attributes", { try element.attributes.set("class", "wide") }),
    ]
  }

  /// Those that add nothing but structure, or remove.
  var others: [Mutator] {
    [
      ("map.removeValue", { try map.removeValue(forKey: "k") }),
      ("map.removeAll", { try map.removeAll() }),
      ("array.insertMap", { try array.insertMap(at: 0) }),
      ("array.appendMap", { try array.appendMap() }),
      ("array.insertArray", { try array.insertArray(at: 0) }),
      ("array.appendArray", { try array.appendArray() }),
      ("array.insertXmlFragment", { try array.insertXmlFragment() }),
      ("array.remove", { try array.remove(at: 0) }),
      ("array.removeSubrange", { try array.removeSubrange(0..<1) }),
      ("array.removeAll", { try array.removeAll() }),
      ("text.remove", { try text.remove(0..<1) }),
      ("fragment.removeChild", { try fragment.removeChild(at: 0) }),
      ("element.removeChildren", { try element.removeChildren(0..<1) }),
    ]
  }

  var all: [Mutator] { adding + others }

  /// Everything that takes an index or a range, given a bad one for types that hold `count` units at most.
  func misplaced(at index: Int) -> [Mutator] {
    var list: [Mutator] = [
      ("array.insert", { try array.insert([1], at: index) }),
      ("array.insert encodable", { try array.insert("a", at: index, as: .plain) }),
      ("array.insertMap", { try array.insertMap(at: index) }),
      ("array.insertArray", { try array.insertArray(at: index) }),
      ("array.insertText", { try array.insertText(at: index) }),
      ("array.insertXmlElement", { try array.insertXmlElement("p", at: index) }),
      ("array.remove", { try array.remove(at: index) }),
      ("text.insert", { try text.insert("x", at: index) }),
      ("text.insertEmbed", { try text.insertEmbed(1, at: index) }),
      ("text.remove", { try text.remove(min(index, 0)..<max(index, 0)) }),
      ("text.replaceSubrange", { try text.replaceSubrange(min(index, 0)..<max(index, 0), with: "x") }),
      ("text.substring", { _ = try text.substring(min(index, 0)..<max(index, 0)) }),
      ("text.apply delete", { try text.apply([.delete(index)]) }),
      ("array.removeSubrange", { try array.removeSubrange(min(index, 0)..<max(index, 0)) }),
      ("fragment.insertElement", { try fragment.insertElement("p", at: index) }),
      ("element.insertText", { try element.insertText("x", at: index) }),
      ("element.removeChild", { try element.removeChild(at: index) }),
      ("fragment.removeChildren", { try fragment.removeChildren(min(index, 0)..<max(index, 0)) }),
    ]
    if index < 0 { list.append(("text.apply retain", { try text.apply([.retain(index, attributes: [:])]) })) }
    return list
  }
}
