import Testing
import YCRDT

/// The code of the articles, block by block as it stands there; `DocumentationTests` compares.
@Suite struct ArticleSnippets {
  @Test func landingPage() throws {
    let doc = Doc()
    let title = doc.text("title")
    try doc.transact { try title.append("Shopping") }

    let copy = Doc()
    try copy.apply(doc.encodeStateAsUpdate())
    print(copy.text("title").string)  // Shopping
    #expect(copy.text("title").string == "Shopping")
  }

  @Test func readme() throws {
    struct Job: Codable, Equatable {
      var name: String
      var body: String
    }
    var sent = 0
    func send(_ update: [UInt8]) { sent += 1 }
    let doc = Doc()
    let subscription = doc.observeUpdates { event in send(event.update) }
    try doc.transact {
      try doc.array("jobs").append(Job(name: "Fetch", body: "get('/')"), as: .shared(texts: ["body"]))
      try doc.array("jobs").last?.map?["body"]?.text?.insert("// every night\n", at: 0)
    }
    let jobs = try doc.array("jobs").decode([Job].self)
    subscription.cancel()
    #expect(sent == 1 && jobs == [Job(name: "Fetch", body: "// every night\nget('/')")])
  }

  @Test func dataModel() throws {
    let doc = Doc()
    let jobs = doc.array("jobs")
    try doc.transact {
      let job = try jobs.appendMap()
      try job.set("name", "Fetch")
      try job.set("retries", 3)
      try job.setText("body", "get('/patients')")
    }

    for element in jobs {
      guard let job = element.map else { continue }
      print(job["name"]?.value?.string ?? "", job["body"]?.text?.string ?? "")
    }
    #expect(jobs.json == [["name": "Fetch", "retries": 3, "body": "get('/patients')"]])
  }

  @Test func transactionsAndEvents() throws {
    let doc = Doc()
    let text = doc.text("note")
    let subscription = doc.observeUpdates { event in
      print(event.isLocal, event.origin?.name ?? "", event.update.count)
    }
    try doc.transact(origin: "keyboard") {
      try text.append("Hello")
      try text.append(", world")
    }
    subscription.cancel()

    let watching = text.observe { event in
      for change in event.delta {
        switch change {
        case .retain(let count, _): print("keep", count)
        case .insertText(let string, _): print("insert", string)
        case .delete(let count): print("delete", count)
        case .insert, .insertEmbed: break
        }
      }
    }
    try doc.transact { try text.insert("!", at: 12) }
    watching.cancel()
    #expect(text.string == "Hello, world!")
  }

  @Test func updatesAndSync() throws {
    let (server, phone) = (Doc(), Doc())
    var outbox: [[UInt8]] = []
    try server.transact { try server.text("t").append("server") }
    try phone.transact { try phone.text("t").append("phone") }
    let missing = server.encodeStateAsUpdate(since: phone.stateVector)
    try phone.apply(missing)
    try server.apply(phone.encodeStateAsUpdate(since: server.stateVector))
    #expect(server.text("t").string == phone.text("t").string && server.text("t").utf16Count == 11)
    let subscription = phone.observeUpdates { event in
      if event.isLocal { outbox.append(event.update) }
    }
    try phone.transact { try phone.text("t").append("!") }
    subscription.cancel()
    for update in outbox { try server.apply(update) }
    #expect(outbox.count == 1 && server.text("t").string.hasSuffix("!"))

    let log = try Update.merging(outbox)
    let news = try Update.difference(log, since: server.stateVector)
    let compact = try Update.converted(news, from: .v1, to: .v2)
    try #require(!compact.isEmpty)
    let before = server.encodeStateAsUpdate()
    try server.apply(compact, format: .v2)
    #expect(server.encodeStateAsUpdate() == before)
  }

