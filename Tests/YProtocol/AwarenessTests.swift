import TestSupport
import Testing

@testable import YProtocol

/// An awareness update, and the reading of one.
func awarenessUpdate(_ entries: (client: UInt64, clock: UInt64, state: String?)...) -> [UInt8] {
  AwarenessUpdate.encode(entries)
}

func entries(_ update: [UInt8]?) throws -> [String] {
  guard let update else { return [] }
  return try AwarenessUpdate(decoding: update, limits: Awareness.Limits()).entries.map {
    "\($0.client)@\($0.clock) \($0.state ?? "null")"
  }
}

@Suite struct AwarenessTests {
  @Test func aHigherClockIsNewsAndTheRestIsNot() throws {
    var awareness = Awareness()
    var change = try awareness.apply(awarenessUpdate((1, 1, "{}"), (2, 5, "[]")), from: 7, now: 0)
    #expect(change.added == [1, 2])
    change = try awareness.apply(awarenessUpdate((1, 1, "\"same\""), (2, 4, "\"old\""), (3, 1, "3")), from: 8, now: 0)
    #expect(change.added == [3] && change.updated.isEmpty && change.removed.isEmpty)
    #expect(try entries(change.broadcast) == ["3@1 3"])
    #expect(awareness[1] == "{}" && awareness[2] == "[]")
    change = try awareness.apply(awarenessUpdate((2, 6, "[]")), from: 7, now: 0)
    #expect(change.updated == [2])
  }

  @Test func anUpdateThatIsAllNewsIsPassedOnAsItCame() throws {
    var awareness = Awareness()
    let update = awarenessUpdate((1, 1, "{ }"), (2, 5, "[]"))
    #expect(try awareness.apply(update, from: 7, now: 0).broadcast == update)
    let withTail = awarenessUpdate((1, 2, "{ }")) + [9]
    #expect(try awareness.apply(withTail, from: 7, now: 0).broadcast == awarenessUpdate((1, 2, "{ }")))
    #expect(try awareness.apply(withTail, from: 7, now: 0).broadcast == nil)
  }

