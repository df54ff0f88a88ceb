import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Members whose permission changes, and members who are known.
@Suite struct RoomAccessTests {
  private static let ada = Actor(type: "user", id: "7", name: "Ada")
  private static let reason = "you may read this document and not change it"

  @Test func whoBecomesAReaderIsToldAndWritesNothingMore() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    let first = try fixture.update(of: doc) { try doc.map("workflow").set("name", "one") }
    let second = try fixture.update(of: doc) { try doc.map("workflow").set("name", "two") }
    _ = fixture.send(.message(1, .update(first)))
    #expect(fixture.send(.permit(1, writing: false)) == [.send(1, .permissionDenied(reason: Self.reason))])
    #expect(fixture.send(.permit(1, writing: false)) == [], "nothing has changed")
    // What it wrote before is acknowledged all the same, until it writes again.
    #expect(fixture.send(.message(1, .syncStatus([1]))) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)).messages(to: 1) == [.syncStatus([1])])
    #expect(fixture.send(.message(1, .update(second))) == [.send(1, .permissionDenied(reason: Self.reason))])
    #expect(fixture.send(.message(1, .syncStatus([2]))) == [])
  }

  @Test func whoMayWriteAgainIsAskedForWhatItHas() throws {
    var fixture = RoomFixture.serving(members: [2])
    _ = fixture.send(.join(1, isReadOnly: true))
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "one") }
    _ = fixture.send(.message(1, .update(update)))
    let asked = fixture.send(.permit(1, writing: true))
    guard case .syncStep1? = asked.messages(to: 1).first else { return #expect(Bool(false), "\(asked)") }
    let effects = fixture.send(.message(1, .syncStep2(update)))
    #expect(effects.contains(.broadcast(.update(update), except: 1)), "\(effects)")
    #expect(effects.contains(.append(update, index: 1, by: .member)), "\(effects)")
    _ = fixture.send(.message(1, .syncStatus([1])))
    #expect(fixture.send(.appended(through: 1, sequence: 2)).messages(to: 1) == [.syncStatus([1])])
  }

  @Test func aSavedVersionStaysAsItIs() {
    var fixture = RoomFixture(version: 3)
    _ = fixture.send(.join(1, isReadOnly: true))
    _ = fixture.send(.versionLoaded(fixture.rows))
    #expect(fixture.send(.permit(1, writing: true)) == [])
  }

  @Test func whoIsKnownWritesInHisName() throws {
    var fixture = RoomFixture.serving(members: [2])
    _ = fixture.send(.join(1, isReadOnly: false, actor: Self.ada))
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "one") }
    // Whatever its client shows of itself.
    var client = ClientAwareness(client: 77)
    _ = fixture.send(.message(1, .awareness(client.show(#"{"user": {"name": "Mallory"}}"#))))
    #expect(fixture.send(.message(1, .update(update))).contains(.append(update, index: 1, by: Self.ada)))
  }
}