  @Test func codableTypes() throws {
    let doc = Doc()
    try doc.transact { try doc.array("jobs").append([["id": "z", "name": "Z", "body": ""]]) }
    struct Job: Codable, Equatable {
      var id: String
      var name: String
      var body: String
      var retries: Int?
    }

    let jobs = try doc.array("jobs").decode([Job].self)
    let first = try doc.array("jobs").decode(Job.self, at: 0)
    #expect(jobs == [first])
    let job = Job(id: "a", name: "Fetch", body: "get('/patients')", retries: 3)
    try doc.transact {
      try doc.array("jobs").append(job, as: .shared(texts: ["body"]))
      try doc.map("settings").set(["theme": "dark"], forKey: "editor", as: .plain)
    }
    let map = try #require(doc.array("jobs").last?.map)
    let body = map["body"]?.text
    var changed = try map.decode(Job.self)
    changed.name = "Fetch patients"
    changed.retries = nil
    try doc.transact { try map.update(from: changed, as: .shared(texts: ["body"])) }
    #expect(try map.decode(Job.self) == changed && map["body"]?.text == body && body != nil)
  }

  @Test func textAndStrings() throws {
    let doc = Doc()
    let text = doc.text("t")
    try doc.transact { try text.append("🧵 draft") }
    let string = text.string
    if let range = string.firstRange(of: "draft") {
      try doc.transact { try text.replaceSubrange(YText.offsets(of: range, in: string), with: "final") }
    }
    #expect(text.string == "🧵 final")
    try doc.transact { try text.replace(with: "The slow brown fox") }
    #expect(text.string == "The slow brown fox")
    try doc.transact {
      try text.format(4..<8, ["bold": true])
      try text.insert("very ", at: 4, attributes: [:])
      try text.apply([.retain(4, attributes: [:]), .delete(5)])
    }
    #expect(text.string == "The slow brown fox")
  }

  @Test func xmlTrees() throws {
    let doc = Doc()
    let page = doc.xmlFragment("page")
    try doc.transact {
      let paragraph = try page.appendElement("p")
      try paragraph.attributes.set("class", "wide")
      let text = try paragraph.appendText("Hello, world")
      try text.text.format(0..<5, ["strong": [:]])
      try page.insertElement("hr", at: 0)
    }
    print(page.string)
    #expect(page.string == "<hr></hr><p class=\"wide\"><strong>Hello</strong>, world</p>")
    if let paragraph = page.firstChild?.xmlElement?.nextSibling?.xmlElement {
      try doc.transact { try page.removeChild(at: try page.index(of: paragraph)) }
    }
    #expect(page.string == "<hr></hr>")
  }

  @Test func positionsAndSnapshots() throws {
    let doc = Doc()
    let text = doc.text("t")
    try doc.transact { try text.append("Hello, world") }
    let cursor = try text.relativePosition(at: 6)
    try doc.transact { try text.insert("Oh, ", at: 0) }
    print(doc.resolve(cursor)?.index ?? 0)  // 10
    #expect(doc.resolve(cursor)?.index == 10)

    let history = Doc(collectsGarbage: false)
    let note = history.text("note")
    try history.transact { try note.append("Hello") }
    let moment = history.snapshot()
    try history.transact { try note.replace(with: "Goodbye") }
    let past = try history.restored(at: moment)
    print(past.text("note").string)  // Hello
    #expect(past.text("note").string == "Hello")
  }

  @Test func undo() throws {
    let doc = Doc()
    let text = doc.text("t")
    let undoing = try YUndoManager(doc, scope: [text])
    try doc.transact { try text.append("Hello") }
    undoing.stopCapturing()
    try doc.transact { try text.append(", world") }
    try undoing.undo()
    print(text.string)  // Hello
    try undoing.redo()
    #expect(text.string == "Hello, world")
    var options = YUndoManager.Options()
    options.trackedOrigins = ["keyboard"]
    let keyboard = try YUndoManager(doc, scope: [text], options: options)
    try doc.transact(origin: "import") { try text.append("!") }
    print(keyboard.canUndo)  // false
    #expect(!keyboard.canUndo && text.string == "Hello, world!")
  }

  @Test func limitsAndHostileInput() throws {
    let doc = Doc()
    do {
      try doc.apply([1, 1, 5, 0, 4])
    } catch {
      print(error)  // truncated at byte 5
    }
    #expect(throws: UpdateError(.truncated, at: 5)) { try doc.apply([1, 1, 5, 0, 4]) }
    doc.limits.contentBytes = 16 << 20
    doc.limits.updateBytes = 1 << 20
    #expect(throws: UpdateError.self) { try doc.apply(Array(repeating: 0, count: 2 << 20)) }
  }
}
