import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Under which client ids members may write and show themselves.
@Suite struct RoomIdentityTests {
  private static let ada = Actor(type: "user", id: "1", name: "Ada")
  private static let eve = Actor(type: "user", id: "2", name: "Eve")

  /// A room in which Ada (1) and Eve (2) are, who are known or not, and Ada has written under 77.
  private struct Stage {
    var fixture: RoomFixture
    let ada: Doc

    init(known: Bool, configuration: RoomConfiguration = RoomConfiguration()) throws {
      fixture = RoomFixture(configuration: configuration)
      _ = fixture.send(.join(1, isReadOnly: false, actor: known ? RoomIdentityTests.ada : nil))
      _ = fixture.send(.loaded(fixture.stored))
      _ = fixture.send(.join(2, isReadOnly: false, actor: known ? RoomIdentityTests.eve : nil))
      ada = try fixture.replica(clientID: 77)
      fixture.now += 100
      #expect(try write("one").contains { if case .append = $0 { true } else { false } })
    }

    /// What Ada writes next, unsent.
    func edit(_ name: String) throws -> [UInt8] {
      try fixture.update(of: ada) { try ada.map("workflow").set("name", .string(name)) }
    }

    mutating func write(_ name: String) throws -> [Room.Effect] {
      fixture.now += 10
      return fixture.send(.message(1, .update(try edit(name))))
    }

    /// What somebody else makes of the document under Ada's client id, at the clock where she is going to write next.
    func forged(_ client: ClientID = 77) throws -> [UInt8] {
      let other = Doc()
      try other.apply(ada.encodeStateAsUpdate())
      // Only now: a document changes its id where somebody else writes under it.
      other.clientID = client
      return try fixture.update(of: other) { try other.map("workflow").set("name", "forged") }
    }

    /// Lets as much time pass as an edit in another name may wait.
    mutating func wait() -> [Room.Effect] {
      fixture.now += 5_000
      return fixture.send(.tick)
    }

    var name: String {
      mutating get {
        let effects = fixture.send(.request(9, .read))
        for case .reply(9, .live(let live)) in effects { return live.content.name }
        return "nothing is served"
      }
    }
  }

  private func isRejected(_ effects: [Room.Effect], _ member: MemberID) -> Bool {
    effects.contains { if case .close(member, .rejected) = $0 { true } else { false } }
  }

  @Test(arguments: [true, false]) func nobodyWritesUnderTheClientIDOfSomebodyWhoIsHere(known: Bool) throws {
    for asAnswer in [true, false] {
      var stage = try Stage(known: known)
      let forged = try stage.forged()
      #expect(stage.fixture.send(.message(2, asAnswer ? .syncStep2(forged) : .update(forged))) == [.readLog(after: 1)])
      #expect(stage.name == "one")
      let effects = stage.wait()
      #expect(isRejected(effects, 2), "\(effects)")
      #expect(!effects.contains { if case .append = $0 { true } else { false } })
      #expect(stage.name == "one")
      #expect(try stage.write("two").contains { if case .append = $0 { true } else { false } })
      #expect(stage.name == "two")
      #expect(stage.fixture.room.statistics.rejectedUpdates == 1)
    }
  }

