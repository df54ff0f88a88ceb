import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// What members send before it is their turn, and what reaches them when.
@Suite struct RoomOrderTests {
  private func rename(_ doc: Doc, _ name: String, _ fixture: RoomFixture) throws -> [UInt8] {
    try fixture.update(of: doc) { try doc.map("workflow").set("name", .string(name)) }
  }

  private func appends(_ effects: [Room.Effect]) -> [[UInt8]] {
    effects.compactMap { if case .append(let update, _, _) = $0 { update } else { nil } }
  }

  @Test func whatWaitsBeforeTheDocumentIsLoadedIsBounded() {
    var configuration = RoomConfiguration()
    configuration.maximumEarlyBytes = 1_000
    var fixture = RoomFixture(configuration: configuration)
    _ = fixture.send(.join(1, isReadOnly: false))
    #expect(fixture.send(.message(1, .update([UInt8](repeating: 7, count: 600)))) == [])
    let effects = fixture.send(.message(1, .update([UInt8](repeating: 7, count: 600))))
    guard case .close(1, .tryAgainLater)? = effects.first else { return #expect(Bool(false), "\(effects)") }
    #expect(fixture.room.memberCount == 0)
  }

  @Test func whatCameFirstIsTakenInFirst() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let known = doc.stateVector
    _ = try rename(doc, "offline", fixture)
    let offline = doc.encodeStateAsUpdate(since: known)
    let online = try rename(doc, "online", fixture)
    let other = try fixture.replica(clientID: 78)
    let copied = try fixture.update(of: other) { try other.map("positions").set("a", 1) }
    #expect(fixture.send(.message(1, .update(online))) == [])
    #expect(fixture.send(.message(1, .update(copied))) == [], "it stands behind what waits")
    #expect(appends(fixture.send(.message(1, .syncStep2(offline)))) == [offline, online, copied])
  }

  /// What is only deleted does not tell that nothing is missing.
  @Test func whoDeletedSomethingFirstMayLackSomethingStill() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let deletion = try fixture.update(of: doc) { try doc.array("jobs")[0].map?["body"]?.text?.remove(0..<3) }
    #expect(appends(fixture.send(.message(1, .update(deletion)))) == [deletion])
    _ = try rename(doc, "offline", fixture)
    #expect(fixture.send(.message(1, .update(try rename(doc, "online", fixture)))) == [])
  }

  @Test func aSavedVersionIsReadOnlyForEverybody() throws {
    var fixture = RoomFixture(version: 3)
    _ = fixture.send(.join(1, isReadOnly: false))
    let served = fixture.send(.versionLoaded(fixture.rows))
    #expect(!served.messages(to: 1).contains { if case .syncStep1 = $0 { true } else { false } })
    let doc = Doc(clientID: 77)
    let seed = WorkflowDocument.seed(name: fixture.room.name, epoch: 1, rows: fixture.rows)
    try doc.apply(seed.update)
    let effects = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    #expect(effects == [.send(1, .permissionDenied(reason: "this document is read-only"))])
  }

  @Test func whoHasLeftIsNotAcknowledged() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    #expect(fixture.send(.message(1, .syncStatus([1]))) == [])
    _ = fixture.send(.leave(1))
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [])
  }

  @Test func whoLaggedBeforeItHadTheDocumentGetsAllOfIt() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.lagging(1))
    guard case .syncStep2(let everything)? = fixture.send(.caughtUp(1)).messages(to: 1).first else {
      return #expect(Bool(false))
    }
    let doc = Doc()
    try doc.apply(everything)
    #expect(try WorkflowDocument.extract(doc) == fixture.rows.content)
  }
}