  @Test func onlyTheMemberItIsHereThroughMayRemoveAClientAtItsClock() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 3, "{}")), from: 7, now: 0)
    #expect(try awareness.apply(awarenessUpdate((1, 3, nil)), from: 8, now: 0).broadcast == nil)
    #expect(awareness.clients == [1])
    #expect(try awareness.apply(awarenessUpdate((1, 3, nil)), from: 7, now: 0).removed == [1])
    #expect(awareness.isEmpty)
    #expect(awareness.clock(of: 1) == 3)
  }

  @Test func aClientGoesWithTheMemberItIsHereThrough() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 1, "1"), (2, 1, "2")), from: 7, now: 0)
    _ = try awareness.apply(awarenessUpdate((3, 1, "3")), from: 8, now: 0)
    _ = try awareness.apply(awarenessUpdate((2, 2, "2")), from: 8, now: 0)
    #expect(try entries(awareness.removeClients(of: 7)) == ["1@1 null"])
    #expect(awareness.clients == [2, 3])
    #expect(awareness.removeClients(of: 7) == nil)
    #expect(try entries(awareness.removeClients(of: 8)) == ["2@2 null", "3@1 null"])
    #expect(awareness.encoded() == nil)
  }

  @Test func aRemovalKeepsTheClockSoThatAReturnIsSeen() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 4, "{}")), from: 7, now: 0)
    _ = awareness.removeClients(of: 7)
    let stale = try awareness.apply(awarenessUpdate((1, 4, "{}")), from: 9, now: 0)
    #expect(stale.broadcast == nil)
    #expect(try entries(stale.reply) == ["1@4 null"])
    let back = try awareness.apply(awarenessUpdate((1, 5, "{}")), from: 9, now: 0)
    #expect(back.updated == [1] && back.reply == nil)
    #expect(awareness.clients == [1])
  }

  @Test func silenceOfThirtySecondsRemoves() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 1, "1"), (2, 1, "2")), from: 7, now: 1_000)
    _ = try awareness.apply(awarenessUpdate((2, 2, "2")), from: 7, now: 16_000)
    _ = try awareness.apply(awarenessUpdate((1, 1, "1")), from: 7, now: 16_000)
    #expect(awareness.removeSilentClients(now: 30_999) == nil)
    #expect(try entries(awareness.removeSilentClients(now: 31_000)) == ["1@1 null"])
    #expect(try entries(awareness.encoded()) == ["2@2 2"])
  }

  @Test func aWrongEntryLeavesNothingHalfApplied() {
    var awareness = Awareness()
    #expect(throws: ProtocolError.invalidState(client: 2, JSONSyntaxError(expected: "a string", offset: 1))) {
      try awareness.apply(awarenessUpdate((1, 1, "{}"), (2, 1, "{bad")), from: 7, now: 0)
    }
    #expect(awareness.isEmpty && awareness.clock(of: 1) == nil)
  }

  @Test func nullIsARemovalHoweverItIsSpelt() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 1, "{}"), (2, 1, "\"null\"")), from: 7, now: 0)
    #expect(try awareness.apply(awarenessUpdate((1, 2, " null\n")), from: 7, now: 0).removed == [1])
    #expect(awareness.clients == [2])
  }

  @Test func limitsRefuseTheNewcomerAndKeepWhatIsThere() throws {
    let limits = Awareness.Limits(
      maximumClients: 3, maximumClientsPerMember: 2, maximumStateBytes: 8, maximumBytes: 12)
    var awareness = Awareness(limits: limits)
    let first = try awareness.apply(awarenessUpdate((1, 1, "1"), (2, 1, "2"), (3, 1, "3")), from: 7, now: 0)
    #expect(first.added == [1, 2] && first.refused == [3])
    #expect(try entries(first.broadcast) == ["1@1 1", "2@1 2"])
    #expect(try awareness.apply(awarenessUpdate((3, 1, "3")), from: 8, now: 0).added == [3])
    #expect(try awareness.apply(awarenessUpdate((4, 1, "4")), from: 8, now: 0).refused == [4])
    #expect(try awareness.apply(awarenessUpdate((1, 2, "\"1234\"")), from: 7, now: 0).updated == [1])
    #expect(try awareness.apply(awarenessUpdate((2, 2, "\"1234\"")), from: 7, now: 0).refused == [2])
    #expect(awareness[2] == "2" && awareness.clock(of: 2) == 1)
    _ = awareness.removeClients(of: 7)
    #expect(try awareness.apply(awarenessUpdate((4, 1, "\"1234\"")), from: 8, now: 0).added == [4])
  }

  @Test func oversizedUpdatesAreErrors() {
    var awareness = Awareness(limits: Awareness.Limits(maximumClients: 2, maximumStateBytes: 8))
    #expect(throws: ProtocolError.tooLarge(.awareness, bytes: 9, limit: 8)) {
      try awareness.apply(awarenessUpdate((1, 1, "123456789")), from: 7, now: 0)
    }
    #expect(throws: ProtocolError.tooManyAwarenessEntries(3, limit: 2)) {
      try awareness.apply(awarenessUpdate((1, 1, "1"), (2, 1, "2"), (3, 1, "3")), from: 7, now: 0)
    }
  }

  @Test func clocksOfThoseWhoLeftAreForgottenBeforeTheyAddUp() throws {
    var awareness = Awareness(limits: Awareness.Limits(maximumClients: 100))
    for client in 1...10_000 as ClosedRange<UInt64> {
      _ = try awareness.apply(awarenessUpdate((client, 1, "1")), from: 7, now: Int64(client))
      _ = awareness.removeClients(of: 7)
    }
    let remembered = (1...10_000 as ClosedRange<UInt64>).filter { awareness.clock(of: $0) != nil }
    #expect(remembered.count <= 200)
    #expect(remembered.contains(10_000))
  }

  /// Valid updates with some bytes changed reach further into the reader than random bytes do.
  @Test(arguments: [UInt64(1), 2, 3])
  func damagedUpdatesNeverTrapAndTheCountsStayRight(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var awareness = Awareness(limits: Awareness.Limits(maximumClients: 6, maximumClientsPerMember: 3))
    for step in 0..<5_000 {
      let states = [nil, "{}", "{\"a\":[1,2]}", "\"x\""]
      var update = AwarenessUpdate.encode(
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          (
            UInt64.random(in: 1...9, using: &generator), UInt64.random(in: 0...300, using: &generator),
            states.randomElement(using: &generator)!
          )
        })
      if Bool.random(using: &generator) {
        update[Int.random(in: 0..<update.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = try? awareness.apply(update, from: UInt64.random(in: 1...3, using: &generator), now: Int64(step))
      if step % 50 == 0 { _ = awareness.removeClients(of: UInt64.random(in: 1...3, using: &generator)) }
      #expect(awareness.isEmpty == awareness.clients.isEmpty, "seed \(seed), step \(step)")
      #expect(awareness.clients.count <= 6, "seed \(seed), step \(step)")
    }
    for member in 1...3 as ClosedRange<UInt64> { _ = awareness.removeClients(of: member) }
    #expect(awareness.isEmpty, "seed \(seed)")
  }
}
