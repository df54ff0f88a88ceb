import TestSupport
import Testing

@testable import YCRDT

/// Small inputs that once brought the engine down, or made it grow or slow out of proportion.
@Suite struct HostileTests {
  /// The least number of 64 bits, whose magnitude does not fit.
  @Test func theLeastNumberIsANumberLikeOthers() throws {
    let doc = Doc()
    let text = Array("-9223372036854775808".utf8)
    try doc.apply([1, 1, 1, 0, 5, 1, 1, 0x74, UInt8(text.count)] + text + [0])
    #expect(doc.text("t").delta == [.insertEmbed(.float(-0x1p63), attributes: [:])])
    #expect(YValue(jsonText: "-9223372036854775808") == .float(-0x1p63))
    // An embed of an update V2: the same as a number of 32 bits.
    let local = Doc(clientID: 1)
    try local.transact { try local.text("t").insertEmbed(.float(-0x1p63), at: 0) }
    let copy = Doc()
    try copy.apply(local.encodeStateAsUpdate(format: .v2), format: .v2)
    #expect(copy.text("t").delta == local.text("t").delta)
  }

  /// Every pair that is torn apart takes two bytes more, and not a copy of the text.
  @Test func tornPairsTakeNoMemoryOutOfProportion() throws {
    let pairs = 20_000
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.text("t").insert(String(repeating: "😀", count: pairs), at: 0) }
    var torn = Array(stride(from: UInt64(0), to: UInt64(pairs), by: 3))
    for order in [torn, Array(torn.reversed())] {
      torn = order
      let copy = doc.fork(clientID: 2)
      let before = copy.store.bytes.count
      for pair in torn {
        var update = ByteWriter()
        update.raw([0, 1, 1, 1])
        update.varUInt(2 * pair + 1)
        update.varUInt(1)
        try copy.apply(update.bytes)
      }
      #expect(copy.text("t").string.unicodeScalars.count == pairs)
      #expect(copy.text("t").string.count { $0 == "\u{FFFD}" } == torn.count)
      copy.checkIntegrity()
      let all = doc.fork(clientID: 3)
      var update = ByteWriter()
      update.raw([0, 1, 1])
      update.varUInt(torn.count)
      for pair in torn {
        update.varUInt(2 * pair + 1)
        update.varUInt(1)
      }
      try all.apply(update.bytes)
      #expect(all.text("t").string == copy.text("t").string)
      #expect(all.store.bytes.count < 20 * before, "\(all.store.bytes.count) bytes of \(before)")
    }
  }

  @Test func tornPairsReadAsInYjs() throws {
    var random = SeededGenerator(seed: 5)
    for round in 0..<200 {
      let doc = Doc(clientID: 1)
      let text = (0..<12).map { _ in ["😀", "a", "é", "🧵", "漢"].randomElement(using: &random) ?? "" }.joined()
      try doc.transact { try doc.text("t").insert(text, at: 0) }
      var units = Array(text.utf16).map { Optional($0) }
      for _ in 0..<4 {
        let unit = Int.random(in: 0..<units.count, using: &random)
        var update = ByteWriter()
        update.raw([0, 1, 1, 1])
        update.varUInt(UInt64(unit))
        update.varUInt(1)
        try doc.apply(update.bytes)
        // Each cut between the halves of a pair makes both of them unreadable.
        for cut in [unit, unit + 1] where cut > 0 && cut < units.count {
          guard let high = units[cut - 1], let low = units[cut], high & 0xFC00 == 0xD800, low & 0xFC00 == 0xDC00
          else { continue }
          (units[cut - 1], units[cut]) = (0xFFFD, 0xFFFD)
        }
        units[unit] = nil
      }
      #expect(doc.text("t").string == String(decoding: units.compactMap(\.self), as: UTF16.self), "round \(round)")
      doc.checkIntegrity()
    }
  }

  /// What is sent again while something is missing is kept once.
  @Test func whatIsSentAgainWhileItWaitsAddsNothing() throws {
    let author = Doc(clientID: 7)
    var updates: [[UInt8]] = []
    let subscription = author.observeUpdates { updates.append($0.update) }
    for number in 0..<30 { try author.transact { try author.text("t").insert("\(number % 10)", at: number) } }
    subscription.cancel()
    let doc = Doc(clientID: 1)
    var random = SeededGenerator(seed: 9)
    for _ in 0..<40 {
      for update in updates[1...].shuffled(using: &random) { try doc.apply(update) }
    }
    #expect(doc.store.pending.structs.count == 29)
    let copy = doc.fork(clientID: 2)
    for each in [doc, copy] {
      try each.apply(updates[0])
      #expect(each.text("t").string == author.text("t").string)
      #expect(!each.hasPending)
      each.checkIntegrity()
    }
  }

  /// Of deletions that wait only those are looked at whose time has come.
  @Test func deletionsWaitForTheirClocks() throws {
    let doc = Doc(clientID: 1)
    var update = ByteWriter()
    update.raw([0, 1, 7, 3, 5, 1, 10, 4])
    update.varUInt(1 << 40)
    update.varUInt(1)
    try doc.apply(update.bytes)
    #expect(doc.store.pending.deletionCount == 3)
    let author = Doc(clientID: 7)
    for (piece, waiting) in [("abcd", 3), ("efgh", 2), ("ijkl", 2), ("mnop", 1)] {
      let known = author.stateVector
      try author.transact { try author.text("t").append(piece) }
      try doc.apply(author.encodeStateAsUpdate(since: known))
      #expect(doc.store.pending.deletionCount == waiting)
      doc.checkIntegrity()
    }
    #expect(doc.text("t").string == "abcdeghijop")
  }

  @Test func shortUpdatesKeepTheirClients() throws {
    for client in [1, 5, 127, 128, 20_000, 2_000_000, 1 << 40] as [ClientID] {
      let doc = Doc(clientID: client)
      try doc.transact { try doc.text("t").insert("x", at: 0) }
      let update = doc.encodeStateAsUpdate()
      #expect(try Update.difference(update, since: StateVector()) == update)
      var known = StateVector()
      known[client] = 1
      #expect(try Update.difference(update, since: known) == [0, 0])
      known[client] = 0
      known[0] = 5
      #expect(try Update.difference(update, since: known) == update)
    }
    #expect(try Update.difference([1, 1, 5, 0, 0, 3, 0], since: StateVector()) == [1, 1, 5, 0, 0, 3, 0])
  }

  /// A snapshot from elsewhere may say anything.
  @Test func aSnapshotThatDeletesWhatIsNotThereShowsTheRest() throws {
    let doc = Doc(clientID: 1, collectsGarbage: false)
    try doc.transact { try doc.text("t").insert("abc", at: 0) }
    var snapshot = doc.snapshot()
    snapshot.deleteSet.insert(1, 1..<(1 << 60))
    snapshot.deleteSet.insert(9, 0..<(1 << 60))
    let restored = try doc.restored(at: snapshot)
    #expect(restored.text("t").string == "a")
    #expect(!restored.hasPending)
  }

  /// What was deleted and collected does not count against the limit.
  @Test func collectedContentMakesRoom() throws {
    var limits = DocLimits()
    limits.contentBytes = 100_000
    let doc = Doc(clientID: 1, limits: limits)
    let text = doc.text("t")
    try doc.transact { try text.insert(String(repeating: "x", count: 90_000), at: 0) }
    try doc.transact { try text.remove(0..<44_000) }
    try doc.transact { try text.insert(String(repeating: "y", count: 20_000), at: 0) }
    #expect(text.utf16Count == 66_000)
    #expect(throws: YError.limit("contentBytes")) {
      try doc.transact { try text.insert(String(repeating: "z", count: 50_000), at: 0) }
    }
  }

  @Test func numbersBeyondWhatClocksCanBeDoNotTrap() {
    var ids = IdSet()
    for client in 1...3 as ClosedRange<ClientID> { ids.insert(client, 0..<UInt64.max) }
    #expect(ids.count == .max)
    #expect(!ids.encoded().isEmpty)
    #expect(RelativePosition(item: ID(client: .max, clock: 0)).json.object?["item"]?.object?["clock"] == .int(0))
  }

  /// Many clients wait for one, which goes on by one struct at a time: each only when a third one has.
  @Test func manyWhoWaitForOneAreNotAllLookedAtEachTime() throws {
    func compared(_ count: UInt64) throws -> Int {
      var update = ByteWriter()
      update.varUInt(count + 2)
      func head(_ client: UInt64, _ structs: UInt64) {
        update.varUInt(structs)
        update.varUInt(client)
        update.varUInt(0)
      }
      func letter(behind client: UInt64, _ clock: UInt64) {
        update.byte(0x84)
        update.varUInt(client)
        update.varUInt(clock)
        update.raw([1, 0x78])
      }
      // The clients are 1,000,000 and less; G is 2, H is 1.
      let first: UInt64 = 1_000_000
      for number in 0..<count {
        head(first - number, 2)
        if number + 1 < count { letter(behind: first - number - 1, 0) } else { update.raw([4, 1, 1, 0x74, 1, 0x78]) }
        letter(behind: 2, number)
      }
      head(2, count)
      for number in 0..<count { letter(behind: 1, number) }
      head(1, count)
      for number in 0..<count { letter(behind: first - number, number == 0 ? 0 : 1) }
      update.byte(0)
      let doc = Doc(clientID: 5)
      try doc.apply(update.bytes)
      doc.checkIntegrity()
      #expect(!doc.hasPending || doc.text("t").utf16Count > 0)
      return doc.store.plan.comparedWaiters
    }
    let (few, many) = (try compared(250), try compared(1_000))
    #expect(few > 200, "they wait")
    #expect(many < 8 * few, "\(few) comparisons for 250 clients, \(many) for 1,000")
  }

  /// A run that is taken apart from its end, or read here and there, is not read from its start each time.
  @Test func longRunsAreNotReadFromTheirStartEachTime() throws {
    func skipped(_ count: Int) throws -> Int {
      let doc = Doc(clientID: 1)
      let list = doc.array("l")
      try doc.transact { try list.append((0..<count).map { .string("number \($0)") }) }
      let before = doc.store.skippedElements
      for index in stride(from: count - 1, to: 0, by: -2) {
        #expect(list[index].value == .string("number \(index)"))
        try doc.transact { try list.remove(at: index) }
      }
      #expect(list.count == count / 2)
      #expect(list[count / 4].value == .string("number \(count / 4 * 2)"))
      doc.checkIntegrity()
      return doc.store.skippedElements - before
    }
    let (few, many) = (try skipped(1_000), try skipped(4_000))
    #expect(many < 6 * few, "\(few) elements were passed of 1,000, \(many) of 4,000")
  }
}
