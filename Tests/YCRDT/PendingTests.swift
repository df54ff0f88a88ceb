import TestSupport
import Testing

@testable import YCRDT

@Suite struct PendingTests {
  /// Three updates of one client, each of which needs the one before.
  private func chain() throws -> [[UInt8]] {
    let doc = Doc(clientID: 5)
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    try doc.transact { try doc.text("t").append("one") }
    try doc.transact { try doc.text("t").insert("X", at: 1) }
    try doc.transact { try doc.text("t").remove(0..<1) }
    subscription.cancel()
    return updates
  }

  @Test func whatComesTooEarlyWaitsAndIsNotServed() throws {
    let updates = try chain()
    let doc = Doc(clientID: 9)
    #expect(try doc.apply(updates[1]) == nil)
    #expect(try doc.apply(updates[2]) == nil)
    #expect(doc.hasPending && doc.pendingBytes > 0)
    #expect(doc.stateVector.isEmpty)
    #expect(doc.encodeStateAsUpdate() == [0, 0])
    let event = try #require(try doc.apply(updates[0]))
    #expect(!doc.hasPending)
    #expect(doc.text("t").string == "Xne")
    let mirror = Doc(clientID: 10)
    try mirror.apply(event.update)
    #expect(mirror.text("t").string == "Xne", "the event holds what was pending")
  }

  @Test func pendingUpdatesCanBePassedOn() throws {
    let updates = try chain()
    let holder = Doc(clientID: 9)
    try holder.apply(updates[2])
    try holder.apply(updates[1])
    let other = Doc(clientID: 10)
    try other.apply(holder.encodeStateAsUpdate(includingPending: true))
    #expect(other.hasPending)
    try other.apply(updates[0])
    #expect(other.text("t").string == "Xne")
    #expect(!other.hasPending)
  }

  @Test func aForkTakesWhatIsPendingAlong() throws {
    let updates = try chain()
    let doc = Doc(clientID: 9)
    try doc.apply(updates[1])
    let fork = doc.fork(clientID: 10)
    try fork.apply(updates[0])
    #expect(fork.text("t").string == "oXne")
    #expect(doc.hasPending && doc.text("t").string.isEmpty)
  }

  @Test func pendingIsBounded() throws {
    var limits = DocLimits()
    limits.pendingBytes = 2000
    let doc = Doc(clientID: 9, limits: limits)
    var refused = 0
    for clock in UInt64(1)...100 {
      // One character of client 7 that follows a clock nobody has seen.
      var writer = ByteWriter()
      writer.raw([1, 1, 7])
      writer.varUInt(clock * 10)
      writer.raw([0x84, 7])
      writer.varUInt(clock * 10 - 1)
      writer.string("x")
      writer.raw([0])
      let before = doc.encodeStateAsUpdate(includingPending: true)
      do {
        try doc.apply(writer.bytes)
      } catch {
        #expect(error.reason == .limit("pendingBytes"))
        #expect(doc.encodeStateAsUpdate(includingPending: true) == before)
        refused += 1
      }
      #expect(doc.pendingBytes <= 2000)
    }
    #expect(refused > 50)
    // What needs nothing is still accepted.
    try doc.apply(try chain()[0])
    #expect(doc.text("t").string == "one")
  }

  /// Two clients whose items need each other alternately, delivered at once and last first.
  @Test func clientsThatNeedEachOtherInTurnAreUntangled() throws {
    let a = Doc(clientID: 1)
    let b = Doc(clientID: 2)
    var updates: [[UInt8]] = []
    for round in 0..<50 {
      let (writer, reader) = round.isMultiple(of: 2) ? (a, b) : (b, a)
      let known = writer.stateVector
      try writer.transact { try writer.text("t").insert("\(round % 10)", at: writer.text("t").utf16Count / 2) }
      let update = writer.encodeStateAsUpdate(since: known)
      try reader.apply(update)
      updates.append(update)
    }
    let backwards = Doc(clientID: 3)
    for update in updates.reversed() { try backwards.apply(update) }
    #expect(backwards.text("t").string == a.text("t").string)
    #expect(!backwards.hasPending)
    let atOnce = Doc(clientID: 4)
    try atOnce.apply(a.encodeStateAsUpdate())
    #expect(atOnce.text("t").string == a.text("t").string)
  }

  @Test func lookingAtWhatWaitsDoesNotMakeItWaitForever() throws {
    let doc = Doc(clientID: 1)
    // Three deletions that join into one.
    try doc.apply([0, 1, 7, 3, 0, 1, 2, 1, 1, 1])
    _ = doc.encodeStateAsUpdate(includingPending: true)
    doc.checkIntegrity()
    try doc.apply([1, 1, 7, 0, 4, 1, 1, 0x74, 3, 0x61, 0x62, 0x63, 0])
    #expect(!doc.hasPending && doc.pendingBytes == 0)
    doc.checkIntegrity()
  }
}
