import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Another database answers than before, which may lack what was stored last.
@Suite struct RoomFailoverTests {
  private func edit(_ doc: Doc, _ key: String, _ fixture: RoomFixture) throws -> [UInt8] {
    try fixture.update(of: doc) { try doc.map("positions").set(key, 1) }
  }

  @Test func allThatTheRoomHasIsStoredOnceMoreBeforeItEnds() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try edit(doc, "stored", fixture))))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.message(1, .update(try edit(doc, "waiting", fixture))))
    let effects = fixture.send(.failedOver)
    guard case .append(let all, index: 3, by: .system)? = effects.first, effects.count == 1 else {
      return #expect(Bool(false), "\(effects)")
    }
    let loaded = Doc(clientID: 78)
    try loaded.apply(all)
    #expect(loaded.map("positions").contains("stored") && loaded.map("positions").contains("waiting"))
    // Somebody types on. That one is not waited for: whoever typed it was not told that it is stored, and brings it again.
    _ = fixture.send(.message(1, .update(try edit(doc, "later", fixture))))
    #expect(!fixture.send(.appended(through: 2, sequence: 2)).contains(.unload), "its number was given before")
    let end = fixture.send(.appended(through: 3, sequence: 3))
    #expect(end.contains(.unload) && end.contains { if case .close(1, .tryAgainLater) = $0 { true } else { false } })
    #expect(fixture.send(.appended(through: 4, sequence: 4)) == [])
  }

  @Test func nothingElseIsDoneInBetween() throws {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = 1
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    _ = fixture.send(.failedOver)
    #expect(fixture.send(.failedOver) == [], "once is enough")
    #expect(fixture.send(.rowsChanged) == [] && fixture.send(.replaced) == [])
    #expect(fixture.send(.request(1, .save(.member))) == [.reply(1, .unavailable)])
    let effects = fixture.send(.appended(through: 1, sequence: 2))
    #expect(!effects.contains { if case .checkpoint = $0 { true } else { false } })
    #expect(effects.last == .unload)
  }

  /// What was on its way when it happened is an answer of the database that is gone.
  @Test func aLogThatWasReadBeforeIsNotBelieved() throws {
    var fixture = RoomFixture.serving(members: [1])
    #expect(fixture.send(.logGrew(to: 2)) == [.readLog(after: 1)])
    _ = fixture.send(.failedOver)
    #expect(fixture.send(.logRead(fixture.tail([], lastSequence: 0))) == [], "what there is must be stored first")
    #expect(fixture.send(.appended(through: 1, sequence: 1)).last == .unload)
  }

  @Test func aRoomThatIsNotLoadedHasNothingToStore() {
    var fixture = RoomFixture()
    _ = fixture.send(.join(1, isReadOnly: false))
    #expect(fixture.send(.failedOver) == [])
    #expect(!fixture.send(.loaded(fixture.stored)).contains(.unload))
  }
}
