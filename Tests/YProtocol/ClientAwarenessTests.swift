import Testing

@testable import YProtocol

@Suite struct ClientAwarenessTests {
  @Test func clocksRiseWithEveryAnnouncement() throws {
    var awareness = ClientAwareness(client: 7)
    #expect(awareness.renewed() == nil)
    #expect(try entries(awareness.show("{}")) == ["7@1 {}"])
    #expect(try entries(awareness.renewed()) == ["7@2 {}"])
    #expect(try entries(awareness.show(nil)) == ["7@3 null"])
    #expect(awareness.renewed() == nil)
  }

  @Test func othersAreSeenUntilTheyGo() throws {
    var awareness = ClientAwareness(client: 7)
    #expect(try awareness.apply(awarenessUpdate((1, 1, "1"), (2, 1, "2")), now: 0) == nil)
    #expect(awareness.others == [1: "1", 2: "2"])
    #expect(try awareness.apply(awarenessUpdate((1, 1, nil)), now: 0) == nil)
    #expect(awareness.others == [2: "2"])
    awareness.removeSilentClients(now: Awareness.timeout)
    #expect(awareness.others.isEmpty)
    _ = try awareness.apply(awarenessUpdate((2, 2, "2")), now: 0)
    awareness.removeOthers()
    #expect(awareness.others.isEmpty)
  }

  @Test func whoIsSaidToBeGoneSaysOtherwise() throws {
    var awareness = ClientAwareness(client: 7)
    _ = awareness.show("{}")
    #expect(try awareness.apply(awarenessUpdate((7, 1, "{}")), now: 0) == nil)
    #expect(try entries(awareness.apply(awarenessUpdate((7, 1, nil)), now: 0)) == ["7@2 {}"])
    #expect(try entries(awareness.apply(awarenessUpdate((7, 9, nil)), now: 0)) == ["7@10 {}"])
    _ = awareness.show(nil)
    #expect(try awareness.apply(awarenessUpdate((7, 20, nil)), now: 0) == nil)
    #expect(awareness.others.isEmpty)
  }
}
