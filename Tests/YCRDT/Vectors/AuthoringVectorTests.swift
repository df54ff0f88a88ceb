import TestSupport
import Testing
import YCRDT

/// Local edits: the same edits must produce the very bytes that Yjs produces.
@Suite struct AuthoringVectorTests {
  @Test func localEdits() throws {
    for vector in try Vectors.cases("authoring.jsonl") { try Self.replay(vector).report() }
  }

  static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("authoring", vector)
    let roots = vector["roots"] ?? .null
    let docs = (vector["clients"]?.array ?? []).map { Doc(clientID: $0.integer) }
    for doc in docs {
      doc.surrogatePairs = .tear
      for root in roots.members { _ = doc.rootElement(root.key, kind: root.value.string ?? "") }
    }
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0["v1"]?.bytes) }
    for (number, step) in (vector["steps"]?.array ?? []).enumerated() {
      let doc = docs[Int(step["c"]?.integer ?? 0)]
      if let received = step["recv"]?.integer {
        try doc.apply(updates[Int(received)])
        continue
      }
      var emitted: [[UInt8]] = []
      let subscription = doc.observeUpdates { emitted.append($0.update) }
      try doc.transact { for edit in step["ops"]?.array ?? [] { try perform(edit, on: doc, roots: roots) } }
      subscription.cancel()
      let expected = step["emit"]?.integer.map { updates[Int($0)] }
      check.equalBytes(emitted.first, expected, "step \(number) \(step["ops"].map { "\($0.shown.prefix(200))" } ?? "")")
      if !check.differences.isEmpty { return check }
    }
    for (doc, final) in zip(docs, vector["final"]?.array ?? []) {
      check.content(doc, final["json"], roots: roots, "at the end")
      check.deltas(doc, final["deltas"], roots: roots, "at the end")
      guard let canonical = final["canon1"]?.string else { continue }
      check.equal(SHA256.prefix(of: try doc.reloaded().encodeStateAsUpdate()), canonical, "state at the end")
    }
    return check
  }

  static func perform(_ edit: VectorJSON, on doc: Doc, roots: VectorJSON) throws {
    let target = try element(at: edit["p"]?.array ?? [], of: doc, roots: roots)
    let index = Int(edit["i"]?.integer ?? 0)
    let count = Int(edit["n"]?.integer ?? 0)
    switch (edit["o"]?.string, target) {
    case ("tins", .text(let text)):
      try text.insert(try #require(edit["s"]?.string), at: index, attributes: edit["attrs"]?.value.object)
    case ("tdel", .text(let text)): try text.remove(index..<index + count)
    case ("tfmt", .text(let text)): try text.format(index..<index + count, edit["attrs"]?.value.object ?? [:])
    case ("temb", .text(let text)): try text.insertEmbed(edit["v"]?.value ?? .null, at: index, attributes: [:])
    case ("tdelta", .text(let text)): try text.apply((edit["d"]?.array ?? []).map { try delta($0) })
    case ("tattr", .text(let text)): try text.attributes.set(try #require(edit["k"]?.string), edit["v"]?.value ?? .null)
    case ("mset", .map(let map)): try set(try #require(edit["k"]?.string), of: map, to: edit["v"] ?? .null)
    case ("mdel", .map(let map)): try map.removeValue(forKey: try #require(edit["k"]?.string))
    case ("ains", .array(let array)): try insert(edit["vs"]?.array ?? [], into: array, at: index)
    case ("apush", .array(let array)): try insert(edit["vs"]?.array ?? [], into: array, at: nil)
    case ("adel", .array(let array)): try array.removeSubrange(index..<index + count)
    default: Issue.record("unknown edit \(edit.shown)")
    }
  }

  private static func element(at path: [VectorJSON], of doc: Doc, roots: VectorJSON) throws -> YElement {
    let root = try #require(path.first?.string)
    var element = try #require(doc.rootElement(root, kind: roots[root]?.string ?? ""))
    for part in path.dropFirst() {
      switch element {
      case .map(let map): element = try #require(map[part.string ?? ""])
      case .array(let array): element = array[Int(part.integer ?? 0)]
      default: Issue.record("no way along \(path) in the document")
      }
    }
    return element
  }

  private static func delta(_ step: VectorJSON) throws -> YText.Delta {
    let attributes = step["attributes"]?.value.object ?? [:]
    if let count = step["retain"]?.integer { return .retain(Int(count), attributes: attributes) }
    if let count = step["delete"]?.integer { return .delete(Int(count)) }
    let inserted = try #require(step["insert"])
    return inserted.string.map { .insert($0, attributes: attributes) }
      ?? .insertEmbed(inserted.value, attributes: attributes)
  }

  private static func set(_ key: String, of map: YMap, to value: VectorJSON) throws {
    switch value["$new"]?.string {
    case "text": try map.setText(key, value["init"]?.string ?? "")
    case "map": try fill(try map.setMap(key), from: value["init"])
    case "array": try insert(value["init"]?.array ?? [], into: try map.setArray(key), at: nil)
    default: try map.set(key, value.value)
    }
  }

  private static func fill(_ map: YMap, from content: VectorJSON?) throws {
    for member in content?.members ?? [] { try set(member.key, of: map, to: member.value) }
  }

  /// As Yjs does: neighbouring plain values go into one item, shared types each into one of their own.
  private static func insert(_ values: [VectorJSON], into array: YArray, at index: Int?) throws {
    var index = index
    var plain: [YValue] = []
    func flush() throws {
      guard !plain.isEmpty else { return }
      if let at = index { try array.insert(plain, at: at) } else { try array.append(plain) }
      index? += plain.count
      plain = []
    }
    for value in values {
      guard let kind = value["$new"]?.string else {
        plain.append(value.value)
        continue
      }
      try flush()
      let content = value["init"]
      switch (kind, index) {
      case ("text", let at?): try array.insertText(content?.string ?? "", at: at)
      case ("text", nil): try array.appendText(content?.string ?? "")
      case ("map", let at?): try fill(try array.insertMap(at: at), from: content)
      case ("map", nil): try fill(try array.appendMap(), from: content)
      case (_, let at?): try insert(content?.array ?? [], into: try array.insertArray(at: at), at: nil)
      case (_, nil): try insert(content?.array ?? [], into: try array.appendArray(), at: nil)
      }
      index? += 1
    }
    try flush()
  }
}

extension VectorJSON {
  /// The plain value of a tagged one.
  var value: YValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let value): Int64(exactly: value).map { .int($0) } ?? .float(value)
    case .string(let value): .string(value)
    case .array(let elements): .array(elements.map(\.value))
    case .object(let members): taggedValue ?? .object(YObject(members.map { ($0.key, $0.value.value) }))
    }
  }

  private var taggedValue: YValue? {
    switch self["$"]?.string {
    case "undef": .undefined
    case "big": self["v"]?.string.flatMap { Int64($0) }.map { .bigInt($0) }
    case "num": self["v"]?.string.flatMap { Double($0) }.map { .float($0) }
    case "bin": self["v"]?.bytes.map { .binary($0) }
    case "obj": .object(YObject((self["v"]?.array ?? []).map { ($0.array[0].string ?? "", $0.array[1].value) }))
    default: nil
    }
  }
}
