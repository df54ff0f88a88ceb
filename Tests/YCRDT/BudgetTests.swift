import Testing

@testable import YCRDT

/// Each limit of `DocLimits`: what reaches it is taken, what passes it is refused with its name and without a trace.
@Suite struct BudgetTests {
  private func limited(_ limit: WritableKeyPath<DocLimits, Int>, _ value: Int) -> Doc {
    var limits = DocLimits()
    limits[keyPath: limit] = value
    return Doc(clientID: 1, limits: limits)
  }

  private func expect(
    _ name: String, _ limit: WritableKeyPath<DocLimits, Int>, isReachedBy reach: [[UInt8]], isPassedBy pass: [[UInt8]],
    at value: Int
  ) throws {
    let doc = limited(limit, value)
    for update in reach { try doc.apply(update) }
    doc.checkIntegrity()
    let other = limited(limit, value)
    for update in pass.dropLast() { try other.apply(update) }
    let before = other.encodeStateAsUpdate(includingPending: true)
    do {
      try other.apply(try #require(pass.last))
      Issue.record("\(name) was passed")
    } catch let error as UpdateError {
      #expect(error.reason == .limit(name))
    }
    #expect(other.encodeStateAsUpdate(includingPending: true) == before)
    other.checkIntegrity()
  }

  /// One struct of a client: a value for a key of the root `m`.
  private func value(by client: UInt8, key: UInt8 = 0x6B) -> [UInt8] {
    [1, 1, client, 0, 0x28, 1, 1, 0x6D, 1, key, 1, 126, 0]
  }

  /// A map for a key of the root `m`.
  private func map(by client: UInt8) -> [UInt8] { [1, 1, client, 0, 0x27, 1, 1, 0x6D, 1, 0x6B, 1, 0] }

  @Test func clients() throws {
    try expect(
      "clients", \.clients, isReachedBy: [value(by: 7), value(by: 8), value(by: 7)],
      isPassedBy: [value(by: 7), value(by: 8), value(by: 9)], at: 2)
    // Deletions that wait make a client known, too.
    try expect(
      "clients", \.clients, isReachedBy: [[0, 1, 7, 1, 0, 1]], isPassedBy: [[0, 2, 7, 1, 0, 1, 8, 1, 0, 1]], at: 1)
    // And so does what something waits for.
    let waiting: [UInt8] = [1, 1, 7, 0, 0xA8, 9, 0, 1, 126, 0]
    try limited(\.clients, 2).apply(waiting)
    #expect(throws: UpdateError.self) { try limited(\.clients, 1).apply(waiting) }
  }

  @Test func types() throws {
    // The root and a map in it.
    try expect("types", \.types, isReachedBy: [map(by: 7)], isPassedBy: [map(by: 7), map(by: 8)], at: 2)
    let doc = limited(\.types, 2)
    try doc.transact {
      try doc.map("m").setArray("a")
      #expect(throws: YError.limit("types")) { try doc.map("m").setArray("b") }
      #expect(throws: YError.limit("types")) { try doc.map("m")["a"]?.array?.insertMap(at: 0) }
    }
  }

  @Test func keys() throws {
    // The root's name and a key.
    try expect(
      "keys", \.keys, isReachedBy: [value(by: 7), value(by: 8)],
      isPassedBy: [value(by: 7), value(by: 7 + 1, key: 0x6C)],
      at: 2)
    let doc = limited(\.keys, 2)
    try doc.transact {
      try doc.map("m").set("k", 1)
      try doc.map("m").set("k", 2)
      #expect(throws: YError.limit("keys")) { try doc.map("m").set("l", 1) }
    }
  }

  @Test func structsPerUpdate() throws {
    let two: [UInt8] = [1, 2, 7, 0, 0, 1, 0, 1, 0]
    try expect(
      "structsPerUpdate", \.structsPerUpdate, isReachedBy: [two], isPassedBy: [[1, 3, 7, 0, 0, 1, 0, 1, 0, 1, 0]], at: 2
    )
    // Deleted ranges count as well.
    try expect(
      "structsPerUpdate", \.structsPerUpdate, isReachedBy: [[1, 1, 7, 0, 0, 1, 1, 7, 1, 0, 1]],
      isPassedBy: [[1, 1, 7, 0, 0, 1, 1, 7, 2, 0, 1, 5, 1]], at: 2)
  }

  @Test func updateBytes() throws {
    let update = value(by: 7)
    try expect("updateBytes", \.updateBytes, isReachedBy: [update], isPassedBy: [update + [0]], at: update.count)
  }

  @Test func contentBytes() throws {
    // An update is taken at its whole size, before it is known what of it is content.
    let update = value(by: 7)
    try expect(
      "contentBytes", \.contentBytes, isReachedBy: [update], isPassedBy: [value(by: 8) + [0]], at: update.count)
    let doc = limited(\.contentBytes, 10)
    try doc.transact {
      try doc.text("t").append("0123456789")
      #expect(throws: YError.limit("contentBytes")) { try doc.text("t").append("x") }
    }
  }

  @Test func pendingBytes() throws {
    let waiting: [UInt8] = [1, 1, 7, 0, 0xA8, 9, 0, 1, 126, 0]
    let doc = Doc(clientID: 1)
    try doc.apply(waiting)
    let cost = PendingUpdates.cost(structs: 1, bytes: waiting.count, deletions: 0)
    #expect(doc.pendingBytes <= cost)
    try expect("pendingBytes", \.pendingBytes, isReachedBy: [waiting], isPassedBy: [waiting + [0]], at: cost)
  }

  @Test func valueDepth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [1, 1, 7, 0, 8, 1, 1, 0x61, 1] + (0..<depth).flatMap { _ in [117, 1] } + [126, 0]
    }
    func json(_ depth: Int) -> [UInt8] {
      let text = [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
      return [1, 1, 7, 0, 5, 1, 1, 0x74, UInt8(text.count)] + text + [0]
    }
    for make in [nested, json] {
      try limited(\.valueDepth, 5).apply(make(5))
      #expect(throws: UpdateError.self) { try limited(\.valueDepth, 5).apply(make(6)) }
    }
    do {
      try limited(\.valueDepth, 5).apply(json(6))
    } catch let error {
      #expect(error.reason == .nestedTooDeep)
    }
  }

