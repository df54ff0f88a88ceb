import TestSupport
import Testing
import YCRDT

/// Local edits of XML trees: the same edits must produce the very bytes that Yjs produces.
@Suite struct XMLVectorTests {
  @Test func localEditsOfXML() throws {
    for vector in try Vectors.cases("xml.jsonl") { try Self.replay(vector).report() }
  }

  private static func replay(_ vector: VectorJSON) throws -> VectorCheck {
    var check = VectorCheck("xml", vector)
    let docs = (vector["clients"]?.array ?? []).map { Doc(clientID: $0.integer) }
    let updates = try (vector["updates"]?.array ?? []).map { try #require($0.bytes) }
    for (number, step) in (vector["steps"]?.array ?? []).enumerated() {
      let doc = docs[Int(step["c"]?.integer ?? 0)]
      if let received = step["recv"]?.integer {
        try doc.apply(updates[Int(received)])
        continue
      }
      var emitted: [[UInt8]] = []
      let subscription = doc.observeUpdates { emitted.append($0.update) }
      try doc.transact { for edit in step["ops"]?.array ?? [] { try perform(edit, on: doc) } }
      subscription.cancel()
      let expected = step["emit"]?.integer.map { updates[Int($0)] }
      check.equalBytes(emitted.first, expected, "step \(number) \(step["ops"].map { "\($0.shown.prefix(200))" } ?? "")")
      if !check.differences.isEmpty { return check }
    }
    for (doc, final) in zip(docs, vector["final"]?.array ?? []) {
      check.equal(doc.xmlFragment("x").string, final.string ?? "", "the tree at the end")
    }
    return check
  }

  private static func perform(_ edit: VectorJSON, on doc: Doc) throws {
    var target = YElement.xmlFragment(doc.xmlFragment("x"))
    for index in edit["p"]?.array ?? [] {
      target = try #require((target.sharedType as? any YXmlContainer)?.child(at: Int(index.integer ?? 0)))
    }
    let index = Int(edit["i"]?.integer ?? 0)
    let (key, string) = (edit["k"]?.string ?? "", edit["s"]?.string ?? "")
    let parent = target.sharedType as? any YXmlContainer
    switch edit["o"]?.string {
    case "element": try parent?.insertElement(try #require(edit["name"]?.string), at: index)
    case "text": try parent?.insertText(string, at: index)
    case "hook": try parent?.insertHook(try #require(edit["name"]?.string), at: index)
    case "attribute": try target.xmlElement?.attributes.set(key, .string(edit["v"]?.string ?? ""))
    case "unset": try target.xmlElement?.attributes.removeValue(forKey: key)
    case "remove": try parent?.removeChild(at: index)
    case "type": try target.xmlText?.text.insert(string, at: index)
    default: Issue.record("unknown edit \(edit.shown)")
    }
  }
}
