import Testing

@testable import YProtocol

/// Clients that are here through another server.
@Suite struct AwarenessElsewhereTests {
  private let node: UInt64 = 1 << 52 | 5
  private let otherNode: UInt64 = 1 << 52 | 6

  @Test func clientsOfAnotherServerGoWithIt() throws {
    var awareness = Awareness()
    let change = try awareness.apply(awarenessUpdate((1, 3, "{}"), (2, 4, "{}")), from: node, as: .server, now: 0)
    #expect(change.added == [1, 2])
    _ = try awareness.apply(awarenessUpdate((9, 1, "{}")), from: 7, now: 0)
    #expect(awareness.clientsHere == [9] && awareness.isElsewhere(1) && !awareness.isElsewhere(9))
    #expect(try entries(awareness.removeClients(of: node)) == ["1@3 null", "2@4 null"])
    #expect(awareness.clients == [9])
  }

  @Test func aServerMayHaveManyClientsAndOnlyTheRoomHasALimit() throws {
    var awareness = Awareness(limits: .init(maximumClients: 10, maximumClientsPerMember: 2))
    for client in UInt64(1)...20 {
      _ = try awareness.apply(awarenessUpdate((client, 1, "{}")), from: node, as: .server, now: 0)
    }
    #expect(awareness.clients.count == 10)
  }

  /// Clients pass on what others show, so who says something of a client is not where it is.
  @Test func whoPassesOnWhatIsKnownChangesNothing() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 3, "{}")), from: node, as: .server, now: 0)
    _ = try awareness.apply(awarenessUpdate((1, 3, "{}")), from: 7, now: 0)
    _ = try awareness.apply(awarenessUpdate((1, 3, "{}")), from: otherNode, as: .server, now: 0)
    #expect(awareness.clientsHere == [] && awareness.clients(of: node) == [1])
    // Who moves here raises its clock when it hears that it is gone there.
    #expect(try entries(awareness.removeClients(of: node)) == ["1@3 null"])
    _ = try awareness.apply(awarenessUpdate((1, 4, "{}")), from: 7, now: 0)
    #expect(awareness.clientsHere == [1])
  }

  /// Another server saw a client go that has come here in the meantime: the client is told, and announces itself anew.
  @Test func whoIsTakenForGoneIsTold() throws {
    var awareness = Awareness()
    _ = try awareness.apply(awarenessUpdate((1, 3, "{}")), from: 7, now: 0)
    let change = try awareness.apply(awarenessUpdate((1, 3, nil)), from: node, as: .server, now: 0)
    #expect(change.broadcast == nil && awareness[1] == "{}")
    #expect(try change.disputes.mapValues { try entries($0) } == [7: ["1@3 null"]])
  }
}
