import TestSupport
import Testing

@testable import YCRDT

@Suite struct UndoTests {
  private static func roots(_ doc: Doc) -> [any SharedType] { [doc.text("t"), doc.map("m"), doc.array("a")] }

  /// Two replicas that both know what the other knows.
  private static func exchange(_ docs: [Doc]) throws {
    for doc in docs {
      for other in docs where other !== doc { try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector)) }
    }
  }

  @Test(arguments: Array(UInt64(1)...20) + [41, 127, 181])
  func undoingEverythingLeadsBackToTheStart(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 37)
    let doc = Doc(clientID: 10)
    for _ in 0..<5 { try editor.edit(doc, formats: seed.isMultiple(of: 3)) }
    let start = doc.shown
    let manager = try YUndoManager(doc, scope: Self.roots(doc))
    for _ in 0..<30 {
      switch Int.random(in: 0..<10, using: &editor.random) {
      case 0..<7: try editor.edit(doc, formats: seed.isMultiple(of: 3))
      case 7, 8: try manager.undo()
      default: try manager.redo()
      }
      doc.checkIntegrity()
    }
    let end = doc.shown
    var undone = 0
    while manager.canUndo {
      if try manager.undo() != nil { undone += 1 }
      doc.checkIntegrity()
    }
    #expect(doc.shown == start, "seed \(seed)")
    for _ in 0..<undone { try manager.redo() }
    #expect(doc.shown == end, "seed \(seed)")
    while manager.canUndo { try manager.undo() }
    #expect(doc.shown == start, "seed \(seed)")
  }

  /// Everybody types into one text, and undoes and redoes; in any order of delivery the replicas show the same.
  @Test(arguments: UInt64(1)...20) func replicasWithUndoConverge(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 101)
    let docs = (0..<3).map { Doc(clientID: ClientID($0 * 100 + 7)) }
    let managers = try docs.map { try YUndoManager($0, scope: Self.roots($0)) }
    var updates: [[UInt8]] = []
    let subscriptions = docs.map { doc in doc.observeUpdates { if $0.isLocal { updates.append($0.update) } } }
    for _ in 0..<60 {
      let number = Int.random(in: 0..<3, using: &editor.random)
      switch Int.random(in: 0..<10, using: &editor.random) {
      case 0..<5: try editor.edit(docs[number], formats: seed.isMultiple(of: 4))
      case 5, 6: try managers[number].undo()
      case 7: try managers[number].redo()
      default: try docs[number].apply(editor.pick(docs).encodeStateAsUpdate(since: docs[number].stateVector))
      }
      docs[number].checkIntegrity()
    }
    subscriptions.forEach { $0.cancel() }
    try Self.exchange(docs)
    try Self.exchange(docs)
    let late = Doc(clientID: 9_999)
    for update in (updates + updates.prefix(10)).shuffled(using: &editor.random) {
      try late.apply(update)
      late.checkIntegrity()
    }
    #expect(!late.hasPending, "seed \(seed)")
    for doc in docs {
      #expect(doc.shown == late.shown, "seed \(seed)")
      #expect(try doc.canonicalState() == late.canonicalState(), "seed \(seed)")
    }
  }

  /// Undoing one's own typing never touches what others typed.
  @Test(arguments: UInt64(1)...15) func othersTypingStays(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 53)
    let (mine, other) = (Doc(clientID: 5), Doc(clientID: editor.pick([3, 8])))
    let manager = try YUndoManager(mine, scope: [mine.text("t")])
    for _ in 0..<40 {
      let doc = editor.pick([mine, other])
      let text = doc.text("t")
      let index = Int.random(in: 0...text.utf16Count, using: &editor.random)
      try doc.transact { try text.insert(doc === mine ? "m" : "O", at: index) }
      if Bool.random(using: &editor.random) { try Self.exchange([mine, other]) }
      if Int.random(in: 0..<4, using: &editor.random) == 0 { try manager.undo() }
      if Int.random(in: 0..<6, using: &editor.random) == 0 { try manager.redo() }
    }
    try Self.exchange([mine, other])
    let theirs = other.text("t").string.filter { $0 == "O" }
    while manager.canUndo { try manager.undo() }
    #expect(mine.text("t").string == theirs, "seed \(seed)")
  }

  @Test func originsAndScopesDecideWhatIsCaptured() throws {
    let doc = Doc(clientID: 1)
    var options = YUndoManager.Options()
    options.trackedOrigins = ["me"]
    let manager = try YUndoManager(doc, scope: [doc.text("t")], options: options)
    try doc.transact { try doc.text("t").append("a") }
    try doc.transact(origin: "me") { try doc.map("m").set("k", 1) }
    #expect(!manager.canUndo)
    try doc.transact(origin: "me") { try doc.text("t").append("b") }
    #expect(manager.undoStack.count == 1)
    try manager.addToScope(doc.map("m"))
    try doc.transact(origin: "me") { try doc.map("m").set("k", 2) }
    try manager.undo()
    #expect(doc.map("m")["k"]?.value == 1)
    try manager.undo()
    #expect(doc.text("t").string == "a")
    #expect(try manager.undo() == nil)
    let whole = try YUndoManager(doc)
    try doc.transact { try doc.array("a").append([1]) }
    #expect(whole.canUndo && !manager.canUndo)
    #expect(throws: YError.otherDocument) { try manager.addToScope(Doc().text("t")) }
  }

  @Test func remoteUpdatesAreNotCapturedUnlessTheirOriginIsTracked() throws {
    let other = Doc(clientID: 2)
    try other.transact { try other.text("t").append("theirs") }
    let doc = Doc(clientID: 1)
    var options = YUndoManager.Options()
    options.trackedOrigins = [nil, "tracked"]
    let manager = try YUndoManager(doc, scope: [doc.text("t")], options: options)
    try doc.apply(other.encodeStateAsUpdate())
    #expect(!manager.canUndo)
    try other.transact { try other.text("t").append("!") }
    try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector), origin: "tracked")
    try manager.undo()
    #expect(doc.text("t").string == "theirs")
  }

  @Test func transactionsWithinTheTimeoutAreOneStep() throws {
    let doc = Doc(clientID: 1)
    var time = Duration.zero
    var options = YUndoManager.Options()
    options.now = { time }
    let manager = try YUndoManager(doc, options: options)
    for (delay, letter) in [(0, "a"), (499, "b"), (499, "c"), (500, "d"), (1, "e")] {
      time += .milliseconds(delay)
      try doc.transact { try doc.text("t").append(letter) }
    }
    #expect(manager.undoStack.count == 2)
    manager.stopCapturing()
    try doc.transact { try doc.text("t").append("f") }
    #expect(manager.undoStack.count == 3)
    try manager.undo()
    #expect(doc.text("t").string == "abcde")
    try manager.undo()
    #expect(doc.text("t").string == "abc")
    // What comes after an undo is a step of its own.
    try doc.transact { try doc.text("t").append("g") }
    #expect(manager.undoStack.count == 2 && !manager.canRedo)
  }

  @Test func cursorsComeBackWithTheSteps() throws {
    let doc = Doc(clientID: 1)
    let text = doc.text("t")
    let manager = try YUndoManager(doc, scope: [text])
    var cursor = 0
    var events: [UndoEvent.Change] = []
    let subscription = manager.observe { event in
      events.append(event.change)
      switch event.change {
      case .added: event.step?.meta["cursor"] = try? text.relativePosition(at: cursor)
      case .popped:
        let position = event.step?.meta["cursor"] as? RelativePosition
        cursor = position.flatMap { doc.resolve($0)?.index } ?? -1
      case .updated, .cleared: break
      }
    }
    try doc.transact { try text.append("hello world") }
    cursor = 5
    try doc.transact { try text.remove(6..<11) }
    cursor = 0
    try manager.undo()
    #expect(cursor == 5)
    #expect(events == [.added, .added, .added, .popped])
    try doc.transact { try text.append("!") }
    #expect(events.suffix(2) == [.cleared, .added])
    manager.clear()
    #expect(events.last == .cleared && !manager.canUndo)
    subscription.cancel()
    try doc.transact { try text.append("!") }
    #expect(events.last == .cleared)
  }

  @Test func positionsFollowWhatWasBroughtBack() throws {
    let doc = Doc(clientID: 1)
    let manager = try YUndoManager(doc)
    try doc.transact { try doc.text("t").append("abcdef") }
    let position = try doc.text("t").relativePosition(at: 3)
    try doc.transact { try doc.text("t").remove(1..<5) }
    try doc.transact { try doc.text("t").insert("xy", at: 0) }
    #expect(doc.resolve(position)?.index == 3)
    try manager.undo()
    try manager.undo()
    #expect(doc.text("t").string == "abcdef")
    #expect(doc.resolve(position)?.index == 3)
    #expect(doc.resolve(position, followingUndo: false)?.index == 5)
  }

  @Test func filtersDecide() throws {
    let doc = Doc(clientID: 1)
    var options = YUndoManager.Options()
    options.captures = { $0.insertions.count < 10 }
    options.deletes = { $0.key != "keep" && $0.elements.allSatisfy { $0.value != "stay" } }
    let manager = try YUndoManager(doc, options: options)
    try doc.transact { try doc.text("t").append("much longer than ten") }
    #expect(!manager.canUndo)
    try doc.transact {
      try doc.map("m").set("keep", 1)
      try doc.map("m").set("drop", 2)
      try doc.array("a").append(["stay"])
    }
    try manager.undo()
    #expect(doc.map("m").keys == ["keep"])
    #expect(doc.array("a").json == ["stay"])
  }

  @Test func whatTheStacksHoldIsNotCollected() throws {
    let doc = Doc(clientID: 1)
    let manager = try YUndoManager(doc)
    let inner = try doc.transact { try doc.map("m").setText("k", "nested text") }
    try doc.transact { try inner.remove(0..<7) }
    try doc.transact { try doc.map("m").removeValue(forKey: "k") }
    try manager.undo()
    #expect(doc.map("m")["k"]?.text?.string == "text")
    try manager.undo()
    #expect(doc.map("m")["k"]?.text?.string == "nested text")
    // Without a manager the same edits leave nothing.
    let plain = Doc(clientID: 1)
    try plain.transact { try plain.map("m").setText("k", "nested text") }
    try plain.transact { try plain.map("m").removeValue(forKey: "k") }
    #expect(plain.store.items[0].kind == .deleted)
  }

  @Test func undoMakesATransactionOfItsOwn() throws {
    let doc = Doc(clientID: 1)
    let manager = try YUndoManager(doc)
    try doc.transact { try doc.text("t").append("a") }
    doc.transact { #expect(throws: YError.insideTransaction) { try manager.undo() } }
    var origins: [Origin?] = []
    let subscription = doc.observeUpdates { origins.append($0.origin) }
    try manager.undo()
    #expect(origins == ["undo"])
    subscription.cancel()
  }

  @Test func aHandlerThatWritesWhileUndoingIsCapturedAsAnEdit() throws {
    let doc = Doc(clientID: 1)
    let manager = try YUndoManager(doc, scope: [doc.text("t")])
    try doc.transact { try doc.text("t").append("a") }
    var hasWritten = false
    let subscription = doc.text("t").observe { _ in
      guard !hasWritten else { return }
      hasWritten = true
      try? doc.transact { try doc.text("t").append("b") }
    }
    try manager.undo()
    subscription.cancel()
    #expect(doc.text("t").string == "b")
    #expect(manager.undoStack.count == 1 && manager.redoStack.isEmpty)
  }

  @Test func aReleasedManagerCapturesNothing() throws {
    let doc = Doc(clientID: 1)
    var manager: YUndoManager? = try YUndoManager(doc)
    try doc.transact { try doc.text("t").append("a") }
    #expect(manager?.canUndo == true)
    manager = nil
    #expect(doc.undoManagers.isEmpty)
    try doc.transact { try doc.text("t").remove(0..<1) }
    #expect(doc.store.items[0].kind == .deleted)
  }
}
