import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Rooms

/// What a room says of itself to those who run the server.
@Suite struct RoomReportTests {
  @Test func whoLagsOrWaitsOrOnlyReadsIsMarked() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    _ = fixture.send(.join(3, isReadOnly: true, actor: Actor(type: "user", id: "u", name: "Grace")))
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .syncStep2(doc.encodeStateAsUpdate())))
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.lagging(2))
    let report = fixture.room.report(maximumMembers: 3)
    #expect(report.phase == "serving" && report.memberCount == 3)
    #expect(report.members.map(\.isWaiting) == [true, false, false])
    #expect(report.members.map(\.isLagging) == [false, true, false])
    #expect(report.members.map(\.isReadOnly) == [false, false, true])
    #expect(report.members.last?.actor?.name == "Grace")
    #expect(report.pendingUpdates == 1 && report.pendingBytes == update.count)
    _ = fixture.send(.appended(through: 1, sequence: 2))
    let later = fixture.room.report(maximumMembers: 1)
    #expect(later.members.count == 1 && later.memberCount == 3 && later.members.first?.isWaiting == false)
    #expect(later.pendingUpdates == 0 && later.pendingBytes == 0 && later.sequence == 2 && later.behind == 0)
  }

  @Test func whatOtherServersWroteIsCountedUntilItIsRead() {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.logGrew(to: 9))
    #expect(fixture.room.report(maximumMembers: 1).behind == 8)
  }

  /// Whoever keeps the contents asks again only where the mark is another one.
  @Test func theMarkIsAnotherOneWhereTheContentsAre() throws {
    var fixture = RoomFixture(configuration: RoomConfiguration())
    #expect(fixture.room.contents == nil)
    var seen = [fixture.room.mark]
    func isNew(_ fixture: RoomFixture) -> Bool {
      defer { seen.append(fixture.room.mark) }
      return !seen.contains(fixture.room.mark)
    }
    fixture = RoomFixture.serving(members: [1])
    #expect(isNew(fixture))
    let before = try #require(fixture.room.contents)
    #expect(before.name == "Sync patients" && !before.isDirty)
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .syncStep2(doc.encodeStateAsUpdate())))
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(isNew(fixture))
    let after = try #require(fixture.room.contents)
    #expect(after.name == "Renamed" && after.isDirty && after.updateBytes > before.updateBytes)
  }
}
