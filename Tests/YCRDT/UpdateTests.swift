import TestSupport
import Testing

@testable import YCRDT

/// What is done to updates without a document.
@Suite struct UpdateTests {
  /// Two people who edit at once and hear of each other now and then: all their updates.
  private func history(_ seed: UInt64) throws -> (updates: [[UInt8]], doc: Doc, editor: RandomEditor) {
    var editor = RandomEditor(seed: seed)
    let docs = [Doc(clientID: 1000 + seed), Doc(clientID: 7)]
    var updates: [[UInt8]] = []
    let subscriptions = docs.map { doc in doc.observeUpdates { if $0.isLocal { updates.append($0.update) } } }
    for _ in 0..<40 {
      let doc = editor.pick(docs)
      try editor.edit(doc, formats: true)
      if Bool.random(using: &editor.random) { try editor.pick(docs).apply(doc.encodeStateAsUpdate()) }
    }
    subscriptions.forEach { $0.cancel() }
    for update in updates { try docs[0].apply(update) }
    return (updates, docs[0], editor)
  }

  private func state(after updates: [[UInt8]], _ format: UpdateFormat = .v1) throws -> [UInt8] {
    let doc = Doc()
    for update in updates { try doc.apply(update, format: format) }
    #expect(!doc.hasPending)
    return try doc.canonicalState()
  }

  @Test(arguments: UInt64(1)...25) func whatWentThroughV2IsTheSame(seed: UInt64) throws {
    let (updates, doc, _) = try history(seed)
    let converted = try updates.map { try Update.converted($0, from: .v1, to: .v2) }
    for (there, original) in zip(converted, updates) {
      #expect(try Update.converted(there, from: .v2, to: .v1) == original, "seed \(seed)")
    }
    let whole = doc.encodeStateAsUpdate(format: .v2)
    #expect(try Update.converted(whole, from: .v2, to: .v1) == doc.encodeStateAsUpdate(), "seed \(seed)")
    #expect(try state(after: converted, .v2) == state(after: updates), "seed \(seed)")
  }

