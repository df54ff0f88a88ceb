import TestSupport
import Testing

@testable import YCRDT

@Suite struct UpdateEventTests {
  @Test func oneEventPerTransaction() throws {
    let doc = Doc(clientID: 1)
    var events: [UpdateEvent] = []
    let subscription = doc.observeUpdates { events.append($0) }
    try doc.transact(origin: "outer") {
      try doc.map("m").set("a", 1)
      try doc.transact(origin: "inner") { try doc.map("m").set("b", 2) }
      #expect(events.isEmpty)
    }
    #expect(events.count == 1)
    #expect(events.first?.origin == "outer" && events.first?.isLocal == true)
    doc.transact {}
    try doc.transact { try doc.map("m").removeValue(forKey: "absent") }
    #expect(events.count == 1, "nothing changed")
    subscription.cancel()
    try doc.transact { try doc.map("m").set("c", 3) }
    #expect(events.count == 1)
  }

  @Test func whatWasWrittenBeforeAnErrorStaysAndIsAnnounced() throws {
    struct Refused: Error {}
    let doc = Doc(clientID: 1)
    var events = 0
    let subscription = doc.observeUpdates { _ in events += 1 }
    #expect(throws: Refused.self) {
      try doc.transact {
        try doc.map("m").set("a", 1)
        throw Refused()
      }
    }
    #expect(events == 1)
    #expect(doc.map("m")["a"]?.value == .float(1) || doc.map("m")["a"]?.value == .int(1))
    subscription.cancel()
  }

  @Test func receivedBytesAreTheEventWhereTheyAreAllNews() throws {
    let source = Doc(clientID: 1)
    let server = Doc(clientID: 2)
    var sent: [[UInt8]] = []
    let subscription = source.observeUpdates { sent.append($0.update) }
    for step in 0..<10 {
      try source.transact {
        try source.text("t").append("word \(step) ")
        try source.map("m").set("k", .int(Int64(step)))
        if step == 5 { try source.text("t").remove(0..<3) }
      }
    }
    for update in sent { #expect(try server.apply(update, origin: "net")?.update == update) }
    subscription.cancel()
    #expect(try server.apply(sent[3]) == nil, "a duplicate is no event")
    let overlapping = source.encodeStateAsUpdate()
    #expect(try server.apply(overlapping) == nil)
  }

  @Test func anOverlapIsAnnouncedWithoutWhatWasKnown() throws {
    let source = Doc(clientID: 1)
    try source.transact { try source.text("t").append("abc") }
    let server = Doc(clientID: 2)
    try server.apply(source.encodeStateAsUpdate())
    let mirror = server.fork(clientID: 3)
    try source.transact { try source.text("t").append("def") }
    let event = try #require(try server.apply(source.encodeStateAsUpdate()))
    #expect(event.update.count < source.encodeStateAsUpdate().count)
    try mirror.apply(event.update)
    #expect(mirror.text("t").string == "abcdef")
  }

  @Test func aHandlerMayWriteAndItsChangeComesNext() throws {
    let doc = Doc(clientID: 1)
    var seen: [String] = []
    let first = doc.observeUpdates { event in
      seen.append("first \(event.origin?.name ?? "-")")
      if event.origin == "user" { try? doc.transact(origin: "echo") { try doc.map("m").set("echo", true) } }
    }
    let second = doc.observeUpdates { seen.append("second \($0.origin?.name ?? "-")") }
    try doc.transact(origin: "user") { try doc.map("m").set("a", 1) }
    #expect(seen == ["first user", "second user", "first echo", "second echo"])
    first.cancel()
    second.cancel()
  }

  @Test func newsUnderTheOwnIDMakeTheReplicaTakeAnother() throws {
    let other = Doc(clientID: 7)
    try other.transact { try other.text("t").append("x") }
    let doc = Doc(clientID: 7)
    try doc.apply(other.encodeStateAsUpdate())
    #expect(doc.clientID != 7)
  }
}

@Suite struct TypeEventTests {
  /// A document, and everything its observers were told.
  private final class Recorder {
    var events: [YEvent] = []
    var subscription: Subscription?
  }

  private func record(_ doc: Doc) -> Recorder {
    let recorder = Recorder()
    recorder.subscription = doc.observeDeep { recorder.events += $0 }
    return recorder
  }

  @Test func keysTellWhatTheyWere() throws {
    let doc = Doc(clientID: 1)
    try doc.transact {
      try doc.map("m").set("changed", "old")
      try doc.map("m").set("removed", .bool(true))
    }
    let recorder = record(doc)
    try doc.transact(origin: "me") {
      try doc.map("m").set("changed", "new")
      try doc.map("m").removeValue(forKey: "removed")
      try doc.map("m").set("added", .null)
      try doc.map("m").set("fleeting", "x")
      try doc.map("m").removeValue(forKey: "fleeting")
    }
    let event = try #require(recorder.events.first)
    #expect(recorder.events.count == 1)
    #expect(event.keys == ["changed": .updated(old: "old"), "removed": .removed(old: .bool(true)), "added": .added])
    #expect(event.root == "m" && event.path.isEmpty && event.origin == "me" && event.isLocal)
  }

