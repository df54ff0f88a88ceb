import Rooms
import Testing

@testable import YProtocol

/// What members of other servers show.
@Suite struct RoomElsewhereTests {
  private let node: MemberID = 1 << 52 | 3

  private static var configuration: RoomConfiguration {
    var configuration = RoomConfiguration()
    configuration.showsElsewhere = true
    return configuration
  }

  private func update(_ client: UInt64, _ clock: UInt64, _ state: String?) -> [UInt8] {
    var writer = ByteWriter(capacity: 32)
    writer.write(varUInt: 1)
    writer.write(varUInt: client)
    writer.write(varUInt: clock)
    writer.write(varString: state ?? "null")
    return writer.bytes
  }

  private func shown(_ effects: [Room.Effect]) -> [[UInt8]] {
    effects.compactMap { if case .show(let update) = $0 { update } else { nil } }
  }

  @Test func whatMembersShowIsToldOnceThereIsTime() {
    var fixture = RoomFixture.serving(members: [1, 2], configuration: Self.configuration)
    let effects = fixture.send(.message(1, .awareness(update(11, 1, "{}"))))
    #expect(effects == [.wantsToShow, .broadcast(.awareness(update(11, 1, "{}")), except: nil)])
    // More of it meanwhile is told together.
    #expect(!fixture.send(.message(1, .awareness(update(11, 2, "[]")))).contains(.wantsToShow))
    #expect(fixture.send(.mayShow) == [.show(update(11, 2, "[]"))])
    #expect(fixture.send(.mayShow) == [])
    // Who leaves is told of as well.
    #expect(fixture.send(.leave(1)).contains(.wantsToShow))
    #expect(fixture.send(.mayShow) == [.show(update(11, 2, nil))])
  }

  @Test func whatOthersShowReachesMembersAndGoesNoFurther() {
    var fixture = RoomFixture.serving(members: [1], configuration: Self.configuration)
    let theirs = update(77, 1, #"{"user":{"name":"Ada"}}"#)
    #expect(fixture.send(.shownElsewhere(theirs, by: node)) == [.broadcast(.awareness(theirs), except: nil)])
    #expect(fixture.send(.mayShow) == [] && fixture.send(.askedWhoIsThere) == [])
    // Who comes later sees them, and they do not count as members here.
    #expect(fixture.send(.join(2, isReadOnly: false)).messages(to: 2).contains(.awareness(theirs)))
    #expect(fixture.room.memberNames == [])
    #expect(fixture.send(.nodeGone(node)) == [.broadcast(.awareness(update(77, 1, nil)), except: nil)])
    #expect(fixture.send(.nodeGone(node)) == [])
  }

  @Test func whoOpensADocumentAsksAndIsAnswered() {
    var fixture = RoomFixture(configuration: Self.configuration)
    _ = fixture.send(.join(1, isReadOnly: false))
    #expect(fixture.send(.loaded(fixture.stored)).contains(.askWhoIsThere))
    _ = fixture.send(.message(1, .awareness(update(11, 1, "{}"))))
    _ = fixture.send(.mayShow)
    #expect(fixture.send(.askedWhoIsThere) == [.wantsToShow])
    #expect(fixture.send(.mayShow) == [.show(update(11, 1, "{}"))])
  }

  @Test func muchIsToldInPieces() throws {
    var configuration = Self.configuration
    configuration.maximumShownBytes = 300
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let state = "\"" + String(repeating: "x", count: 100) + "\""
    for client in UInt64(1)...20 { _ = fixture.send(.message(1, .awareness(update(client, 1, state)))) }
    let pieces = shown(fixture.send(.mayShow))
    #expect(pieces.count == 10 && pieces.allSatisfy { $0.count <= 300 })
    var other = Awareness()
    for piece in pieces { _ = try other.apply(piece, from: node, as: .server, now: 0) }
    #expect(other.clients == Array(1...20))
  }

  @Test func whatCannotBeReadAndWhatIsNotAskedForDoesNothing() {
    var fixture = RoomFixture.serving(members: [1], configuration: Self.configuration)
    for bytes in [[], [9], [1, 5], [255, 255, 255, 255, 255, 255]] as [[UInt8]] {
      #expect(fixture.send(.shownElsewhere(bytes, by: node)) == [])
    }
    var alone = RoomFixture.serving(members: [1])
    #expect(alone.send(.shownElsewhere(update(77, 1, "{}"), by: node)) == [])
    #expect(!alone.send(.message(1, .awareness(update(11, 1, "{}")))).contains(.wantsToShow))
  }

  @Test func aDisputedClientIsTold() {
    var fixture = RoomFixture.serving(members: [1], configuration: Self.configuration)
    _ = fixture.send(.message(1, .awareness(update(11, 4, "{}"))))
    #expect(fixture.send(.shownElsewhere(update(11, 4, nil), by: node)) == [.send(1, .awareness(update(11, 4, nil)))])
    // What a server says that another one knows to be gone is answered.
    _ = fixture.send(.shownElsewhere(update(77, 1, "{}"), by: node))
    _ = fixture.send(.nodeGone(node))
    #expect(fixture.send(.shownElsewhere(update(77, 1, "{}"), by: node)) == [.show(update(77, 1, nil))])
  }
}
