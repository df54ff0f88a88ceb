import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What becomes of members of another history while they go on working.
extension RoomLineageTests {
  /// A room in which member 2 belongs to another history and has sent all that it has.
  private func setAside() throws -> (fixture: RoomFixture, tab: Doc) {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    #expect(drafts(fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))).count == 1)
    return (fixture, tab)
  }

  private func rename(_ tab: Doc, _ name: String, _ fixture: RoomFixture) throws -> [UInt8] {
    try fixture.update(of: tab) { try tab.map("workflow").set("name", .string(name)) }
  }

  @Test func whoIsSetAsideIsNotShownAnyMore() throws {
    var fixture = serving()
    _ = fixture.send(.message(2, .awareness([1, 5, 1, 2, 0x7B, 0x7D])))
    let effects = fixture.send(.message(2, .syncStep1(try earlier(fixture).stateVector.encoded())))
    #expect(effects.broadcasts.count == 1)
    #expect(fixture.send(.message(1, .queryAwareness)) == [])
  }

  /// Only what a member answers to step 1 tells whose document it has; and a reader who typed before the first sync would
  /// otherwise get no document.
  @Test func aReaderWhoseDocumentIsUnknownIsAskedForItAndGetsThisOne() throws {
    var fixture = serving(knowing: [])
    _ = fixture.send(.join(3, isReadOnly: true))
    let tab = Doc(clientID: 4711)
    try tab.transact { try tab.map("workflow").set("name", "Typed") }
    let step1 = Message.syncStep1(tab.stateVector.encoded())
    let asked = fixture.send(.message(3, step1)).messages(to: 3)
    #expect(asked.count == 1)
    guard case .syncStep1? = asked.first else { return #expect(Bool(false), "\(asked)") }
    let told = fixture.send(.message(3, .syncStep2(tab.encodeStateAsUpdate()))).messages(to: 3)
    #expect(told.contains { if case .syncStep2 = $0 { true } else { false } }, "\(told)")
    #expect(told.contains { if case .permissionDenied = $0 { true } else { false } }, "what he typed is not taken")
    let live = try fixture.replica(clientID: 78)
    #expect(live.map("workflow")["name"]?.value != "Typed")
  }

  @Test func aReaderWithAnEarlierDocumentIsToldApart() throws {
    var fixture = serving(knowing: [])
    _ = fixture.send(.join(3, isReadOnly: true))
    let tab = try earlier(fixture)
    _ = fixture.send(.message(3, .syncStep1(tab.stateVector.encoded())))
    let effects = fixture.send(.message(3, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(effects.contains(.setAside(3)))
    #expect(!effects.messages(to: 3).contains { if case .syncStep2 = $0 { true } else { false } })
  }

  @Test func whatItAskedBeforeItWasToldApartIsAnswered() throws {
    var fixture = serving(knowing: [])
    let tab = try earlier(fixture)
    let known = tab.stateVector
    _ = fixture.send(.message(2, .syncStep1(known.encoded())))
    _ = fixture.send(.message(2, .update(try rename(tab, "Typed", fixture))))
    #expect(fixture.send(.message(2, .syncStatus([4]))) == [])
    let everything = tab.encodeStateAsUpdate()
    #expect(fixture.send(.message(2, .syncStep2(everything))).contains(.setAside(2)))
    #expect(drafts(fixture.send(.message(2, .syncStep2(everything)))).count == 1)
    let told = fixture.send(.branchKept(2, .kept(record(3, fixture.rows.content), isNew: true)))
    #expect(told.messages(to: 2).contains(.syncStatus([4])))
  }

  @Test func nothingIsKeptBeforeEverythingIsThere() throws {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    let typed = try rename(tab, "Typed", fixture)
    _ = fixture.send(.message(2, .update(typed)))
    #expect(drafts(fixture.send(.tick)).isEmpty, "what it builds on is on its way")
    let draft = try #require(drafts(fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))).first)
    #expect(draft.updates.count == 2)
  }

  @Test func whoseContentIsRefusedIsNotTriedAgain() throws {
    var (fixture, tab) = try setAside()
    let told = fixture.send(.branchKept(2, .refused("there is no room"))).messages(to: 2)
    guard case .permissionDenied(let reason)? = told.first else { return #expect(Bool(false), "\(told)") }
    #expect(reason.contains("there is no room"))
    _ = fixture.send(.message(2, .update(try rename(tab, "Typed", fixture))))
    #expect(fixture.send(.message(2, .syncStatus([1]))) == [], "it is not kept")
    #expect(drafts(fixture.send(.tick)).isEmpty)
  }

  @Test func whatIsIncompleteIsAskedForAFewTimesAndThenRefused() throws {
    var (fixture, tab) = try setAside()
    for _ in 0..<3 {
      #expect(fixture.send(.branchKept(2, .incomplete)) == [.send(2, .syncStep1(StateVector().encoded()))])
      #expect(drafts(fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))).count == 1)
    }
    let told = fixture.send(.branchKept(2, .incomplete)).messages(to: 2)
    guard case .permissionDenied(let reason)? = told.first else { return #expect(Bool(false), "\(told)") }
    #expect(reason.contains("missing"))
  }

  @Test func whatWasMeantForADocumentThatIsReplacedHasTheRoomLookForTheOther() throws {
    var (fixture, _) = try setAside()
    #expect(fixture.send(.branchKept(2, .outdated)) == [.readLog(after: 1)])
    #expect(drafts(fixture.send(.tick)).count == 1, "it is not kept yet")
  }

  @Test func anUpdateWithoutContentIsNothingToKeep() throws {
    var (fixture, _) = try setAside()
    _ = fixture.send(.branchKept(2, .redundant(.equal)))
    #expect(fixture.send(.message(2, .update([0, 0]))) == [])
    #expect(fixture.send(.message(2, .syncStatus([1]))) == [.send(2, .syncStatus([1]))])
    #expect(drafts(fixture.send(.tick)).isEmpty)
  }

  @Test func aDrainingRoomKeepsWhatWasTypedSinceTheLastTick() throws {
    var (fixture, tab) = try setAside()
    _ = fixture.send(.branchKept(2, .redundant(.equal)))
    _ = fixture.send(.message(2, .update(try rename(tab, "Typed", fixture))))
    let effects = fixture.send(.drain)
    #expect(drafts(effects).count == 1)
    #expect(!effects.contains(.unload))
    _ = fixture.send(.branchKept(2, .kept(record(3, fixture.rows.content), isNew: true)))
    #expect(fixture.send(.tick).last == .unload)
  }

  @Test func whoHasLeftIsSentNothingMore() throws {
    var (fixture, _) = try setAside()
    _ = fixture.send(.leave(2))
    fixture.now += fixture.room.configuration.keepAliveInterval
    #expect(fixture.send(.tick).messages(to: 2).isEmpty)
  }

  @Test(arguments: [true, false])
  func whoLaggedIsNotSentTheDocumentOfAnotherHistory(isKnown: Bool) throws {
    var fixture = serving(knowing: isKnown ? [Self.earlierRoot] : [])
    _ = fixture.send(.message(2, .syncStep1(try earlier(fixture).stateVector.encoded())))
    _ = fixture.send(.lagging(2))
    #expect(fixture.send(.caughtUp(2)) == [])
  }

  /// Whoever was looked at once is not looked at again as long as only he writes.
  @Test func whoBringsAnotherHistoryAlongWithHisOwnEditsIsSetAside() throws {
    var fixture = serving()
    let tab = try fixture.replica(clientID: 9_000)
    _ = fixture.send(.message(2, .syncStep2([0, 0])))
    let typed = try rename(tab, "Typed", fixture)
    #expect(fixture.send(.message(2, .update(typed))).contains(.append(typed, index: 1)))
    let known = tab.stateVector
    _ = try rename(tab, "Typed again", fixture)
    try tab.apply(earlier(fixture).encodeStateAsUpdate())
    let effects = fixture.send(.message(2, .update(tab.encodeStateAsUpdate(since: known))))
    #expect(effects.contains(.setAside(2)))
    #expect(!hasDocument(effects))
  }

  /// Of another history it may be little that somebody brings: nothing of its beginning.
  @Test func whoBringsALaterPartOfAnotherHistoryIsSetAside() throws {
    var fixture = serving()
    let root = Doc(clientID: Self.earlierRoot)
    WorkflowDocument.populate(root, from: fixture.rows)
    let later = try rename(root, "Later", fixture)
    let effects = fixture.send(.message(2, .syncStep2(later)))
    #expect(effects.contains(.setAside(2)))
    #expect(!hasDocument(effects))
  }
}