  /// Nothing recurses into shared types but what shows them, and that only to a depth.
  @Test func typesNestedDeepAreNoDanger() throws {
    let doc = Doc(clientID: 1)
    var events: [YEvent] = []
    let subscription = doc.observeDeep { events = $0 }
    try doc.transact {
      var array = try doc.array("a").appendArray()
      var element = try doc.xmlFragment("x").appendElement("p")
      for _ in 0..<5000 {
        array = try array.appendArray()
        element = try element.appendElement("p")
      }
    }
    #expect(doc.array("a").json.jsonText.contains("null"))
    #expect(doc.xmlFragment("x").string.hasPrefix("<p><p>"))
    var depth = 0
    var array = doc.array("a")
    while let inner = array[0].array {
      array = inner
      depth += 1
      if inner.isEmpty { break }
    }
    try doc.transact { try array.append([1]) }
    #expect(events.first?.path.count == depth)
    let copy = doc.fork(clientID: 2)
    let loaded = Doc(clientID: 3)
    try loaded.apply(doc.encodeStateAsUpdate())
    for doc in [copy, loaded] {
      try doc.transact { try doc.array("a").removeAll() }
      try doc.transact { try doc.xmlFragment("x").removeChild(at: 0) }
      doc.checkIntegrity()
      #expect(doc.array("a").isEmpty && doc.xmlFragment("x").count == 0)
    }
    subscription.cancel()
  }
}