  @Test func pathsLeadFromTheRootToTheType() throws {
    let doc = Doc(clientID: 1)
    let text = try doc.transact {
      try doc.array("a").append([1, 2, 3])
      return try doc.array("a").insertMap(at: 2).setText("body", "one")
    }
    let recorder = record(doc)
    try doc.transact {
      try doc.array("a").remove(at: 0)
      try text.insert("two ", at: 0)
    }
    #expect(recorder.events.map(\.path) == [[], [.index(1), .key("body")]])
    guard case .insertText("two ", let attributes)? = recorder.events.last?.delta.first else {
      Issue.record("no insertion")
      return
    }
    #expect(attributes.isEmpty)
  }

  @Test func observersOfATypeHearOfItAlone() throws {
    let doc = Doc(clientID: 1)
    let (inner, text) = try doc.transact {
      let inner = try doc.map("m").setMap("inner")
      return (inner, try inner.setText("t"))
    }
    var own = 0
    var deep = 0
    var elsewhere = 0
    let subscriptions = [
      inner.observe { _ in own += 1 }, inner.observeDeep { deep += $0.count },
      doc.array("a").observeDeep { _ in elsewhere += 1 },
    ]
    try doc.transact { try text.append("x") }
    #expect((own, deep, elsewhere) == (0, 1, 0))
    try doc.transact {
      try inner.set("k", 1)
      try text.append("y")
    }
    #expect((own, deep, elsewhere) == (1, 3, 0))
    try doc.transact { try doc.map("m").removeAll() }
    #expect((own, deep, elsewhere) == (1, 3, 0), "a type that is gone has no news")
    subscriptions.forEach { $0.cancel() }
  }

  /// Keeps a copy of what a document shows by nothing but its events.
  private struct Mirror {
    var texts: [YEvent.PathStep: [UInt16]] = [:]

    static func apply(_ delta: [YEvent.ListChange], to units: inout [UInt16]) {
      var index = 0
      for change in delta {
        switch change {
        case .retain(let count, _): index += count
        case .delete(let count): units.removeSubrange(index..<(index + count))
        case .insertText(let string, _):
          units.insert(contentsOf: string.utf16, at: index)
          index += string.utf16.count
        case .insert, .insertEmbed: Issue.record("no text")
        }
      }
    }

    static func apply(_ delta: [YEvent.ListChange], to elements: inout [YValue]) {
      var index = 0
      for change in delta {
        switch change {
        case .retain(let count, _): index += count
        case .delete(let count): elements.removeSubrange(index..<(index + count))
        case .insert(let new):
          elements.insert(contentsOf: new.map { $0.value ?? .undefined }, at: index)
          index += new.count
        case .insertText, .insertEmbed: Issue.record("no array")
        }
      }
    }
  }

  @Test(arguments: UInt64(1)...20) func deltasRebuildTheContent(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed &* 3)
    let other = Doc(clientID: 50)
    let doc = Doc(clientID: 60)
    var text: [UInt16] = []
    var array: [YValue] = []
    var map: [String: YValue] = [:]
    let subscription = doc.observeDeep { events in
      for event in events where event.path.isEmpty {
        switch event.root {
        case "t": Mirror.apply(event.delta, to: &text)
        case "a": Mirror.apply(event.delta, to: &array)
        default:
          for (key, change) in event.keys {
            switch change {
            case .added: #expect(map[key] == nil, "seed \(seed)")
            case .updated(let old), .removed(let old):
              if let known = map[key], known != .undefined { #expect(known == old, "seed \(seed)") }
            }
            map[key] = doc.map("m")[key].map { $0.value ?? .undefined }
          }
        }
      }
    }
    for _ in 0..<60 {
      let doesLocal = Bool.random(using: &editor.random)
      if doesLocal {
        try editor.edit(doc)
      } else {
        try editor.edit(other)
        try doc.apply(other.encodeStateAsUpdate(since: doc.stateVector))
        if Bool.random(using: &editor.random) { try other.apply(doc.encodeStateAsUpdate(since: other.stateVector)) }
      }
      #expect(String(decoding: text, as: UTF16.self) == doc.text("t").string, "seed \(seed)")
      #expect(array == doc.array("a").elements.map { $0.value ?? .undefined }, "seed \(seed)")
      #expect(Set(map.keys) == Set(doc.map("m").keys), "seed \(seed)")
    }
    subscription.cancel()
  }

  @Test func formatsAreToldAsRetainedWithAttributes() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.text("t").append("hello world") }
    let recorder = record(doc)
    try doc.transact { try doc.text("t").format(6..<11, ["bold": .bool(true)]) }
    let delta = try #require(recorder.events.first?.delta)
    guard case .retain(6, let none) = delta[0], case .retain(5, let bold) = delta[1], delta.count == 2 else {
      Issue.record("\(delta)")
      return
    }
    #expect(none.isEmpty && bold == ["bold": .bool(true)])
  }
}
