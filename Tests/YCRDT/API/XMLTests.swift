import Testing
import YCRDT

@Suite struct XMLTests {
  private let doc = Doc(clientID: 1)
  private var root: YXmlFragment { doc.xmlFragment("x") }

  private func build() throws -> (YXmlElement, YXmlText, YXmlHook) {
    try doc.transact {
      let paragraph = try root.appendElement("P")
      try paragraph.attributes.set("class", "wide")
      let text = try paragraph.appendText("hello")
      try text.text.format(0..<4, ["b": [:]])
      let hook = try root.appendHook("table")
      try hook.map.set("rows", 2)
      try root.insertText("first", at: 0)
      return (paragraph, text, hook)
    }
  }

  @Test func treesAreReadAndShown() throws {
    let (paragraph, text, hook) = try build()
    #expect(root.string == "first<p class=\"wide\"><b>hell</b>o</p>[object Object]")
    #expect(root.count == 3 && root.children.count == 3)
    #expect(root.firstChild?.xmlText?.string == "first")
    #expect(root.child(at: 1)?.xmlElement == paragraph && root.child(at: 3) == nil)
    #expect(paragraph.name == "P" && hook.name == "table" && hook.json == ["rows": 2])
    #expect(text.text.utf16Count == 5 && text.string == "<b>hell</b>o")
  }

  @Test func treesAreNavigated() throws {
    let (paragraph, text, hook) = try build()
    #expect(paragraph.nextSibling?.xmlHook == hook && hook.nextSibling == nil)
    #expect(hook.previousSibling?.xmlElement == paragraph)
    #expect(paragraph.previousSibling?.xmlText?.previousSibling == nil)
    #expect(text.parent?.xmlElement == paragraph && paragraph.parent?.xmlFragment == root && root.parent == nil)
    #expect(try root.index(of: hook) == 2)
    try doc.transact { try root.removeChild(at: try root.index(of: paragraph)) }
    #expect(hook.previousSibling?.xmlText?.string == "first")
    #expect(paragraph.isDeleted && paragraph.nextSibling == nil && paragraph.parent == nil)
    #expect(throws: YError.notAChild) { try root.index(of: paragraph) }
  }

  @Test func treesTravel() throws {
    _ = try build()
    try doc.transact {
      try doc.map("m").setXmlElement("element", "div").attributes.set("id", "a")
      try doc.map("m").setXmlText("text", "text")
      try doc.map("m").setXmlFragment("fragment").appendElement("p")
      try doc.array("a").insertXmlText("text")
      try doc.array("a").insertXmlElement("br", at: 0)
      try doc.array("a").insertXmlFragment().appendText("in")
      try doc.xmlElement("e").appendText("root")
      try doc.xmlText("t").text.append("root")
    }
    let copy = Doc(clientID: 2)
    try copy.apply(doc.encodeStateAsUpdate())
    #expect(copy.xmlFragment("x").string == root.string)
    #expect(copy.map("m").json == doc.map("m").json)
    #expect(copy.map("m")["element"]?.xmlElement?.string == "<div id=\"a\"></div>")
    #expect(copy.array("a").json == ["<br></br>", "text", "in"])
    #expect(copy.xmlElement("e").string == "<undefined>root</undefined>")
    #expect(copy.xmlText("t").string == "root")
    #expect(copy.encodeStateAsUpdate() == doc.encodeStateAsUpdate())
  }

  @Test func changesAreObserved() throws {
    let (paragraph, _, _) = try build()
    var events: [YEvent] = []
    let subscription = root.observeDeep { events += $0 }
    try doc.transact {
      try paragraph.attributes.set("class", "narrow")
      try paragraph.insertElement("br", at: 0)
    }
    subscription.cancel()
    #expect(events.count == 1 && events.first?.target.xmlElement == paragraph)
    #expect(events.first?.path == [.index(1)] && events.first?.keys["class"] == .updated(old: "wide"))
  }

  @Test func typesInAttributesAreShownAsJavaScriptDoes() throws {
    let doc = Doc(clientID: 1)
    try doc.transact {
      let element = try doc.xmlFragment("x").appendElement("p")
      try element.attributes.setArray("array").append([1])
      try element.attributes.setMap("map")
      try element.attributes.setText("text", "words")
    }
    #expect(
      doc.xmlFragment("x").string == #"<p array="[object Object]" map="[object Object]" text="words"></p>"#)
    try doc.transact {
      let text = try doc.xmlFragment("y").appendText()
      for value: YValue in [["k": 1], [1, "two"], .null, 0.5, "s"] { try text.text.insertEmbed(value, at: 0) }
    }
    #expect(doc.xmlFragment("y").string == "s0.5null1,two[object Object]")
  }
}
