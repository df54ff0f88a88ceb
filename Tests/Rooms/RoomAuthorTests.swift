import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Under whose name edits are stored.
@Suite struct RoomAuthorTests {
  private var fixture = RoomFixture.serving(members: [1, 2])
  private let doc: Doc

  init() throws { doc = try fixture.replica(clientID: 77) }

  /// Edits as a member, and returns as whom that is stored.
  private mutating func edit(as member: MemberID, of other: Doc? = nil) throws -> Actor? {
    let doc = other ?? doc
    let update = try fixture.update(of: doc) { try doc.map("errors").set("n", .int(Int64(doc.stateVector[77]))) }
    let actors = fixture.send(.message(member, .update(update))).compactMap { effect -> Actor? in
      if case .append(_, _, let author) = effect { author } else { nil }
    }
    #expect(actors.count == 1)
    return actors.first
  }

  private mutating func show(_ state: String?, as member: MemberID, client: inout ClientAwareness) {
    _ = fixture.send(.message(member, .awareness(client.show(state))))
    fixture.now += 2000
  }

  @Test mutating func whoShowsNoNameIsAMember() throws {
    #expect(try edit(as: 1) == .member)
    var client = ClientAwareness(client: 77)
    show(#"{"cursor": 1}"#, as: 1, client: &client)
    #expect(try edit(as: 1) == .member)
  }

  @Test mutating func theNameIsTheOneThatTheMembersClientShows() throws {
    var (ada, bob) = (ClientAwareness(client: 77), ClientAwareness(client: 78))
    show(#"{"user": {"name": "Ada"}}"#, as: 1, client: &ada)
    show(#"{"user": "Bob"}"#, as: 2, client: &bob)
    #expect(try edit(as: 1)?.name == "Ada")
    // Whoever brings an edit is who it is by, whatever client id it is under, but that of somebody else who is here.
    #expect(try edit(as: 2, of: fixture.replica(clientID: 79))?.name == "Bob")
    show(#"{"user": {"name": "Ada L."}}"#, as: 1, client: &ada)
    #expect(try edit(as: 1)?.name == "Ada L.")
    show(#"{"user": {"name": "\#(String(repeating: "a", count: 5000))"}}"#, as: 1, client: &ada)
    #expect(try edit(as: 1)?.name?.count == 200)
  }

  /// Clients pass on what others show as well.
  @Test mutating func whoPassesOnWhatOthersShowStaysWhoItIs() throws {
    var (ada, bob) = (ClientAwareness(client: 77), ClientAwareness(client: 78))
    show(#"{"user": {"name": "Ada"}}"#, as: 1, client: &ada)
    show(#"{"user": {"name": "Bob"}}"#, as: 1, client: &bob)
    #expect(try edit(as: 1)?.name == "Ada")
  }

  @Test mutating func whoComesBackHasTheNameAtOnce() throws {
    var ada = ClientAwareness(client: 77)
    show(#"{"user": {"name": "Ada"}}"#, as: 1, client: &ada)
    #expect(try edit(as: 1)?.name == "Ada")
    _ = fixture.send(.leave(1))
    _ = fixture.send(.join(3, isReadOnly: false))
    // Its first word is outdated: it is told so, and says it again under a newer clock a moment later.
    let again = try #require(
      ada.local.map { state in
        var fresh = ClientAwareness(client: 77)
        return fresh.show(state)
      })
    _ = fixture.send(.message(3, .awareness(again)))
    _ = fixture.send(.message(3, .syncStep2(StateVector().encoded() + [0])))
    #expect(try edit(as: 3)?.name == "Ada")
  }

  @Test mutating func aSaveSaysWhatItCovers() throws {
    _ = try edit(as: 1)
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.request(1, .save(Actor(type: "api"))))
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.covered?[77] == doc.stateVector[77])
    #expect(commit.covered?[fixture.seed.clientID] == commit.serverClock)
  }
}