  /// With the forged part in an update of one's own.
  @Test func anUpdateIsRefusedWhole() throws {
    var stage = try Stage(known: true)
    let eve = try stage.fixture.replica(clientID: 78)
    let own = try stage.fixture.update(of: eve) { try eve.map("workflow").set("concurrency", 7) }
    _ = stage.fixture.send(.message(2, .update(try Update.merging([own, stage.forged()]))))
    #expect(isRejected(stage.wait(), 2))
    let effects = stage.fixture.send(.request(9, .read))
    #expect(
      effects.contains { if case .reply(9, .live(let live)) = $0 { live.content.concurrency == nil } else { false } })
  }

  /// Who answers step 1 brings what others wrote, too. It waits until they have brought it themselves.
  @Test func whatOthersBringThemselvesIsTakenOfAnybody() throws {
    var stage = try Stage(known: true)
    let next = try stage.edit("two")
    #expect(stage.fixture.send(.message(2, .syncStep2(next))) == [.readLog(after: 1)])
    #expect(stage.fixture.send(.message(2, .syncStatus([9]))) == [], "what comes behind waits as well")
    stage.fixture.now += 10
    _ = stage.fixture.send(.message(1, .update(next)))
    _ = stage.fixture.send(.appended(through: 2, sequence: 3))
    stage.fixture.now += 1_000
    #expect(stage.fixture.send(.tick).messages(to: 2) == [.syncStatus([9])])
    #expect(stage.fixture.room.memberCount == 2)
  }

  /// After a crash everybody brings what everybody had, and nobody is suspected.
  @Test func afterACrashAllBringWhatAllHad() throws {
    var fixture = RoomFixture()
    let docs = try (0..<3).map { try fixture.replica(clientID: 70 + ClientID($0)) }
    for doc in docs { try doc.transact { try doc.map("errors").set("by \(doc.clientID)", 1) } }
    let all = try Update.merging(docs.map { $0.encodeStateAsUpdate(since: fixture.seedVector) })
    for member: MemberID in 0..<3 {
      _ = fixture.send(.join(member, isReadOnly: false, actor: Actor(type: "user", id: "\(member)")))
    }
    _ = fixture.send(.loaded(fixture.stored))
    for (member, doc) in docs.enumerated() {
      var awareness = ClientAwareness(client: doc.clientID)
      fixture.now += 5
      _ = fixture.send(.message(MemberID(member), .awareness(awareness.show("{}"))))
    }
    for member: MemberID in 0..<3 {
      fixture.now += 5
      let effects = fixture.send(.message(member, .syncStep2(all)))
      #expect(effects.contains { if case .append = $0 { true } else { false } } == (member == 0), "\(effects)")
    }
    fixture.now += 10_000
    _ = fixture.send(.tick)
    #expect(fixture.room.memberCount == 3)
  }

  /// A client that comes back is itself, though nobody knows yet that its old connection is gone.
  @Test(arguments: [true, false]) func whoComesBackIsNotTakenForAnother(known: Bool) throws {
    var stage = try Stage(known: known)
    stage.fixture.now += 1_000
    _ = stage.fixture.send(.join(3, isReadOnly: false, actor: known ? Self.ada : nil))
    let effects = stage.fixture.send(.message(3, .update(try stage.edit("two"))))
    #expect(effects.contains { if case .append = $0 { true } else { false } }, "\(effects)")
    #expect(stage.name == "two")
    // The old one's end is noticed, and changes nothing.
    _ = stage.fixture.send(.leave(1))
    let more = stage.fixture.send(.message(3, .update(try stage.edit("three"))))
    #expect(more.contains { if case .append = $0 { true } else { false } }, "\(more)")
  }

  /// If it was another after all, the first one to say something shows it.
  @Test func whoPretendsToComeBackIsFoundOut() throws {
    var stage = try Stage(known: false)
    _ = stage.fixture.send(.join(3, isReadOnly: false))
    stage.fixture.now += 10
    _ = stage.fixture.send(.message(3, .update(try stage.forged())))
    stage.fixture.now += 10
    #expect(isRejected(stage.fixture.send(.message(1, .queryAwareness)), 3))
    #expect(stage.fixture.room.memberCount == 2)
  }

  /// Who takes an id while its owner is away has to give it back.
  @Test func whoeverHadAnIDFirstGetsItBack() throws {
    var stage = try Stage(known: true)
    _ = stage.fixture.send(.leave(1))
    var eve = ClientAwareness(client: 77)
    _ = stage.fixture.send(.message(2, .awareness(eve.show("{}"))))
    stage.fixture.now += 10
    _ = stage.fixture.send(.join(3, isReadOnly: false, actor: Self.ada))
    stage.fixture.now += 10
    let effects = stage.fixture.send(.message(3, .update(try stage.edit("two"))))
    #expect(isRejected(effects, 2), "\(effects)")
    #expect(stage.name == "two")
  }

  @Test func nobodyWritesUnderTheServersClientID() throws {
    var stage = try Stage(known: false)
    let forged = try stage.forged(stage.fixture.stored.serverClientID)
    #expect(stage.fixture.send(.message(2, .update(forged))) == [.readLog(after: 1)])
    #expect(stage.name == "one")
    let base = stage.fixture.stored.base
    _ = stage.fixture.send(.logRead(stage.fixture.tail([], lastSequence: 2, base: base)))
    #expect(isRejected(stage.wait(), 2))
    #expect(stage.name == "one")
  }

  /// What another node's server wrote may come with a client before the log is read.
  @Test func whatTheServerWroteElsewhereIsTakenOnceTheLogHasIt() throws {
    var stage = try Stage(known: false)
    let server = stage.fixture.stored.serverClientID
    let update = try stage.forged(server)
    #expect(stage.fixture.send(.message(2, .syncStep2(update))) == [.readLog(after: 1)])
    _ = stage.fixture.send(
      .logRead(stage.fixture.tail([update], lastSequence: 3, serverClock: stage.fixture.seed.clock + 2)))
    #expect(stage.fixture.room.memberCount == 2)
    #expect(!isRejected(stage.wait(), 2))
    #expect(stage.name == "forged")
  }

  /// While the log cannot be read nobody is accused.
  @Test func whileTheStoreIsAwayNobodyIsAccused() throws {
    var stage = try Stage(known: false)
    _ = stage.fixture.send(.message(2, .update(try stage.forged(stage.fixture.stored.serverClientID))))
    _ = stage.fixture.send(.storeFailed)
    let effects = stage.wait()
    #expect(effects.contains { if case .close(2, .tryAgainLater) = $0 { true } else { false } }, "\(effects)")
  }

  @Test func clocksDoNotJump() throws {
    var stage = try Stage(known: false)
    // Collected content of client 99 at clock 0, of 2^40 units: some ten bytes.
    let jump: [UInt8] = [1, 1, 99, 0, 0] + varUInt(1 << 40) + [0]
    let effects = stage.fixture.send(.message(2, .update(jump)))
    #expect(isRejected(effects, 2) && effects.count == 1, "\(effects)")
    _ = stage.fixture.send(.join(3, isReadOnly: false))
    // And one that begins far away, for which everything would wait.
    let far: [UInt8] = [1, 1, 98] + varUInt(1 << 40) + [0, 1, 0]
    #expect(isRejected(stage.fixture.send(.message(3, .syncStep2(far))), 3))
    #expect(try stage.write("two").contains { if case .append = $0 { true } else { false } })
  }

  private func varUInt(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varUInt(value >> 7)
  }

  @Test func aStateVectorIsNoLongerThanADocumentHasClients() throws {
    var configuration = RoomConfiguration()
    configuration.maximumClients = 10
    var stage = try Stage(known: false, configuration: configuration)
    func vector(_ count: UInt8) -> [UInt8] { [count] + (0..<count).flatMap { [$0 + 1, 1] } }
    #expect(!isRejected(stage.fixture.send(.message(2, .syncStep1(vector(20)))), 2))
    #expect(isRejected(stage.fixture.send(.message(1, .syncStep1(vector(21)))), 1))
  }

  // MARK: Presence

  @Test(arguments: [true, false]) func nobodyShowsHimselfAsSomebodyWhoIsHere(known: Bool) throws {
    var stage = try Stage(known: known)
    var (ada, eve) = (ClientAwareness(client: 77), ClientAwareness(client: 77))
    let shown = stage.fixture.send(.message(1, .awareness(ada.show(#"{"user": "Ada"}"#))))
    #expect(shown.broadcasts.count == 1)
    stage.fixture.now += 10
    for _ in 0..<5 {
      #expect(stage.fixture.send(.message(2, .awareness(eve.show(#"{"user": "not Ada"}"#)))).broadcasts == [])
    }
    #expect(stage.fixture.send(.message(2, .awareness(eve.show(nil)))).broadcasts == [], "nor as gone")
    let everybody = stage.fixture.send(.message(2, .queryAwareness)).messages(to: 2)
    guard case .awareness(let bytes)? = everybody.first else { return #expect(Bool(false), "\(everybody)") }
    #expect(String(decoding: bytes, as: UTF8.self).contains(#"{"user": "Ada"}"#))
  }

  /// Pages of one browser pass on what the others show, whether those have a connection or not.
  @Test func whatPagesPassOnOfOthersIsShown() throws {
    var stage = try Stage(known: true)
    var (own, other) = (ClientAwareness(client: 78), ClientAwareness(client: 79))
    _ = stage.fixture.send(.message(2, .awareness(own.show("{}"))))
    #expect(stage.fixture.send(.message(2, .awareness(other.show("{}")))).broadcasts.count == 1)
    // Its own connection comes later, and counts from then on.
    stage.fixture.now += 10
    _ = stage.fixture.send(.join(3, isReadOnly: false, actor: Self.eve))
    #expect(stage.fixture.send(.message(3, .awareness(other.show(#"{"n": 1}"#)))).broadcasts.count == 1)
  }

  // MARK: Quotas

  @Test func aFullDocumentTakesNoEditsAndSaysSo() throws {
    var configuration = RoomConfiguration()
    configuration.maximumContentBytes = 2_000
    var stage = try Stage(known: false, configuration: configuration)
    let eve = try stage.fixture.replica(clientID: 78)
    let large = try stage.fixture.update(of: eve) {
      try eve.map("workflow").set("name", .string(String(repeating: "x", count: 3_000)))
    }
    let small = try stage.fixture.update(of: eve) { try eve.map("workflow").set("name", "y") }
    let effects = stage.fixture.send(.message(2, .update(large)))
    guard case .permissionDenied(let reason)? = effects.messages(to: 2).first else {
      return #expect(Bool(false), "\(effects)")
    }
    #expect(reason.contains("full") && reason.contains("2000 bytes") && effects.count == 1)
    #expect(stage.fixture.send(.message(2, .syncStatus([5]))) == [], "it is not acknowledged")
    #expect(stage.fixture.send(.message(2, .update(small))) == [], "it builds on what is not here")
    #expect(stage.fixture.room.memberCount == 2)
    #expect(try stage.write("two").contains { if case .append = $0 { true } else { false } }, "others go on")
    // What the server writes, and what the log has, is not measured so.
    _ = stage.fixture.send(.logRead(stage.fixture.tail([large], lastSequence: 9)))
    #expect(stage.fixture.room.memberCount == 2)
  }

  @Test func theClientsOfADocumentAreCounted() throws {
    var configuration = RoomConfiguration()
    configuration.maximumClients = 5
    var stage = try Stage(known: false, configuration: configuration)
    var wasDenied = false
    for client: ClientID in 80..<90 {
      let doc = try stage.fixture.replica(clientID: client)
      let update = try stage.fixture.update(of: doc) { try doc.map("errors").set("n", .int(Int64(client))) }
      wasDenied =
        stage.fixture.send(.message(2, .update(update))).messages(to: 2).contains {
          if case .permissionDenied = $0 { true } else { false }
        } || wasDenied
    }
    #expect(wasDenied)
    #expect(try stage.write("two").contains { if case .append = $0 { true } else { false } })
  }

  @Test func whatWaitsForOthersIsBounded() throws {
    var configuration = RoomConfiguration()
    configuration.maximumIncompleteBytes = 10_000
    var stage = try Stage(known: false, configuration: configuration)
    _ = stage.fixture.send(.message(2, .syncStep2([0, 0])))
    var rejected = false
    // Each the second of two letters of another client, of which the first never comes.
    for client: ClientID in 100..<1_000 where !rejected {
      let doc = Doc(clientID: client)
      _ = try stage.fixture.update(of: doc) { try doc.text("t").insert("a", at: 0) }
      let second = try stage.fixture.update(of: doc) { try doc.text("t").insert("b", at: 1) }
      rejected = isRejected(stage.fixture.send(.message(2, .update(second))), 2)
    }
    #expect(rejected)
  }
}
