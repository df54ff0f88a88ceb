import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What a room does when the store is slow, wrong, away, or shared with other nodes.
@Suite struct RoomStoreTests {
  private func rename(_ doc: Doc, _ name: String, _ fixture: RoomFixture) throws -> [UInt8] {
    try fixture.update(of: doc) { try doc.map("workflow").set("name", .string(name)) }
  }

  @Test func whatIsLeftOverOfAnEarlyEditIsStored() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    // Of two people; of the second one the first edit is missing.
    let (one, two) = (try fixture.replica(clientID: 77), try fixture.replica(clientID: 78))
    _ = try rename(two, "missing", fixture)
    let known = two.stateVector
    _ = try fixture.update(of: two) { try two.map("positions").set("a", 1) }
    try one.apply(two.encodeStateAsUpdate(since: known))
    let vector = try fixture.replica(clientID: 79).stateVector
    _ = try fixture.update(of: one) { try one.map("positions").set("b", 2) }
    let update = one.encodeStateAsUpdate(since: vector, includingPending: true)
    let effects = fixture.send(.message(1, .syncStep2(update)))
    guard case .broadcast(.update(let news), _)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(news != update, "only what fits is passed on")
    #expect(effects.last == .append(update, index: 1), "but all of it is stored")
  }

  @Test func otherNodesEntriesAreReadAndPassedOn() throws {
    var fixture = RoomFixture.serving(members: [1])
    let (mine, theirs) = (try fixture.replica(clientID: 77), try fixture.replica(clientID: 78))
    let foreign = try rename(theirs, "Theirs", fixture)
    _ = fixture.send(.message(1, .update(try fixture.update(of: mine) { try mine.map("positions").set("a", 1) })))
    #expect(fixture.send(.appended(through: 1, sequence: 3)) == [.readLog(after: 1)])
    let effects = fixture.send(.logRead(fixture.tail([foreign], lastSequence: 3)))
    #expect(effects == [.broadcast(.update(foreign), except: nil)])
  }

  @Test func aHintAboutTheLogWaitsForOurOwnAppends() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    #expect(fixture.send(.logGrew(to: 2)) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [], "the hint was about our own entry")
    #expect(fixture.send(.logGrew(to: 3)) == [.readLog(after: 2)])
  }

  @Test func aHintThatCameTooEarlyIsNotForgotten() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    #expect(fixture.send(.logGrew(to: 3)) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [.readLog(after: 2)])
  }

  /// What is loaded may have been read before another node wrote what the hint is about.
  @Test func aHintThatComesDuringLoadingIsNotForgotten() {
    var fixture = RoomFixture()
    #expect(fixture.send(.join(1, isReadOnly: false)) == [.load])
    #expect(fixture.send(.logGrew(to: 2)) == [])
    #expect(fixture.send(.loaded(fixture.stored)).contains(.readLog(after: 1)))
  }

  @Test func noCheckpointIsTakenOfAStateWithAGap() throws {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = 1
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    let effects = fixture.send(.appended(through: 1, sequence: 5))
    #expect(effects == [.readLog(after: 1)])
  }

  @Test func aStoredUpdateThatCannotBeAppliedEndsTheRoomWithoutATrace() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    _ = fixture.send(.appended(through: 1, sequence: 3))
    let tail = fixture.tail([[1, 1, 255]], lastSequence: 3)
    let effects = fixture.send(.logRead(tail))
    guard case .close(1, .tryAgainLater)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(effects.dropFirst() == [.unload])
  }

  @Test func aRefusedAppendEndsTheRoom() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    let effects = fixture.send(.appendRefused("no such document"))
    #expect(effects.count == 2)
    #expect(effects.last == .unload)
  }

  @Test func aRoomWhoseDocumentIsGoneEnds() {
    var fixture = RoomFixture.serving(members: [1])
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    let effects = fixture.send(.documentGone)
    guard case .close(1, .tryAgainLater)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(effects.dropFirst() == [.unload, .askAgain(9, .save(.system))])
    #expect(fixture.send(.request(10, .reset(.member))) == [.askAgain(10, .reset(.member))], "it came too late")
  }

  /// It may have been made, so that it must not be made once more.
  @Test func aCommitUnderWayIsNotPutToTheNextRoom() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.message(1, .update(try rename(fixture.replica(clientID: 77), "Mine", fixture))))
    #expect(fixture.send(.request(9, .save(.member))) == [.readRows])
    _ = fixture.send(.request(10, .reset(.member)))
    let commit = fixture.send(.rowsRead(fixture.rows))
    #expect(commit.contains { if case .commit = $0 { true } else { false } })
    let effects = fixture.send(.documentGone)
    #expect(effects.contains(.reply(9, .unavailable)))
    #expect(effects.suffix(2) == [.unload, .askAgain(10, .reset(.member))])
  }

  /// Nothing but somebody who mends it helps: who asks is told what it is.
  @Test func whatTheStoreRefusesIsToldAndTriedAgainAfterALongWhile() {
    var fixture = RoomFixture.serving(members: [1])
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    #expect(fixture.send(.storeRefused("no room")) == [.reply(9, .failed("no room"))])
    fixture.now += fixture.room.configuration.maximumRetryDelay - 1
    #expect(fixture.send(.tick) == [])
    fixture.now += 1
    #expect(fixture.send(.tick) == [.readRows])
  }

  @Test func aRoomThatNobodyIsInDoesNotWaitForAStoreThatRefuses() {
    var fixture = RoomFixture()
    #expect(fixture.send(.request(9, .save(.system))) == [.load])
    #expect(fixture.send(.loaded(fixture.stored)).last == .readRows)
    #expect(fixture.send(.storeRefused("no room")) == [.reply(9, .failed("no room")), .unload])
  }

  @Test func aMergeOfABranchThatSomebodyDecidedAboutIsGivenUp() throws {
    var fixture = RoomFixture.serving(members: [1])
    var content = fixture.rows.content
    content.name = "Branch"
    let branch = BranchRecord(number: 1, content: content, base: fixture.rows.content, recordedAt: "", updatedAt: "")
    _ = fixture.send(.request(9, .recover(branch, .system)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    #expect(fixture.send(.commitRefused(.branchDecided)) == [.reply(9, .contended)])
  }

  @Test func afterACommitWithoutAnAnswerTheLogTellsWhetherItWasMade() throws {
    var fixture = RoomFixture.serving(members: [1])
    let base = fixture.stored.base
    fixture.changeRows { $0.name = "Imported" }
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(fixture.send(.storeFailed) == [])
    fixture.now += 1_000
    #expect(fixture.send(.tick) == [.readLog(after: 1)])
    // It was made.
    var merged = base
    merged.content = fixture.rows.content
    merged.revision = fixture.rows.revision
    let effects = fixture.send(
      .logRead(fixture.tail([commit.update], lastSequence: 2, base: merged, serverClock: commit.serverClock)))
    #expect(effects == [.broadcast(.update(commit.update), except: nil), .readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [], "it is not made twice")
  }

  @Test func whoIsOvertakenAgainAndAgainWaits() throws {
    var fixture = RoomFixture.serving(members: [1])
    let base = fixture.stored.base
    let unchanged = fixture.tail([], lastSequence: 1, base: base)
    fixture.changeRows { $0.name = "Imported" }
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.rowsRead(fixture.rows))
    #expect(fixture.send(.commitRefused(.stale)) == [.readLog(after: 1)], "once is bad luck")
    _ = fixture.send(.logRead(unchanged))
    _ = fixture.send(.rowsRead(fixture.rows))
    #expect(fixture.send(.commitRefused(.stale)) == [])
    fixture.now += 1_000
    #expect(fixture.send(.tick) == [.readLog(after: 1)])
    _ = fixture.send(.logRead(unchanged))
    _ = fixture.send(.rowsRead(fixture.rows))
    #expect(fixture.send(.commitRefused(.stale)) == [])
    fixture.now += 600
    #expect(fixture.send(.tick) == [], "each time longer")
  }

  @Test func aSaveThatIsAlwaysOvertakenIsGivenUp() throws {
    var configuration = RoomConfiguration()
    configuration.maximumAttempts = 2
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    #expect(fixture.send(.commitRefused(.stale)) == [.readLog(after: 2)])
    _ = fixture.send(.logRead(fixture.tail([], lastSequence: 2)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    #expect(fixture.send(.commitRefused(.stale)).contains(.reply(9, .contended)))
  }

  @Test func whileSomebodyWaitsTheDelaysAreShort() throws {
    var configuration = RoomConfiguration()
    configuration.retryDelay = 4_000
    configuration.maximumAwaitedRetryDelay = 3_000
    for isAwaited in [true, false] {
      var fixture = RoomFixture.serving(members: [1], configuration: configuration)
      let unchanged = fixture.tail([], lastSequence: 1, base: fixture.stored.base)
      fixture.changeRows { $0.name = "Imported" }
      _ = fixture.send(isAwaited ? .request(9, .save(.system)) : .rowsChanged)
      _ = fixture.send(.rowsRead(fixture.rows))
      _ = fixture.send(.commitRefused(.stale))
      _ = fixture.send(.logRead(unchanged))
      _ = fixture.send(.rowsRead(fixture.rows))
      #expect(fixture.send(.commitRefused(.stale)) == [])
      fixture.now += 2_999
      #expect(fixture.send(.tick) == [])
      fixture.now += 1
      #expect(fixture.send(.tick) == (isAwaited ? [.readLog(after: 1)] : []))
    }
  }

  /// Nobody waits for ever for a merge that others are always faster with, nor for longer than a request over HTTP may take.
  @Test func whoWaitsForAMergeThatIsAlwaysOvertakenIsAnswered() throws {
    var fixture = RoomFixture.serving(members: [1])
    let unchanged = fixture.tail([], lastSequence: 1, base: fixture.stored.base)
    fixture.changeRows { $0.name = "Imported" }
    let begin = fixture.now
    var effects = fixture.send(.request(9, .save(.system)))
    _ = fixture.send(.request(10, .save(.system)))
    var answered: [RequestID] = []
    while answered.count < 2, fixture.now - begin < 60_000 {
      for effect in effects {
        if case .reply(let request, .contended) = effect { answered.append(request) }
      }
      if effects.contains(.readRows) {
        effects = fixture.send(.rowsRead(fixture.rows))
      } else if !effects.commits.isEmpty {
        effects = fixture.send(.commitRefused(.stale))
      } else if effects.contains(.readLog(after: 1)) {
        effects = fixture.send(.logRead(unchanged))
      } else {
        fixture.now += 250
        effects = fixture.send(.tick)
      }
    }
    #expect(answered.sorted() == [9, 10])
    #expect(fixture.now - begin < 20_000)
  }

  @Test func rowsOlderThanTheBaseAreNotMergedAndDoNotSpin() {
    var fixture = RoomFixture.serving(members: [1])
    fixture.rows.revision = 29
    fixture.rows.content.name = "Old"
    _ = fixture.send(.rowsChanged)
    #expect(fixture.send(.rowsRead(fixture.rows)) == [])
    fixture.now += 1_000
    #expect(fixture.send(.tick) == [.readLog(after: 1)])
  }

  /// The database was set back for good. Whoever saves is not to wait for what does not come.
  @Test func whoSavesRowsThatStayOlderThanTheBaseIsAnswered() {
    var fixture = RoomFixture.serving(members: [1])
    let base = fixture.stored.base
    fixture.rows.revision = 29
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)) == [], "once, the look at the rows may have been overtaken")
    fixture.now += 1_000
    _ = fixture.send(.tick)
    _ = fixture.send(.logRead(fixture.tail([], lastSequence: 1, base: base)))
    guard case .reply(9, .failed(let why))? = fixture.send(.rowsRead(fixture.rows)).first else {
      return #expect(Bool(false))
    }
    #expect(why.contains("29") && why.contains("30"))
  }

  @Test func whoAsksDoesNotWaitForTheNextAttempt() {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.storeFailed)
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    #expect(fixture.send(.storeFailed) == [.reply(9, .unavailable)])
  }

  @Test func anAnswerThatNobodyWaitsForIsIgnored() {
    var fixture = RoomFixture.serving(members: [1])
    #expect(fixture.send(.storeFailed) == [])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [])
    #expect(fixture.send(.committed(CommitResult(lastSequence: 9, revision: 99, lockVersion: 9))) == [])
    #expect(fixture.send(.commitRefused(.stale)) == [])
    #expect(fixture.send(.logRead(fixture.tail([], lastSequence: 9))) == [])
    #expect(fixture.send(.loaded(fixture.stored)) == [])
  }

  /// Another node's commit can reach this one through a member before it does through the log.
  @Test func aCommitOfAnotherNodeThatAMemberBringsAlongIsNoneOfOurs() throws {
    var fixture = RoomFixture.serving(members: [1])
    let other = try fixture.replica(clientID: fixture.seed.clientID)
    let update = try rename(other, "Imported", fixture)
    _ = fixture.send(.message(1, .syncStep2(update)))
    fixture.changeRows { $0.name = "Imported twice" }
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.expectedServerClock == fixture.seed.clock, "compared with what was read from the store")
    #expect(commit.serverClock > other.stateVector[fixture.seed.clientID])
  }
}
