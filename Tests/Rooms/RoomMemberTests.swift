import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

@Suite struct RoomMemberTests {
  @Test func manyJoinsLoadOnceAndWaitForIt() {
    var fixture = RoomFixture()
    #expect(fixture.send(.join(1, isReadOnly: false)) == [.load])
    #expect(fixture.send(.join(2, isReadOnly: false)) == [])
    #expect(fixture.send(.message(1, .syncStep1(StateVector().encoded()))) == [])
    let effects = fixture.send(.loaded(fixture.stored))
    let served = effects.messages(to: 1)
    #expect(served.count == 2)
    #expect(served.contains { if case .syncStep1 = $0 { true } else { false } })
    #expect(served.contains { if case .syncStep2 = $0 { true } else { false } })
    #expect(effects.messages(to: 2).count == 1)
  }

  @Test func aFailedLoadIsNeverServedAndNeverStored() {
    var fixture = RoomFixture()
    _ = fixture.send(.join(1, isReadOnly: false))
    let effects = fixture.send(.loadFailed(.unavailable))
    #expect(effects.last == .unload)
    #expect(effects.count == 2)
    guard case .close(1, .tryAgainLater) = effects[0] else { return #expect(Bool(false), "\(effects)") }
  }

  @Test func stepOneIsAnsweredWithWhatTheMemberLacks() throws {
    var fixture = RoomFixture.serving(members: [1])
    let effects = fixture.send(.message(1, .syncStep1(StateVector().encoded())))
    guard case .syncStep2(let update)? = effects.messages(to: 1).first else { return #expect(Bool(false)) }
    let doc = Doc()
    try doc.apply(update)
    #expect(try WorkflowDocument.extract(doc) == fixture.rows.content)
  }

  @Test func anEditGoesToTheOthersAndIntoTheLog() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    let effects = fixture.send(.message(1, .update(update)))
    #expect(effects == [.broadcast(.update(update), except: 1), .append(update, index: 1)])
    // The same again is no news.
    #expect(fixture.send(.message(2, .syncStep2(update))) == [])
  }

  @Test func acknowledgementComesAfterTheCommit() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    #expect(fixture.send(.message(1, .syncStatus([5]))) == [.send(1, .syncStatus([5]))])
    _ = fixture.send(.message(1, .update(update)))
    #expect(fixture.send(.message(1, .syncStatus([6]))) == [])
    // Who sent nothing has nothing to wait for.
    #expect(fixture.send(.message(2, .syncStatus([7]))) == [.send(2, .syncStatus([7]))])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [.send(1, .syncStatus([6]))])
  }