  /// What a state V2 says is what the state V1 says, from any point on, deletions of several clients included.
  @Test(arguments: UInt64(1)...25) func aStateV2IsTheStateV1InTheOtherFormat(seed: UInt64) throws {
    let (updates, doc, _) = try history(seed)
    let behind = Doc()
    for update in updates {
      let v1 = doc.encodeStateAsUpdate(since: behind.stateVector)
      #expect(
        try doc.encodeStateAsUpdate(since: behind.stateVector, format: .v2)
          == Update.converted(v1, from: .v1, to: .v2), "seed \(seed)")
      try behind.apply(update)
    }
    // Also from within a struct.
    for client in doc.stateVector.clients {
      var within = doc.stateVector
      within[client] /= 2
      let v1 = doc.encodeStateAsUpdate(since: within)
      #expect(
        try doc.encodeStateAsUpdate(since: within, format: .v2) == Update.converted(v1, from: .v1, to: .v2),
        "seed \(seed)")
    }
  }

  /// Names of elements are numbered in V2, every one anew.
  @Test func aStateV2HasTheNamesOfElements() throws {
    let doc = Doc(clientID: 3)
    let fragment = doc.xmlFragment("page")
    try doc.transact {
      for name in ["p", "p", "größe", ""] { try fragment.appendElement(name).attributes.set("id", .string(name)) }
      try fragment.appendHook("table")
    }
    let v1 = doc.encodeStateAsUpdate()
    #expect(doc.encodeStateAsUpdate(format: .v2) == (try Update.converted(v1, from: .v1, to: .v2)))
  }

  /// An update V2 that is all news is announced as it is, in either format; one that is not, with what was new.
  @Test(arguments: UInt64(1)...25) func theEventOfAnUpdateV2SaysTheSameInEitherFormat(seed: UInt64) throws {
    let (updates, _, _) = try history(seed)
    let doc = Doc()
    let (first, second) = (Doc(), Doc())
    for update in updates + updates.prefix(3) {
      let v2 = try Update.converted(update, from: .v1, to: .v2)
      guard let event = try doc.apply(v2, format: .v2) else { continue }
      try first.apply(event.update)
      try second.apply(event.update(in: .v2), format: .v2)
      #expect(event.update(in: .v2) == (try Update.converted(event.update, from: .v1, to: .v2)), "seed \(seed)")
    }
    #expect(try first.canonicalState() == doc.canonicalState(), "seed \(seed)")
    #expect(try second.canonicalState() == doc.canonicalState(), "seed \(seed)")
  }

  @Test(arguments: UInt64(1)...25) func mergesOfMergesSayTheSame(seed: UInt64) throws {
    var (updates, _, editor) = try history(seed)
    let expected = try state(after: updates)
    updates.shuffle(using: &editor.random)
    updates += updates.prefix(5)
    #expect(try state(after: [Update.merging(updates)]) == expected, "seed \(seed)")
    var rest = updates[...]
    var parts: [[UInt8]] = []
    while !rest.isEmpty {
      let count = Int.random(in: 1...min(8, rest.count), using: &editor.random)
      parts.append(try Update.merging(Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    #expect(try state(after: parts.reversed()) == expected, "seed \(seed)")
    #expect(try state(after: [Update.merging(parts)]) == expected, "seed \(seed)")
  }

  @Test(arguments: UInt64(1)...25) func aDifferenceAndWhatIsKnownMakeTheWhole(seed: UInt64) throws {
    let (updates, doc, _) = try history(seed)
    let whole = try Update.merging(updates)
    let peer = Doc()
    for update in updates.prefix(updates.count / 2) { try peer.apply(update) }
    let difference = try Update.difference(whole, since: peer.stateVector)
    #expect(difference.count < whole.count, "seed \(seed)")
    try peer.apply(difference)
    #expect(peer.stateVector == doc.stateVector, "seed \(seed)")
    #expect(try peer.canonicalState() == doc.canonicalState(), "seed \(seed)")
    #expect(try Update.stateVector(of: whole) == doc.stateVector, "seed \(seed)")
    let clocks = try Update.clocks(of: whole)
    #expect(
      clocks.mapValues(\.upperBound) == Dictionary(uniqueKeysWithValues: clocks.keys.map { ($0, doc.stateVector[$0]) }))
  }

  @Test func aTypeThatIsUnknownIsNotConverted() throws {
    func update(_ kind: UInt8) -> [UInt8] {
      // One type in a map; its kind is alone in the column of kinds.
      [0, 0, 1, 0x17, 0, 0, 1, 0x27, 5, 2, 0x6D, 0x74, 0x41, 0, 1, 1, 1, kind, 0, 1, 0x17, 0, 0]
    }
    #expect(throws: Never.self) { try Update.converted(update(1), from: .v2, to: .v1) }
    #expect {
      try Update.converted(update(46), from: .v2, to: .v1)
    } throws: { error in
      (error as? UpdateError)?.reason == .unknownType(46)
    }
  }

  @Test func whatIsMissingBetweenIsNamed() throws {
    let doc = Doc(clientID: 5)
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    for text in ["one ", "two ", "three"] { try doc.transact { try doc.text("t").append(text) } }
    subscription.cancel()
    let holed = try Update.merging([updates[2], updates[0]])
    #expect(try Update.stateVector(of: holed)[5] == 4)
    #expect(try Update.clocks(of: holed) == [5: 0..<13])
    let copy = Doc()
    try copy.apply(holed)
    #expect(copy.text("t").string == "one ")
    #expect(copy.hasPending)
    try copy.apply(updates[1])
    #expect(copy.text("t").string == "one two three")
    // A Skip is no content: what fills the hole goes in its place.
    #expect(try state(after: [Update.merging([holed, updates[1]])]) == doc.canonicalState())
  }

  /// Few bytes that stand for many structs: the work stays in proportion to the bytes.
  @Test func columnsThatRepeatThemselvesAreBounded() throws {
    let many: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 7]
    let bomb: [UInt8] = [0, 0, 1, 5, 0, 0, 1, 0, 1, 0, 0, 0, 6, 0x41] + many + [1] + many + [0, 0]
    #expect { try Doc().apply(bomb, format: .v2) } throws: {
      ($0 as? UpdateError)?.reason == .limit("structsPerByte")
    }
    // The same with as many as are always allowed.
    let some: [UInt8] = [0xE8, 7]
    let fine: [UInt8] = [0, 0, 1, 5, 0, 0, 1, 0, 1, 0, 0, 0, 3, 0x41] + some + [1] + some + [0, 0]
    let doc = Doc()
    try doc.apply(fine, format: .v2)
    #expect(doc.stateVector[5] == 1000)
  }

  /// Maps in an array, each empty: some dozens of bytes, whatever their number.
  @Test func aShortUpdateMayHaveManyStructs() throws {
    let doc = Doc()
    try doc.transact {
      for _ in 0..<20_000 { _ = try doc.array("a").appendMap() }
    }
    let update = doc.encodeStateAsUpdate(format: .v2)
    #expect(update.count < 100)
    let copy = Doc()
    try copy.apply(update, format: .v2)
    #expect(copy.array("a").count == 20_000)
    #expect(try Update.converted(update, from: .v2, to: .v1) == doc.encodeStateAsUpdate())
    var limits = DocLimits()
    limits.structsOfShortUpdate = 15_000
    let strict = Doc(limits: limits)
    #expect(throws: UpdateError.self) { try strict.apply(update, format: .v2) }
    #expect(strict.stateVector.isEmpty)
  }

  @Test func errorsSayWhere() {
    #expect(throws: UpdateError(.truncated, at: 3)) { try Update.merging([[0, 0], [1, 1, 5]]) }
    #expect(throws: UpdateError.self) { try Update.converted([0, 9], from: .v2, to: .v1) }
  }

  /// Clients and clocks of every length, the client padded in one place and not in the other.
  @Test(arguments: [(3, 2), (200, 2), (20_000, 3), (3_000_000, 4), (1 << 34, 6), (1 << 52, 9)])
  func ownClientIsRecognisedHoweverItIsSpelled(client: UInt64, padded: Int) throws {
    func number(_ value: UInt64, length: Int) -> [UInt8] {
      (0..<length).map { UInt8(value >> UInt64(7 * $0) & 0x7F) | ($0 < length - 1 ? 0x80 : 0) }
    }
    let exact = number(client, length: (64 - client.leadingZeroBitCount + 6) / 7)
    for (group, origin) in [
      (exact, exact), (exact, number(client, length: padded)), (number(client, length: padded), exact),
    ] {
      let bytes: [UInt8] = [1, 2] + group + [0] + [4, 1, 1, 0x74, 1, 0x61] + [0x84] + origin + [0, 1, 0x62] + [0]
      let doc = Doc(clientID: 1)
      try doc.apply(bytes)
      #expect(doc.text("t").string == "ab")
      #expect(doc.stateVector[client] == 2)
    }
  }
}
