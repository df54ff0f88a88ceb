import TestSupport
import Testing

@testable import YCRDT

/// What Yjs 13.5 writes and reports for the same edits.
@Suite struct SubdocumentTests {
  private final class Log {
    var lines: [String] = []
    var subscription: Subscription?

    init(_ doc: Doc) {
      subscription = doc.observeSubdocuments { [unowned self] event in
        lines.append([event.added, event.removed, event.loaded].map { $0.map(\.guid).description }.joined())
      }
    }
  }

  private static func full() -> Subdocument.Options {
    var options = Subdocument.Options()
    options.collectsGarbage = false
    options.autoLoad = true
    options.meta = ["a": 1]
    return options
  }

  private static func pair() throws -> (Doc, Doc, Log, Log, [UInt8]) {
    let (here, there) = (Doc(clientID: 5), Doc(clientID: 6))
    let logs = (Log(here), Log(there))
    try here.transact {
      try here.map("m").setDocument("plain", guid: "p")
      try here.map("m").setDocument("full", guid: "f", options: full())
    }
    let update = here.encodeStateAsUpdate()
    try there.apply(update)
    return (here, there, logs.0, logs.1, update)
  }

  @Test func bytesAndOptionsAreThoseOfYjs() throws {
    let (_, there, _, _, update) = try Self.pair()
    let expected =
      "010205002901016d05706c61696e017076002901016d0466756c6c0166760302676379086175746f4c6f616478046d657461760101617d0100"
    #expect(update == VectorJSON.string(expected).hexBytes)
    let document = try #require(there.map("m").document("full"))
    #expect(document.guid == "f" && document.options == Self.full())
    #expect(there.map("m").document("plain")?.options == Subdocument.Options())
    #expect(there.encodeStateAsUpdate() == update)
    #expect(there.subdocuments.map(\.guid) == ["p", "f"])
  }

  @Test func comingLoadingAndGoingIsReported() throws {
    let (here, there, hereLog, thereLog, _) = try Self.pair()
    #expect(hereLog.lines == [#"["p", "f"][]["p", "f"]"#])
    #expect(thereLog.lines == [#"["p", "f"][]["f"]"#])
    let plain = try #require(there.map("m").document("plain"))
    #expect(!plain.isLoaded)
    plain.load()
    plain.load()
    #expect(plain.isLoaded && thereLog.lines.last == #"[][]["p"]"# && thereLog.lines.count == 2)
    let full = try #require(there.map("m").document("full"))
    full.unload()
    #expect(thereLog.lines.last == #"["f"]["f"][]"#)
    let again = try #require(there.map("m").document("full"))
    #expect(again !== full && !again.isLoaded)
    let before = here.stateVector
    try here.transact { try here.map("m").removeValue(forKey: "plain") }
    try there.apply(here.encodeStateAsUpdate(since: before))
    #expect(hereLog.lines.last == #"[]["p"][]"# && thereLog.lines.last == #"[]["p"][]"#)
    #expect(there.map("m").document("plain") == nil)
  }

  @Test func whatComesAndGoesInOneTransactionIsNotReported() throws {
    let doc = Doc(clientID: 1)
    let log = Log(doc)
    try doc.transact {
      let inner = try doc.array("a").insertDocument(at: 0)
      #expect(doc.array("a").document(at: 0) === inner)
      try doc.array("a").remove(at: 0)
    }
    #expect(log.lines.isEmpty && doc.subdocuments.isEmpty)
  }

  @Test func contentsAreApart() throws {
    let doc = Doc(clientID: 1)
    let inner = try doc.transact { try doc.array("a").insertDocument(options: Self.full(), at: 0) }
    #expect(inner.guid.count == 36)
    try inner.content.transact { try inner.content.text("t").append("x") }
    #expect(doc.array("a").document(at: 0)?.content.text("t").string == "x")
    #expect(doc.rootNames == ["a"])
    try inner.content.transact { try inner.content.text("t").remove(0..<1) }
    #expect(inner.content.store.items[0].kind == .string, "options say that garbage is kept")
    #expect(doc.array("a").document(at: 1) == nil)
  }

  @Test func undoBringsDocumentsBack() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.map("m").setDocument("k", guid: "g") }
    let manager = try YUndoManager(doc)
    let log = Log(doc)
    try doc.transact { try doc.map("m").removeValue(forKey: "k") }
    try manager.undo()
    #expect(log.lines == [#"[]["g"][]"#, #"["g"][][]"#])
    #expect(doc.map("m").document("k")?.guid == "g")
  }
}