  @Test func whatIsSentAgainAfterAReconnectIsAcknowledgedNoEarlier() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.leave(1))
    #expect(fixture.send(.message(2, .syncStep2(update))) == [])
    #expect(fixture.send(.message(2, .syncStatus([6]))) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [.send(2, .syncStatus([6]))])
  }

  @Test func membersHearSomethingEvenWhereNobodyShowsAnything() {
    var fixture = RoomFixture.serving(members: [1])
    fixture.now += 19_000
    #expect(fixture.send(.tick) == [])
    fixture.now += 1_000
    #expect(fixture.send(.tick) == [.broadcast(.awareness([0]), except: nil)])
    fixture.now += 10_000
    let shown: [UInt8] = [1, 7, 1, 2, 0x7B, 0x7D]
    #expect(fixture.send(.message(1, .awareness(shown))) == [.broadcast(.awareness(shown), except: nil)])
    fixture.now += 19_000
    #expect(fixture.send(.tick) == [])
  }

  @Test func anUpdateThatCannotBeReadCostsItsSenderTheSeat() {
    var fixture = RoomFixture.serving(members: [1, 2])
    let effects = fixture.send(.message(1, .update([1, 1, 255])))
    guard case .close(1, .rejected)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(!effects.contains { if case .append = $0 { true } else { false } })
    #expect(fixture.room.memberCount == 1)
  }

  @Test func anEditThatStandsBeforeAndBehindTheSameIsRefused() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.text("t").append("abc") }
    _ = fixture.send(.message(1, .update(update)))
    let clock = UInt8(doc.stateVector[77] - 2)
    let effects = fixture.send(.message(1, .update([1, 1, 78, 0, 0xC4, 77, clock, 77, clock, 1, 88, 0])))
    guard case .close(1, .rejected(let reason))? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(reason.contains("crossedOrigins"))
    #expect(fixture.room.statistics.rejectedUpdates == 1)
  }

  @Test func readersCannotWrite() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.join(3, isReadOnly: true))
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    let effects = fixture.send(.message(3, .update(update)))
    #expect(effects.messages(to: 3) == [.permissionDenied(reason: "you may read this document and not change it")])
    #expect(effects.count == 1)
    #expect(fixture.send(.message(3, .update(update))) == [])
    #expect(fixture.send(.message(3, .syncStatus([1]))) == [], "what it wrote is not saved")
  }

  @Test func whatCameTooEarlyIsStoredAndPassedOnWhenItFits() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let first = try fixture.update(of: doc) { try doc.map("workflow").set("name", "one") }
    let second = try fixture.update(of: doc) { try doc.map("workflow").set("name", "two") }
    _ = fixture.send(.message(1, .syncStep2([0, 0])))
    #expect(fixture.send(.message(1, .update(second))) == [.append(second, index: 1)])
    let effects = fixture.send(.message(2, .update(first)))
    guard case .broadcast(.update(let both), except: nil)? = effects.first else { return #expect(Bool(false)) }
    let other = try fixture.replica(clientID: 78)
    try other.apply(both)
    #expect(other.map("workflow")["name"]?.value == "two")
  }

  @Test func anEditThatBuildsOnOfflineOnesWaitsForThem() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let known = doc.stateVector
    _ = try fixture.update(of: doc) { try doc.map("workflow").set("name", "offline") }
    let offline = doc.encodeStateAsUpdate(since: known)
    let online = try fixture.update(of: doc) { try doc.map("workflow").set("name", "online") }
    #expect(fixture.send(.message(1, .update(online))) == [])
    #expect(fixture.send(.message(1, .syncStatus([1]))) == [], "it is not safe yet")
    guard case .reply(5, .live(let live))? = fixture.send(.request(5, .read)).first else { return #expect(Bool(false)) }
    #expect(live.content.name == "Sync patients")
    let effects = fixture.send(.message(1, .syncStep2(offline)))
    #expect(effects.count { if case .append = $0 { true } else { false } } == 2)
    #expect(fixture.send(.appended(through: 2, sequence: 2)) == [.send(1, .syncStatus([1]))])
  }

  @Test func whoNeverAnswersIsHeardAllTheSame() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = try fixture.update(of: doc) { try doc.map("workflow").set("name", "one") }
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "two") }
    #expect(fixture.send(.message(1, .update(update))) == [])
    fixture.now += 4_000
    #expect(fixture.send(.tick) == [])
    fixture.now += 2_000
    #expect(fixture.send(.tick) == [.append(update, index: 1)])
  }

  /// A storm of joins costs one encoding; what they get is never older than what there is.
  @Test func whoJoinsBeforeSomethingChangesGetsTheSameBytes() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let expected = try fixture.replica(clientID: 6)
    func state(of member: MemberID) throws -> [UInt8] {
      let effects = fixture.send(.message(member, .syncStep1(StateVector().encoded())))
      return try #require(
        effects.lazy.compactMap { effect -> [UInt8]? in
          if case .send(member, .syncStep2(let update)) = effect { update } else { nil }
        }.first)
    }
    func isShared(_ one: [UInt8], _ other: [UInt8]) -> Bool {
      one.withUnsafeBufferPointer { one in other.withUnsafeBufferPointer { one.baseAddress == $0.baseAddress } }
    }
    func check(_ change: String) throws {
      let (first, second) = (try state(of: 1), try state(of: 2))
      #expect(isShared(first, second), "after \(change)")
      let seen = Doc()
      try seen.apply(first)
      #expect(seen.encodeStateAsUpdate() == expected.encodeStateAsUpdate(), "after \(change)")
    }
    try check("the beginning")
    let doc = try fixture.replica(clientID: 7)
    let edit = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Mine") }
    _ = fixture.send(.message(2, .update(edit)))
    try expected.apply(edit)
    try check("an edit")
    let other = try fixture.replica(clientID: 8)
    let elsewhere = try fixture.update(of: other) { try other.map("workflow").set("name", "Theirs") }
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.logGrew(to: 3))
    _ = fixture.send(.logRead(fixture.tail([elsewhere], lastSequence: 3)))
    try expected.apply(elsewhere)
    try check("another server's edit")
    let kept = try state(of: 1)
    _ = fixture.send(.tick)
    #expect(try !isShared(kept, state(of: 1)), "nothing is kept for longer than a storm lasts")
  }

  @Test func aMemberThatLaggedGetsEverythingItMissed() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let slow = try fixture.replica(clientID: 78)
    _ = fixture.send(.message(2, .syncStep1(slow.stateVector.encoded())))
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.lagging(2))
    let text = doc.array("jobs").elements[0].map?["body"]?.text
    for index in 0..<20 {
      let update = try fixture.update(of: doc) { try text?.insert("\(index) ", at: 0) }
      _ = fixture.send(.message(1, .update(update)))
    }
    let effects = fixture.send(.caughtUp(2))
    guard case .syncStep2(let missed)? = effects.messages(to: 2).first else { return #expect(Bool(false)) }
    try slow.apply(missed)
    #expect(try WorkflowDocument.extract(slow) == WorkflowDocument.extract(doc))
    #expect(fixture.send(.caughtUp(2)) == [])
  }

  @Test func whoLaggedIsSentWhatItMissedAndNoMore() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    _ = fixture.send(.message(2, .syncStep1(StateVector().encoded())))
    let slow = try fixture.replica(clientID: 78)
    let doc = try fixture.replica(clientID: 77)
    func type(_ text: String) throws -> [UInt8] {
      try fixture.update(of: doc) { try doc.array("jobs").elements[0].map?["body"]?.text?.insert(text, at: 0) }
    }
    let before = try type(String(repeating: "before ", count: 100))
    _ = fixture.send(.message(1, .update(before)))
    _ = fixture.send(.lagging(2))
    _ = fixture.send(.message(1, .update(try type("after"))))
    guard case .syncStep2(let missed)? = fixture.send(.caughtUp(2)).messages(to: 2).first else {
      return #expect(Bool(false))
    }
    #expect(missed.count < 100, "what was queued before the queue was full is not sent again")
    try slow.apply(before)
    try slow.apply(missed)
    #expect(try WorkflowDocument.extract(slow) == WorkflowDocument.extract(doc))
  }

  @Test func whatALaggingMemberAskedForItGetsLater() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .syncStep1(doc.stateVector.encoded())))
    _ = fixture.send(.lagging(1))
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(fixture.send(.message(1, .syncStatus([1]))) == [])
    #expect(fixture.send(.message(1, .syncStep1(StateVector().encoded()))) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [])
    #expect(fixture.send(.message(1, .syncStatus([2]))) == [])
    let messages = fixture.send(.caughtUp(1)).messages(to: 1)
    #expect(messages.last == .syncStatus([2]))
    guard case .syncStep2(let everything)? = messages.first else { return #expect(Bool(false)) }
    let other = Doc(clientID: 78)
    try other.apply(everything)
    #expect(try WorkflowDocument.extract(other) == WorkflowDocument.extract(doc), "it had said that it has nothing")
  }

  @Test func presenceGoesWhenItsMemberLeaves() {
    var fixture = RoomFixture.serving(members: [1, 2])
    // One client, 5, at clock 1, with the state {}.
    let here: [UInt8] = [1, 5, 1, 2, 123, 125]
    #expect(fixture.send(.message(1, .awareness(here))) == [.broadcast(.awareness(here), except: nil)])
    #expect(fixture.send(.message(2, .queryAwareness)) == [.send(2, .awareness(here))])
    let gone = fixture.send(.leave(1)).broadcasts
    #expect(gone.count == 1)
    #expect(fixture.send(.message(2, .queryAwareness)) == [])
  }

  @Test func anIdleRoomIsCheckpointedAndUnloadedAfterItsGrace() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.leave(1))
    fixture.now += 60_000
    #expect(fixture.send(.tick) == [], "nothing is forgotten before it is stored")
    _ = fixture.send(.appended(through: 1, sequence: 2))
    let effects = fixture.send(.tick)
    guard case .checkpoint(_, through: 2)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(effects.last == .unload)
  }

  @Test func aJoinWithinTheGraceKeepsTheRoom() {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.leave(1))
    fixture.now += 5_000
    #expect(fixture.send(.tick) == [])
    #expect(!fixture.send(.join(2, isReadOnly: false)).isEmpty)
    fixture.now += 60_000
    #expect(!fixture.send(.tick).contains(.unload))
  }

  @Test func whileTheStoreIsAwayMemoryIsBounded() throws {
    var configuration = RoomConfiguration()
    configuration.maximumPendingBytes = 2_000
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    var closed = false
    for index in 0..<100 where !closed {
      let update = try fixture.update(of: doc) {
        try doc.map("positions").set("n\(index)", .string("x" + String(repeating: "y", count: 100)))
      }
      closed = fixture.send(.message(1, .update(update))).contains {
        if case .close(1, .tryAgainLater) = $0 { true } else { false }
      }
    }
    #expect(closed)
    #expect(fixture.room.pendingUpdateBytes < 2_400)
  }

  @Test func whoAsksEndlesslyWhatIsStoredWhileTheStoreIsAwayIsAskedToComeBack() throws {
    var configuration = RoomConfiguration()
    configuration.maximumPendingBytes = 2_000
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    var asked = 0
    while asked < 1_000, fixture.send(.message(1, .syncStatus([1]))).isEmpty { asked += 1 }
    // As many as there is room for, if each were as long as it may be.
    #expect(asked == (2_000 - update.count) / Message.maximumSyncStatusBytes)
    #expect(fixture.room.memberCount == 0)
  }

  @Test func aDrainingRoomStoresEverythingBeforeItLetsGo() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(fixture.send(.drain) == [])
    #expect(fixture.send(.request(9, .save(.member))) == [.reply(9, .restarting)])
    let effects = fixture.send(.appended(through: 1, sequence: 2))
    #expect(effects.contains(.close(1, .restarting)))
    #expect(effects.last == .unload)
  }
}
